/**
 * A first-come-first-served service with c cores and a real queue.
 *
 * When a job arrives, its core is the one that is free first (J. Kiefer and J. Wolfowitz 1955), so
 * start and end are known at once and no event marks them: `start = max(now, earliest free core)`.
 * Jobs start in the order in which they come, so the jobs that wait are exactly those in a ring of
 * start times behind the head that has passed; that gives the queue's length, its admission limit
 * and the area under it.
 *
 * **Invariant: Little's law on the sample path.** The area under the number waiting, measured at
 * the ends of waits, equals the sum of waits measured at arrivals, less what is left of the waits
 * still under way when the run ends. Both are integers, so `imbalanceNs` must be 0.
 */
import { ExactSum } from '../kernel/statistics/exact-sum.ts';
import type { Histogram } from '../kernel/statistics/histogram.ts';

/** Answer of `submit` when the queue is full. */
export const refused = -1;

/** When statistics count. Area and waits count always, for the invariant. */
export interface Window {
  readonly fromNs: number;
  readonly toNs: number;
}

export class Station {
  readonly cores: number;
  /** Jobs that may wait; Infinity for no limit. */
  private readonly limit: number;
  private readonly window: Window;
  private readonly waits: Histogram;
  private readonly freeAt: Float64Array;
  private starts = new Float64Array(8);
  private head = 0;
  private waiting = 0;
  private settledNs = 0;
  private readonly area = new ExactSum();
  private readonly waited = new ExactSum();
  /** Busy core time within the window. */
  readonly busy = new ExactSum();
  /** Requests refused within the window. */
  refusals = 0;

  constructor(cores: number, limit: number, window: Window, waits: Histogram) {
    this.cores = cores;
    this.limit = limit;
    this.window = window;
    this.waits = waits;
    this.freeAt = new Float64Array(cores);
  }

  /**
   * Takes a job in.
   *
   * @param nowNs - does not go back between calls
   * @param serviceNs - integer
   * @returns when the job is done, or `refused`
   */
  submit(nowNs: number, serviceNs: number): number {
    if (this.waiting > 0) this.settle(nowNs);
    const core = this.earliestCore();
    const start = Math.max(nowNs, this.freeAt[core]!);
    if (start > nowNs) {
      if (this.waiting >= this.limit) {
        if (nowNs >= this.window.fromNs) this.refusals++;
        return refused;
      }
      this.enqueue(nowNs, start);
    }
    const end = start + serviceNs;
    this.freeAt[core] = end;
    if (nowNs >= this.window.fromNs) this.waits.record(start - nowNs);
    const { fromNs, toNs } = this.window;
    if (end > fromNs && start < toNs) {
      this.busy.add(Math.min(end, toNs) - Math.max(start, fromNs));
    }
    return end;
  }

  private earliestCore(): number {
    const { freeAt } = this;
    let best = 0;
    for (let i = 1; i < freeAt.length; i++) if (freeAt[i]! < freeAt[best]!) best = i;
    return best;
  }

  private enqueue(nowNs: number, start: number): void {
    if (this.waiting === 0) this.settledNs = nowNs;
    if (this.waiting === this.starts.length) this.grow();
    this.starts[(this.head + this.waiting) & (this.starts.length - 1)] = start;
    this.waiting++;
    this.waited.add(start - nowNs);
  }

  private grow(): void {
    const { starts, head } = this;
    const wide = new Float64Array(starts.length * 2);
    for (let i = 0; i < starts.length; i++) wide[i] = starts[(head + i) & (starts.length - 1)]!;
    this.starts = wide;
    this.head = 0;
  }

  /** Lets the jobs that have started by now leave the queue. */
  private settle(nowNs: number): void {
    const mask = this.starts.length - 1;
    while (this.waiting > 0 && this.starts[this.head]! <= nowNs) {
      const start = this.starts[this.head]!;
      this.area.addProduct(this.waiting, start - this.settledNs);
      this.settledNs = start;
      this.head = (this.head + 1) & mask;
      this.waiting--;
    }
    this.area.addProduct(this.waiting, nowNs - this.settledNs);
    this.settledNs = nowNs;
  }

  /** Jobs waiting for a core at a time not before the last arrival. */
  waitingAt(nowNs: number): number {
    this.settle(nowNs);
    return this.waiting;
  }

  /** Busy core time within the window, ns. */
  get busyNs(): number {
    return this.busy.value();
  }

  /** Difference of the two sides of Little's law at the end of the run; 0 unless the queue is broken. */
  imbalanceNs(endNs: number): number {
    this.settle(endNs);
    const measured = ExactSum.from(this.area.data());
    const mask = this.starts.length - 1;
    for (let i = 0; i < this.waiting; i++) {
      measured.add(this.starts[(this.head + i) & mask]! - endNs);
    }
    const [high, low] = measured.data();
    const [waitedHigh, waitedLow] = this.waited.data();
    return (high - waitedHigh) * 2 ** 52 + (low - waitedLow);
  }
}
