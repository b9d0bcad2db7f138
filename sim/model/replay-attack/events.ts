/**
 * Events of the replay model.
 *
 * | kind    | what happens                                     | a       |
 * |---------|--------------------------------------------------|---------|
 * | request | some client of the homeserver asks for something |         |
 * | replay  | the attacker sends a captured request again      | capture |
 * | restart | the homeserver restarts, its cache lost          |         |
 */
import { kind } from '../../kernel/engine.ts';

export const kinds = { request: kind(0, 0), replay: kind(0, 1), restart: kind(0, 2) } as const;
