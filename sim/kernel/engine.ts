/**
 * The contract between a model and the engine that drives it.
 *
 * A simulation is a set of logical processes (LPs), numbered 0..lps-1. An LP is the unit of
 * sequential execution and of partitioning (in the model tier: a homeserver with its clients and
 * groups). A handler touches only the state of the LP that it is called for; everything else is a
 * message, that is an event scheduled for another LP.
 *
 * **Invariant: total order.** Events of one LP run in the order (time, class, source LP, sequence
 * of the source). The sequence is counted per source LP, so two keys are never equal; an equal key
 * or time going back is a thrown `KernelBugError`.
 *
 * **Invariant: lookahead.** An event for another LP lies at least `lookaheadNs` after the event
 * that schedules it. An LP may schedule for itself at any time not before now (zero delay too).
 */

/** Simulated time in integer nanoseconds; exact up to 2^53 - 1, that is 104 days. */
export type SimTimeNs = number;

/**
 * Event kinds are small integers; the upper bits carry the class, which orders events of equal time
 * (lower class first). Use `kind(classIndex, code)`.
 */
export function kind(classIndex: number, code: number): number {
  return (classIndex << 8) | code;
}

/** What a model may ask of the engine. */
export interface Engine {
  /** Time of the event being handled; 0 during `start`. */
  readonly nowNs: SimTimeNs;
  /**
   * Schedules an event. `a`, `b`, `c` are numbers (integers or doubles) of the model's own meaning;
   * only the first `payloadWords` of the plan are kept.
   *
   * @throws {SimulationError} for times in the past, beyond 2^53-1 or non-integer, for LPs out of
   *   range, and for events to another LP closer than the lookahead.
   */
  // eslint-disable-next-line max-params -- one event is six numbers; an object per event would cost more than the event
  schedule(lp: number, timeNs: SimTimeNs, kind: number, a: number, b: number, c: number): void;
}

/** One instance per worker thread, holding the state of the LPs that the worker owns. */
export interface Model<Result> {
  /** Called once for every owned LP in ascending order, at time 0, to schedule its first events. */
  start(lp: number): void;
  handle(lp: number, kind: number, a: number, b: number, c: number): void;
  /** Called once after the last event at or before `endNs`. Must be structured-cloneable. */
  finish(): Result;
}

/** What the engine must know before it starts; computed once, on the thread that starts the run. */
export interface Plan<Shared> {
  readonly lps: number;
  /** Expected load per LP (any unit), for the balance of partitions. */
  readonly weights: Float64Array;
  /** Smallest delay between different LPs; must be > 0 when there is more than one worker. */
  readonly lookaheadNs: SimTimeNs;
  /** Events later than this are not run. */
  readonly endNs: SimTimeNs;
  /** How many of `a`, `b`, `c` the model uses. Fewer words, less memory traffic. */
  readonly payloadWords: 0 | 1 | 2 | 3;
  /** Read-mostly data for all workers: SharedArrayBuffers and structured-cloneable values. */
  readonly shared: Shared;
}

export interface ModelContext<Options, Shared> {
  readonly engine: Engine;
  readonly options: Options;
  readonly shared: Shared;
  /** The LPs this worker owns, ascending. */
  readonly ownedLps: Int32Array;
}

/**
 * A model module exports these three functions by name, so that worker threads can import it by
 * URL.
 * `merge` must not depend on how LPs were distributed over workers: accumulate integers, or floats
 * per LP merged in LP order.
 */
export interface ModelModule<Options, Shared, Result> {
  plan(options: Options): Plan<Shared>;
  create(context: ModelContext<Options, Shared>): Model<Result>;
  merge(parts: Result[], options: Options): Result;
}
