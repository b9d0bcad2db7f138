/**
 * Events of the protocol tier and their payload words.
 *
 * | kind       | at          | a                | b          | c      |
 * |------------|-------------|------------------|------------|--------|
 * | arrive     | receiver    | sender's process | offset     | length |
 * | timer      | client      | local client     |            |        |
 * | begin      | client      | local client     |            |        |
 * | edge       | client      | local client     |            |        |
 * | disconnect | client      | local client     | life       |        |
 * | kill       | client      | local client     |            |        |
 * | submit     | sender      |                  |            |        |
 * | depart     | homeserver  | departure        | life       |        |
 * | work       | homeserver  | destination      | life       |        |
 * | late       | homeserver  | exchange         | life       |        |
 * | restart    | homeserver  |                  |            |        |
 */
import { kind } from '../kernel/engine.ts';

export const kinds = {
  arrive: kind(0, 0),
  timer: kind(0, 1),
  begin: kind(0, 2),
  edge: kind(0, 3),
  disconnect: kind(0, 4),
  kill: kind(0, 5),
  submit: kind(0, 6),
  depart: kind(0, 7),
  work: kind(0, 8),
  late: kind(0, 9),
  restart: kind(0, 10),
} as const;
