/**
 * A replay cache as src/protocol/auth/replay-cache.ts keeps it: two generations of twice the window
 * each, so that an entry outlives the time in which its request could be admitted; full means
 * refused, never forgotten. The model counts entries; which requests are in is known from when they
 * were admitted, as nothing is forgotten early. A restart loses all.
 *
 * At a request rate r the mean number of entries is r (G + G / 2) = 3 r W.
 */
import { ExactSum } from '../../kernel/statistics/exact-sum.ts';

/** Memory of one entry in bytes: a string key in a Set (measured there). */
export const bytesPerEntry = 120;

export class ReplayCache {
  private readonly generationNs: number;
  private readonly capacity: number;
  private readonly warmUpNs: number;
  private current = 0;
  private previous = 0;
  private startNs = 0;
  private settledNs = 0;
  /** Entries x time after the warm-up, ns. */
  readonly area = new ExactSum();
  peak = 0;
  made = 0;
  forgotten = 0;
  lost = 0;
  /** When the entries of before were lost; -Infinity for never. */
  restartedNs = Number.NEGATIVE_INFINITY;

  constructor(windowNs: number, capacity: number, warmUpNs: number) {
    this.generationNs = 2 * windowNs;
    this.capacity = capacity;
    this.warmUpNs = warmUpNs;
  }

  get entries(): number {
    return this.current + this.previous;
  }

  /** Makes an entry. @returns whether there was room */
  admit(nowNs: number): boolean {
    this.advance(nowNs);
    if (this.current >= this.capacity) return false;
    this.current++;
    this.made++;
    this.peak = Math.max(this.peak, this.entries);
    return true;
  }

  /** Whether a request that was admitted at a time is remembered. */
  remembers(admittedNs: number): boolean {
    return admittedNs > this.restartedNs;
  }

  restart(nowNs: number): void {
    this.advance(nowNs);
    this.lost += this.entries;
    this.current = 0;
    this.previous = 0;
    this.startNs = nowNs;
    this.restartedNs = nowNs;
  }

  /** Brings generations and the area up to a time. */
  advance(nowNs: number): void {
    while (nowNs >= this.startNs + this.generationNs) {
      const end = this.startNs + this.generationNs;
      this.settle(end);
      this.forgotten += this.previous;
      this.previous = this.current;
      this.current = 0;
      this.startNs = end;
    }
    this.settle(nowNs);
  }

  private settle(nowNs: number): void {
    const from = Math.max(this.settledNs, this.warmUpNs);
    if (nowNs > from) this.area.addProduct(this.entries, nowNs - from);
    this.settledNs = nowNs;
  }
}
