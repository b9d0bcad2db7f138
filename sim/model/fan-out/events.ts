/**
 * Events of the fan-out model and their three payload words.
 *
 * | kind           | at             | a                | b                | c       |
 * |----------------|----------------|------------------|------------------|---------|
 * | send           | sender         |                  |                  |         |
 * | request        | group's host   | group            | sender, bytes    | sent    |
 * | batch          | recipients     | group            | sender, bytes    | sent    |
 * | single         | recipient      | recipient, group | sender, bytes    | sent    |
 * | retry          | recipient      | recipient, group | sender, bytes    | sent    |
 * | deliver        | recipient      | recipient, group | sender, bytes    | sent    |
 * | wake           | client         | client           |                  |         |
 * | session-end    | client         | client           |                  |         |
 * | receipt-to-one | group's host   | group            | reader, receiver | read at |
 *
 * `request`, `batch`, `single`, `retry` and `deliver` have a twin for receipts, whose sender is the
 * reader of the message.
 */
import { kind } from '../../kernel/engine.ts';

export const kinds = {
  send: kind(0, 0),
  request: kind(0, 1),
  batch: kind(0, 2),
  single: kind(0, 3),
  retry: kind(0, 4),
  deliver: kind(0, 5),
  wake: kind(0, 6),
  sessionEnd: kind(0, 7),
  receiptToOne: kind(0, 8),
  requestAgain: kind(0, 9),
  requestLast: kind(0, 10),
  receiptRequest: kind(0, 17),
  receiptBatch: kind(0, 18),
  receiptSingle: kind(0, 19),
  receiptRetry: kind(0, 20),
  receiptDeliver: kind(0, 21),
} as const;

/** Added to a kind for its twin that carries a receipt. */
export const receiptTwin = 16;
