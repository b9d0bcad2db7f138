/**
 * The engine of one thread: pending events of the LPs it owns, in one of two forms, and the loop
 * that runs them.
 *
 * - *windowed*: `WindowStore`; each window is run LP by LP (`runWindow`). Needs a lookahead.
 * - *ordered*: a queue in the total order (`runOrdered`): bucketed, or the reference heap.
 *
 * Both execute the events of every LP in the same order, so digest and results do not depend on the
 * form, and a run may change form on the way (`useForm`).
 *
 * House rules broken: the scheduling path is one class with wide argument lists and copied fields.
 * Events are 50 to 100 ns all in; an object per event costs 40 ns, a megamorphic call 10.
 */

import { absorb, createLanes, digestOf, type DigestSums } from './digest.ts';
import {
  checkPlan,
  checkTime,
  type EventPlace,
  tooClose,
  unknownLp,
  zeroDelayLoop,
} from './checks.ts';
import type { Engine, Model } from './engine.ts';
import { KernelBugError } from './errors.ts';
import { BucketedQueue } from './queue/bucketed-queue.ts';
import type { ChunkPool } from './queue/chunk-pool.ts';
import { HeapQueue } from './queue/heap-queue.ts';
import type { OrderedQueue } from './queue/ordered-queue.ts';
import { KIND, LINK, PAYLOAD, SEQUENCE, SOURCE, TARGET } from './queue/records.ts';
import { WindowStore } from './queue/window-store.ts';
import { sortChain } from './queue/sort-chain.ts';

/** The forms that pending events can take. */
export type QueueForm = 'window' | 'bucketed' | 'heap';

/** Where events for LPs of other workers go. */
export interface Outbox {
  // eslint-disable-next-line max-params -- one event by value, without an object
  send(
    worker: number,
    timeNs: number,
    target: number,
    source: number,
    sequence: number,
    kind: number,
    a: number,
    b: number,
    c: number,
  ): void;
}

export interface KernelOptions {
  readonly lps: number;
  readonly lookaheadNs: number;
  readonly endNs: number;
  readonly payloadWords: 0 | 1 | 2 | 3;
  readonly form: QueueForm;
  /** Worker of each LP, and which one this is; absent when all LPs are here. */
  readonly partition?: {
    readonly owner: Uint8Array;
    readonly self: number;
    readonly outbox: Outbox;
  };
  /** Events without delay at one instant after which a loop is assumed. Default 10 million. */
  readonly zeroDelayMax?: number;
}

const ZERO_DELAY_MAX = 10_000_000;

/**
 * A field that starts as a fraction is kept as a double by V8; one that starts as 0 is rebuilt
 * later.
 */
const DOUBLE = 0.5;

export class Kernel implements Engine {
  nowNs = DOUBLE;
  /** Events executed. */
  events = 0;
  /** Smallest delay seen between different LPs; Infinity when there was none. */
  lookaheadSeenNs = Infinity;
  form: QueueForm;
  private readonly lps: number;
  private readonly lookaheadNs: number;
  private readonly endNs: number;
  private readonly payloadWords: number;
  private readonly zeroDelayMax: number;
  private readonly owner: Uint8Array | null;
  private readonly self: number;
  private readonly outbox: Outbox | null;
  private model: Model<unknown> | null = null;
  /** LP of the event being handled. */
  private current = 0;
  private readonly sequences: Int32Array;
  private readonly lanes: Int32Array;
  private store: WindowStore | null = null;
  private ordered: OrderedQueue | null = null;
  /** Windowed: events of the running LP for itself within the open window. */
  private readonly near: HeapQueue;
  /** Windowed: the end of the open window; events before it go to `near`. */
  private windowEndNs = DOUBLE;
  /** Windowed: first record of each LP's chain in the open window, and the LPs that have one. */
  private readonly heads: Int32Array;
  private readonly touched: Int32Array;
  private starting = true;
  private zeroDelayAtNs = -DOUBLE;
  private zeroDelays = 0;

  constructor(options: KernelOptions) {
    checkPlan(options);
    this.lps = options.lps;
    this.lookaheadNs = options.lookaheadNs;
    this.endNs = options.endNs;
    this.payloadWords = options.payloadWords;
    this.zeroDelayMax = options.zeroDelayMax ?? ZERO_DELAY_MAX;
    this.owner = options.partition?.owner ?? null;
    this.self = options.partition?.self ?? 0;
    this.outbox = options.partition?.outbox ?? null;
    this.sequences = new Int32Array(options.lps);
    this.lanes = createLanes(options.lps);
    this.near = new HeapQueue(options.payloadWords);
    this.heads = new Int32Array(options.lps);
    this.touched = new Int32Array(options.lps);
    this.form = options.form;
    this.nowNs = 0;
    this.windowEndNs = 0;
    this.create(options.form);
  }

  private create(form: QueueForm): void {
    this.form = form;
    this.store =
      form === 'window' ? new WindowStore(this.payloadWords, this.lookaheadNs, this.endNs) : null;
    if (form === 'window') this.ordered = null;
    else if (form === 'heap') this.ordered = new HeapQueue(this.payloadWords);
    else this.ordered = new BucketedQueue(this.payloadWords);
  }

  /** Calls `start` of the model for the given LPs, ascending. */
  start(model: Model<unknown>, lps: Int32Array): void {
    this.model = model;
    this.starting = true;
    for (const lp of lps) {
      this.current = lp;
      model.start(lp);
    }
    this.starting = false;
  }

  schedule(lp: number, timeNs: number, kind: number, a: number, b: number, c: number): void {
    const now = this.nowNs;
    const source = this.current;
    if (!(timeNs > now) || timeNs > this.endNs || Math.floor(timeNs) !== timeNs) {
      if (!this.unusualTime(lp, timeNs, kind)) return;
    }
    if (lp !== source) {
      if (lp >>> 0 !== lp || lp >= this.lps)
        throw unknownLp(this.placeOf(lp, timeNs, kind), this.lps);
      const delay = timeNs - now;
      if (delay < this.lookaheadNs)
        throw tooClose(this.placeOf(lp, timeNs, kind), this.lookaheadNs);
      if (delay < this.lookaheadSeenNs) this.lookaheadSeenNs = delay;
    }
    const sequence = this.sequences[source]!;
    this.sequences[source] = sequence + 1;
    const owner = this.owner;
    if (owner !== null && owner[lp] !== this.self) {
      this.outbox!.send(owner[lp]!, timeNs, lp, source, sequence, kind, a, b, c);
    } else if (this.store === null) {
      this.ordered!.push(timeNs, lp, source, sequence, kind, a, b, c);
    } else if (timeNs < this.windowEndNs) {
      this.near.push(timeNs, lp, source, sequence, kind, a, b, c);
    } else {
      this.store.put(timeNs, lp, source, sequence, kind, a, b, c);
    }
  }

  /** Takes an event that another worker sent. Only between windows. */
  // eslint-disable-next-line max-params -- one event by value, without an object
  receive(
    timeNs: number,
    target: number,
    source: number,
    sequence: number,
    kind: number,
    a: number,
    b: number,
    c: number,
  ): void {
    if (this.store !== null) this.store.put(timeNs, target, source, sequence, kind, a, b, c);
    else this.ordered!.push(timeNs, target, source, sequence, kind, a, b, c);
  }

  /**
   * Sorts out a time that is not simply later than now: throws, or says whether to keep the event.
   * Events after the end are dropped (their sequence is not counted, on any worker alike).
   */
  private unusualTime(lp: number, timeNs: number, kind: number): boolean {
    if (timeNs === this.nowNs) {
      this.countZeroDelay(lp, kind);
    } else {
      checkTime(this.placeOf(lp, timeNs, kind));
    }
    return timeNs <= this.endNs;
  }

  /** What the messages of errors tell about an event. */
  private placeOf(lp: number, timeNs: number, kind: number): EventPlace {
    return { lp, timeNs, kind, sourceLp: this.current, nowNs: this.nowNs };
  }

  private countZeroDelay(lp: number, kind: number): void {
    if (this.starting) return;
    if (this.zeroDelayAtNs !== this.nowNs) {
      this.zeroDelayAtNs = this.nowNs;
      this.zeroDelays = 0;
    }
    if (++this.zeroDelays <= this.zeroDelayMax) return;
    throw zeroDelayLoop(this.zeroDelays, this.placeOf(lp, this.nowNs, kind));
  }

  /** Time of the next event in the ordered forms; Infinity when there is none. */
  nextTimeNs(): number {
    return this.ordered!.minTimeNs();
  }

  /**
   * A lower bound of the next window with events, from `window` on; Infinity when there is none.
   */
  nextWindow(window: number): number {
    if (this.store !== null) return this.store.nextWindow(window);
    return Math.floor(this.ordered!.minTimeNs() / this.lookaheadNs);
  }

  /** Ordered forms: runs events before `untilNs`, at most `eventsMax`; returns how many. */
  runOrdered(untilNs: number, eventsMax: number): number {
    const queue = this.ordered!;
    const model = this.model!;
    let n = 0;
    while (n < eventsMax && queue.minTimeNs() < untilNs) {
      const at = queue.pop();
      const ints = queue.ints;
      this.execute(model, queue.doubles, ints, at, ints[at * 2 + TARGET]!);
      n++;
    }
    this.events += n;
    return n;
  }

  /**
   * Hashes and handles the event at word `at`. Reads all of it before the handler may overwrite it.
   */
  private execute(
    model: Model<unknown>,
    doubles: Float64Array,
    ints: Int32Array,
    at: number,
    lp: number,
  ): void {
    const half = at * 2;
    const timeNs = doubles[at]!;
    if (timeNs < this.nowNs) throw this.timeWentBack(lp, timeNs);
    const kind = ints[half + KIND]!;
    const lanes = this.lanes;
    const payload = this.payloadWords;
    let even = absorb(absorb(lanes[lp * 2]!, ints[half]!), ints[half + SOURCE]!);
    let odd = absorb(absorb(lanes[lp * 2 + 1]!, ints[half + 1]! ^ kind), ints[half + SEQUENCE]!);
    let a = 0;
    let b = 0;
    let c = 0;
    if (payload > 0) {
      a = doubles[at + PAYLOAD]!;
      even = absorb(even, ints[half + 2 * PAYLOAD]!);
      odd = absorb(odd, ints[half + 2 * PAYLOAD + 1]!);
      if (payload > 1) {
        b = doubles[at + PAYLOAD + 1]!;
        even = absorb(even, ints[half + 2 * PAYLOAD + 2]!);
        odd = absorb(odd, ints[half + 2 * PAYLOAD + 3]!);
        if (payload > 2) {
          c = doubles[at + PAYLOAD + 2]!;
          even = absorb(even, ints[half + 2 * PAYLOAD + 4]!);
          odd = absorb(odd, ints[half + 2 * PAYLOAD + 5]!);
        }
      }
    }
    lanes[lp * 2] = even;
    lanes[lp * 2 + 1] = odd;
    this.nowNs = timeNs;
    this.current = lp;
    model.handle(lp, kind, a, b, c);
  }

  private timeWentBack(lp: number, timeNs: number): KernelBugError {
    return new KernelBugError(
      `time of LP ${lp} went back from ${this.nowNs} ns to ${timeNs} ns: please report this`,
    );
  }

  /** Runs all events of one window; returns how many. Windows must ascend. */
  runWindow(window: number): number {
    const store = this.store;
    if (store === null) return this.runOrdered((window + 1) * this.lookaheadNs, Infinity);
    store.advance(window);
    const cursor = store.takeCurrent();
    if (cursor === 0) return 0;
    const startNs = window * this.lookaheadNs;
    this.windowEndNs = startNs + this.lookaheadNs;
    const lps = this.linkWindow(store.pool, cursor);
    const model = this.model!;
    const touched = this.touched;
    const heads = this.heads;
    let n = 0;
    for (let i = 0; i < lps; i++) {
      const lp = touched[i]!;
      const head = heads[lp]!;
      heads[lp] = 0;
      this.nowNs = startNs;
      n += this.runChain(store.pool, model, lp, head);
    }
    this.events += n;
    store.release(cursor, this.linked);
    return n;
  }

  /** Records in the open window. */
  private linked = 0;

  /** Chains the records of a window by LP, in no order; returns how many LPs have some. */
  private linkWindow(pool: ChunkPool, cursor: number): number {
    const ints = pool.ints;
    const words = pool.words;
    const heads = this.heads;
    const touched = this.touched;
    let lps = 0;
    let count = pool.lastCount(cursor);
    let linked = 0;
    for (let chunk = pool.lastChunk(cursor); chunk !== 0; chunk = pool.chunkBefore(chunk)) {
      let at = pool.firstWord(chunk);
      linked += count;
      for (let i = 0; i < count; i++) {
        const half = at * 2;
        const lp = ints[half + TARGET]!;
        const head = heads[lp]!;
        if (head === 0) touched[lps++] = lp;
        ints[half + LINK] = head;
        heads[lp] = at;
        at += words;
      }
      count = pool.chunkRecords;
    }
    this.linked = linked;
    return lps;
  }

  /** Runs one LP through the open window: its chain, merged with what it schedules for itself. */
  private runChain(pool: ChunkPool, model: Model<unknown>, lp: number, head: number): number {
    const near = this.near;
    // The pool may grow while we run; the old buffer stays a true copy of the open window.
    const doubles = pool.doubles;
    const ints = pool.ints;
    let at = ints[head * 2 + LINK] === 0 ? head : sortChain(doubles, ints, head);
    let n = 0;
    while (at !== 0 || near.size > 0) {
      if (near.size > 0 && (at === 0 || near.topComesBefore(doubles, ints, at))) {
        const position = near.pop();
        this.execute(model, near.doubles, near.ints, position, lp);
      } else {
        const next = ints[at * 2 + LINK]!;
        this.execute(model, doubles, ints, at, lp);
        at = next;
      }
      n++;
    }
    return n;
  }

  /**
   * Moves all pending events, none before window `from`, into another form. Not while a window is
   * open.
   */
  useForm(form: QueueForm, from: number): void {
    if (form === this.form) return;
    const { store, ordered } = this;
    this.create(form);
    this.windowEndNs = 0;
    if (ordered !== null) {
      this.store?.advance(from);
      while (ordered.size > 0) this.moveIn(ordered.doubles, ordered.ints, ordered.pop());
    }
    store?.drain((at) => this.moveIn(store.pool.doubles, store.pool.ints, at));
  }

  private moveIn(doubles: Float64Array, ints: Int32Array, at: number): void {
    const half = at * 2;
    const payload = this.payloadWords;
    this.receive(
      doubles[at]!,
      ints[half + TARGET]!,
      ints[half + SOURCE]!,
      ints[half + SEQUENCE]!,
      ints[half + KIND]!,
      payload > 0 ? doubles[at + PAYLOAD]! : 0,
      payload > 1 ? doubles[at + PAYLOAD + 1]! : 0,
      payload > 2 ? doubles[at + PAYLOAD + 2]! : 0,
    );
  }

  /** Fingerprint of the events run here. */
  digest(): DigestSums {
    return digestOf(this.lanes);
  }

  /** Pending events. */
  get pending(): number {
    return this.store !== null ? this.store.size : this.ordered!.size;
  }
}
