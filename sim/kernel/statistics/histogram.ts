/**
 * Log-linear histogram in the manner of G. Tene's HdrHistogram: 2^p linear buckets per power of
 * two, so that a recorded value is known to a relative precision of 2^-p. Records in some
 * 6 ns: finding the bucket and counting take 2, the exact sum and the extremes the rest.
 *
 * Counts are integers and the sum is exact, so merging is associative and commutative.
 */

import { ExactSum, type ExactSumData } from './exact-sum.ts';

const TWO_31 = 2147483648;

/** Structured-cloneable form of a histogram. */
export interface HistogramSnapshot {
  readonly precisionBits: number;
  readonly count: number;
  readonly sum: ExactSumData;
  readonly min: number;
  readonly max: number;
  /** Counts by bucket index up to the last non-empty one. */
  readonly counts: Float64Array;
}

/** A non-empty bucket: integers from `low` to `high`, both included. */
export interface HistogramBucket {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

export class Histogram {
  readonly precisionBits: number;
  private counts: Float64Array;
  private total = 0;
  private smallest = Infinity;
  private largest = -1;
  private readonly exactSum: ExactSum;

  /**
   * @param precisionBits - 5 (1/32 relative) to 7 (1/128)
   * @throws {RangeError} for other precisions
   */
  constructor(precisionBits = 7, exactSum = new ExactSum()) {
    if (!(precisionBits >= 5 && precisionBits <= 7)) {
      throw new RangeError(`precisionBits ${precisionBits} must be 5, 6 or 7`);
    }
    this.precisionBits = precisionBits;
    this.exactSum = exactSum;
    // Grown on demand: a full table to 2^53 takes 48 KiB, and a model has thousands of histograms.
    this.counts = new Float64Array(2 << precisionBits);
  }

  /**
   * Records an integer in 0..2^53-1 (fractions are cut off), `times` over.
   *
   * @throws {RangeError} for negative or larger values and NaN
   */
  record(value: number, times = 1): void {
    const int = value | 0;
    if (int !== value || int < 0 || times !== 1) {
      this.recordAny(value, times);
      return;
    }
    const bits = this.precisionBits;
    const shift = 31 - Math.clz32(int | ((2 << bits) - 1)) - bits;
    const index = (shift << bits) + (int >>> shift);
    if (index >= this.counts.length) this.grow(index);
    this.counts[index]! += 1;
    this.total += 1;
    if (int < this.smallest) this.smallest = int;
    if (int > this.largest) this.largest = int;
    this.exactSum.add(int);
  }

  /** The slower way, for large values, fractions and multiples. */
  private recordAny(value: number, times: number): void {
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) {
      throw new RangeError(`a histogram holds 0..2^53-1, not ${value}`);
    }
    const whole = Math.floor(value);
    const index = this.indexOf(whole);
    if (index >= this.counts.length) this.grow(index);
    this.counts[index]! += times;
    this.total += times;
    if (whole < this.smallest) this.smallest = whole;
    if (whole > this.largest) this.largest = whole;
    this.exactSum.addProduct(times, whole);
  }

  private indexOf(value: number): number {
    const bits = this.precisionBits;
    if (value < TWO_31) {
      const shift = 31 - Math.clz32(value | ((2 << bits) - 1)) - bits;
      return (shift << bits) + (value >>> shift);
    }
    const high = Math.floor(value / TWO_31);
    const shift = 62 - Math.clz32(high) - bits;
    return (shift << bits) + Math.floor(value / 2 ** shift);
  }

  private grow(index: number): void {
    const step = 1 << this.precisionBits;
    const counts = new Float64Array(Math.ceil((index + 1) / step) * step);
    counts.set(this.counts);
    this.counts = counts;
  }

  /** Smallest value of a bucket; `lowOf(index + 1) - 1` is its largest. */
  private lowOf(index: number): number {
    const bits = this.precisionBits;
    const shift = Math.max(0, (index >> bits) - 1);
    return (index - (shift << bits)) * 2 ** shift;
  }

  merge(other: Histogram): void {
    if (other.precisionBits !== this.precisionBits) {
      throw new RangeError(
        `precisions ${this.precisionBits} and ${other.precisionBits} do not merge`,
      );
    }
    if (other.counts.length > this.counts.length) this.grow(other.counts.length - 1);
    for (let i = 0; i < other.counts.length; i++) this.counts[i]! += other.counts[i]!;
    this.total += other.total;
    this.smallest = Math.min(this.smallest, other.smallest);
    this.largest = Math.max(this.largest, other.largest);
    this.exactSum.merge(other.exactSum);
  }

  get count(): number {
    return this.total;
  }

  /** Smallest recorded value; NaN when empty. */
  get min(): number {
    return this.total === 0 ? NaN : this.smallest;
  }

  /** Largest recorded value; NaN when empty. */
  get max(): number {
    return this.total === 0 ? NaN : this.largest;
  }

  /** Exact sum of the recorded values, rounded once to a double. */
  get sum(): number {
    return this.exactSum.value();
  }

  /** Exact mean, rounded; NaN when empty. */
  get mean(): number {
    return this.total === 0 ? NaN : this.sum / this.total;
  }

  /**
   * The smallest bucket's upper edge below which a share `p` of the values lies, capped at the
   * maximum; NaN when empty.
   *
   * @param p - 0..1, such as 0.999
   */
  percentile(p: number): number {
    if (this.total === 0) return NaN;
    const rank = Math.max(1, Math.ceil(p * this.total));
    let seen = 0;
    for (let i = 0; i < this.counts.length; i++) {
      seen += this.counts[i]!;
      if (seen >= rank)
        return Math.max(this.smallest, Math.min(this.lowOf(i + 1) - 1, this.largest));
    }
    return this.largest;
  }

  /** Non-empty buckets, ascending. */
  buckets(): HistogramBucket[] {
    const out: HistogramBucket[] = [];
    this.counts.forEach((count, i) => {
      if (count > 0) out.push({ low: this.lowOf(i), high: this.lowOf(i + 1) - 1, count });
    });
    return out;
  }

  snapshot(): HistogramSnapshot {
    let length = this.counts.length;
    while (length > 0 && this.counts[length - 1] === 0) length--;
    return {
      precisionBits: this.precisionBits,
      count: this.total,
      sum: this.exactSum.data(),
      min: this.smallest,
      max: this.largest,
      counts: this.counts.slice(0, length),
    };
  }

  static from(data: HistogramSnapshot): Histogram {
    const histogram = new Histogram(data.precisionBits, ExactSum.from(data.sum));
    const last = data.counts.length - 1;
    if (last >= histogram.counts.length) histogram.grow(last);
    histogram.counts.set(data.counts);
    histogram.total = data.count;
    histogram.smallest = data.min;
    histogram.largest = data.max;
    return histogram;
  }
}
