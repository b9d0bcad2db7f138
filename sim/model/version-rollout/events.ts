/**
 * Events of the rollout model. Nothing crosses logical processes: when a homeserver speaks what is
 * known to all from the start of the run, and a fetched document says what is true when it is
 * fetched.
 *
 * | kind    | what happens                                            | a                |
 * |---------|---------------------------------------------------------|------------------|
 * | fetch   | the homeserver's document of another one has to be renewed | other homeserver |
 * | leaf    | a member renews its leaf, which now says version 2      | group            |
 * | own     | the homeserver itself begins or ceases to speak version 2 |                |
 * | request | a client asks another homeserver for something          |                  |
 */
import { kind } from '../../kernel/engine.ts';

export const kinds = {
  fetch: kind(0, 0),
  leaf: kind(0, 1),
  own: kind(0, 2),
  request: kind(0, 3),
} as const;
