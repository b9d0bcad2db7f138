/**
 * Time series: integer amounts summed in bins of equal width (events per bin, bytes per bin). Exact
 * to 2^53 per bin, so merges do not depend on their order.
 */

/** Structured-cloneable form of a series. */
export interface SeriesSnapshot {
  readonly startNs: number;
  readonly binNs: number;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

export class Series {
  readonly startNs: number;
  readonly binNs: number;
  private readonly sums: Float64Array;
  private readonly counts: Float64Array;

  /** Bins of `binNs` from `startNs`; the last one holds `endNs`. */
  constructor(startNs: number, endNs: number, binNs: number) {
    if (!(binNs > 0 && endNs >= startNs)) {
      throw new RangeError(`no bins of ${binNs} ns in ${startNs}..${endNs} ns`);
    }
    this.startNs = startNs;
    this.binNs = binNs;
    const bins = Math.floor((endNs - startNs) / binNs) + 1;
    this.sums = new Float64Array(bins);
    this.counts = new Float64Array(bins);
  }

  /** Adds an integer at a time; outside the observed range it is ignored (warm-up). */
  add(timeNs: number, amount = 1): void {
    const bin = Math.floor((timeNs - this.startNs) / this.binNs);
    if (bin < 0 || bin >= this.sums.length) return;
    this.sums[bin]! += amount;
    this.counts[bin]! += 1;
  }

  merge(other: SeriesSnapshot): void {
    const same = other.startNs === this.startNs && other.binNs === this.binNs;
    if (!same || other.sums.length !== this.sums.length) {
      throw new RangeError('series with different bins do not merge');
    }
    for (let i = 0; i < this.sums.length; i++) {
      this.sums[i]! += other.sums[i]!;
      this.counts[i]! += other.counts[i]!;
    }
  }

  /** Views, not copies. */
  snapshot(): SeriesSnapshot {
    return { startNs: this.startNs, binNs: this.binNs, sums: this.sums, counts: this.counts };
  }

  /** Sum per bin. */
  totals(): number[] {
    return [...this.sums];
  }

  /** Mean amount per bin; null where nothing was added. */
  means(): (number | null)[] {
    return Array.from(this.sums, (sum, i) => (this.counts[i] === 0 ? null : sum / this.counts[i]!));
  }
}

/**
 * Sum of amounts over the last `widthNs`, in slots of 1/16 of it: a rate limiter's or monitor's
 * view.
 */
export class MovingWindow {
  private readonly slots = new Float64Array(16);
  private readonly slotNs: number;
  private latest = 0;
  private sum = 0;

  /** @param widthNs - integer > 0 */
  constructor(widthNs: number) {
    if (!(widthNs > 0)) throw new RangeError(`a window of ${widthNs} ns`);
    this.slotNs = widthNs / 16;
  }

  /** Adds an integer at a time that does not go back. */
  add(nowNs: number, amount = 1): void {
    this.advance(nowNs);
    this.slots[this.latest % 16]! += amount;
    this.sum += amount;
  }

  /** Sum over the window that ends now (to 1/16 of its width). */
  total(nowNs: number): number {
    this.advance(nowNs);
    return this.sum;
  }

  private advance(nowNs: number): void {
    const slot = Math.floor(nowNs / this.slotNs);
    const steps = Math.min(16, slot - this.latest);
    for (let i = 1; i <= steps; i++) {
      const old = (slot - steps + i) % 16;
      this.sum -= this.slots[old]!;
      this.slots[old] = 0;
    }
    if (slot > this.latest) this.latest = slot;
  }
}
