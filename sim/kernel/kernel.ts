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
 * An object per event would cost about as much as the rest of the engine's work for it.
 *
 * **Inlining.** V8 inlines 920 bytecodes into a function, and what it does not inline it calls with
 * every double in a heap object of its own. So the path of the usual event is short, and the
 * unusual ones (checks that fail, payloads, other workers, the ordered forms) are calls. Measured
 * by PHOLD with 1,024 LPs: 13.6 instead of 9.0 million events/s.
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
import type { KernelOptions, Outbox, QueueForm } from './kernel-options.ts';
import { BucketedQueue } from './queue/bucketed-queue.ts';
import { HeapQueue } from './queue/heap-queue.ts';
import type { OrderedQueue } from './queue/ordered-queue.ts';
import { KIND, LINK, PAYLOAD, SEQUENCE, SOURCE, TARGET } from './queue/records.ts';
import { WindowChains } from './queue/window-chains.ts';
import { WindowStore } from './queue/window-store.ts';
import { sortChain } from './queue/sort-chain.ts';

export type { KernelOptions, Outbox, QueueForm };

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
  /** Windowed: end of the open window; earlier events go to `near`. Infinity in ordered forms. */
  private storeFromNs = DOUBLE;
  /** Windowed: the open window by LP. */
  private readonly chains: WindowChains;
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
    this.chains = new WindowChains(options.payloadWords, options.lps);
    this.form = options.form;
    this.nowNs = 0;
    this.create(options.form);
  }

  private create(form: QueueForm): void {
    this.form = form;
    this.storeFromNs = form === 'window' ? 0 : Infinity;
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
    if (lps.length > 0) this.chains.limit(lps[0]!, lps.at(-1)! + 1);
    for (const lp of lps) {
      this.current = lp;
      model.start(lp);
    }
    this.starting = false;
  }

  schedule(lp: number, timeNs: number, kind: number, a: number, b: number, c: number): void {
    const source = this.current;
    if (
      lp !== source &&
      (timeNs - this.nowNs < this.lookaheadSeenNs || lp >>> 0 !== lp || lp >= this.lps)
    ) {
      this.checkOther(lp, timeNs, kind);
    }
    if (
      timeNs >= this.storeFromNs &&
      timeNs <= this.endNs &&
      Math.floor(timeNs) === timeNs &&
      (this.owner === null || this.owner[lp] === this.self)
    ) {
      this.store!.put(timeNs, lp, source, this.sequences[source]!++, kind, a, b, c);
    } else {
      this.scheduleElsewhere(lp, timeNs, kind, a, b, c);
    }
  }

  /**
   * Events that are not simply for the window store: below the open window, for other workers, in
   * the ordered forms, and mistakes.
   */
  // eslint-disable-next-line max-params -- one event by value, without an object
  private scheduleElsewhere(
    lp: number,
    timeNs: number,
    kind: number,
    a: number,
    b: number,
    c: number,
  ): void {
    if (!(timeNs > this.nowNs) || timeNs > this.endNs || Math.floor(timeNs) !== timeNs) {
      if (!this.unusualTime(lp, timeNs, kind)) return;
    }
    const source = this.current;
    const sequence = this.sequences[source]!++;
    const owner = this.owner;
    if (owner !== null && owner[lp] !== this.self) {
      this.outbox!.send(owner[lp]!, timeNs, lp, source, sequence, kind, a, b, c);
    } else if (this.store === null) {
      this.ordered!.push(timeNs, lp, source, sequence, kind, a, b, c);
    } else if (timeNs < this.storeFromNs) {
      this.near.push(timeNs, lp, source, sequence, kind, a, b, c);
    } else {
      this.store.put(timeNs, lp, source, sequence, kind, a, b, c);
    }
  }

  /** Takes note of the smallest delay to another LP so far, or refuses the event. */
  private checkOther(lp: number, timeNs: number, kind: number): void {
    if (lp >>> 0 !== lp || lp >= this.lps) {
      throw unknownLp(this.placeOf(lp, timeNs, kind), this.lps);
    }
    const delay = timeNs - this.nowNs;
    if (delay < 0) checkTime(this.placeOf(lp, timeNs, kind));
    if (delay < this.lookaheadNs) throw tooClose(this.placeOf(lp, timeNs, kind), this.lookaheadNs);
    if (delay < this.lookaheadSeenNs) this.lookaheadSeenNs = delay;
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
    const lane = lp * 2;
    lanes[lane] = absorb(absorb(lanes[lane]!, ints[half]!), ints[half + SOURCE]!);
    lanes[lane + 1] = absorb(
      absorb(lanes[lane + 1]!, ints[half + 1]! ^ kind),
      ints[half + SEQUENCE]!,
    );
    this.nowNs = timeNs;
    this.current = lp;
    if (this.payloadWords === 0) model.handle(lp, kind, 0, 0, 0);
    else this.handleLoaded(model, doubles, ints, at, lp);
  }

  /** Hashes the payload and hands the event over. */
  private handleLoaded(
    model: Model<unknown>,
    doubles: Float64Array,
    ints: Int32Array,
    at: number,
    lp: number,
  ): void {
    const payload = this.payloadWords;
    const word = (at + PAYLOAD) * 2;
    const a = doubles[at + PAYLOAD]!;
    let b = 0;
    let c = 0;
    const lanes = this.lanes;
    let even = absorb(lanes[lp * 2]!, ints[word]!);
    let odd = absorb(lanes[lp * 2 + 1]!, ints[word + 1]!);
    if (payload > 1) {
      b = doubles[at + PAYLOAD + 1]!;
      even = absorb(even, ints[word + 2]!);
      odd = absorb(odd, ints[word + 3]!);
      if (payload > 2) {
        c = doubles[at + PAYLOAD + 2]!;
        even = absorb(even, ints[word + 4]!);
        odd = absorb(odd, ints[word + 5]!);
      }
    }
    lanes[lp * 2] = even;
    lanes[lp * 2 + 1] = odd;
    model.handle(lp, ints[at * 2 + KIND]!, a, b, c);
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
    this.storeFromNs = startNs + this.lookaheadNs;
    const chains = this.chains;
    chains.open(store.pool, cursor);
    const { doubles, ints, lps, lpCount, heads } = chains;
    const model = this.model!;
    let n = 0;
    for (let i = 0; i < lpCount; i++) {
      const lp = lps[i]!;
      const head = heads[lp]!;
      heads[lp] = 0;
      this.nowNs = startNs;
      n += this.runChain(doubles, ints, model, lp, head);
    }
    this.events += n;
    chains.close(store.pool);
    store.size -= chains.records;
    return n;
  }

  /** Runs one LP through the open window: its chain, merged with what it schedules for itself. */
  // eslint-disable-next-line max-params -- hot
  private runChain(
    doubles: Float64Array,
    ints: Int32Array,
    model: Model<unknown>,
    lp: number,
    head: number,
  ): number {
    const near = this.near;
    let at = ints[head * 2 + LINK] === 0 ? head : sortChain(doubles, ints, head);
    let n = 0;
    while (at !== 0) {
      const next = ints[at * 2 + LINK]!;
      this.execute(model, doubles, ints, at, lp);
      n++;
      if (near.size > 0) n += this.runNear(doubles, ints, next, lp);
      at = next;
    }
    return n;
  }

  /** Runs the events for itself that come before the chain's next one, all when that is 0. */
  private runNear(doubles: Float64Array, ints: Int32Array, next: number, lp: number): number {
    const near = this.near;
    const model = this.model!;
    let n = 0;
    while (near.size > 0) {
      if (next !== 0 && !near.topComesBefore(doubles, ints, next)) break;
      const position = near.pop();
      this.execute(model, near.doubles, near.ints, position, lp);
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
