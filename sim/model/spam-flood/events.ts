/**
 * Events of the flood model; all of them concern one client of the logical process.
 *
 * | kind    | what happens                                            | a      |
 * |---------|---------------------------------------------------------|--------|
 * | arrive  | a message of a group reaches the client's queue service | group  |
 * | added   | an attacker adds the client to a group                  | client |
 * | invited | somebody adds the client to a group it wants            | client |
 * | session | the app comes to the foreground, or leaves it           | client |
 * | decide  | the user looks through new groups                       | client |
 * | wake    | the system lets the app run in the background           | client |
 * | fetch   | the app sends its next dequeue request                  | client |
 */
import { kind } from '../../kernel/engine.ts';

export const kinds = {
  arrive: kind(0, 0),
  added: kind(0, 1),
  invited: kind(0, 2),
  session: kind(0, 3),
  decide: kind(0, 4),
  wake: kind(0, 5),
  fetch: kind(0, 6),
} as const;

/** Groups of one client; a group's number is client x this + its index. */
export const maxGroupsPerClient = 4096;
