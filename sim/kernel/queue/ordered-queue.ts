/** A queue that yields events one by one in the total order. */

/**
 * Contract of the ordered queues; `conformance.test.ts` holds every implementation to it.
 *
 * `pop` returns the position (in words) of the smallest event in `doubles` and `ints`, laid out as
 * in records.ts. It stays readable until the next `push`.
 */
export interface OrderedQueue {
  readonly size: number;
  readonly doubles: Float64Array;
  readonly ints: Int32Array;
  // eslint-disable-next-line max-params -- one event by value, without an object
  push(
    timeNs: number,
    target: number,
    source: number,
    sequence: number,
    kind: number,
    a: number,
    b: number,
    c: number,
  ): void;
  /** Time of the smallest event; Infinity when empty. */
  minTimeNs(): number;
  /** Must not be called when empty. */
  pop(): number;
}
