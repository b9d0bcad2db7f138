/**
 * A sum of integers beyond 2^53 without rounding, in two doubles. **Invariant: exactness.** Sums of
 * the same numbers are equal in whatever order they were added or merged, which is what makes
 * results independent of the number of workers.
 */

const LIMB = 2 ** 52;
const SHIFT_22 = 4194304;
const SHIFT_44 = 17592186044416;

/** `[high, low]`: the sum is high 2^52 + low. Structured-cloneable. */
export type ExactSumData = readonly [number, number];

export class ExactSum {
  private high = 0;
  private low = 0;

  /** Adds an integer in 0..2^53-1. */
  add(value: number): void {
    let low = this.low + value;
    if (low >= LIMB) {
      // A value above 2^52 is split first, or low + value would round.
      if (value >= LIMB) {
        this.high++;
        low = this.low + (value - LIMB);
      }
      if (low >= LIMB) {
        this.high++;
        low -= LIMB;
      }
    }
    this.low = low;
  }

  /** Adds the exact product of two integers, `a` in 0..2^31-1 and `b` in 0..2^53-1. */
  addProduct(a: number, b: number): void {
    const product = a * b;
    if (product < LIMB) {
      this.add(product);
      return;
    }
    // b in digits of 22 bits: each product stays below 2^53.
    this.add(a * (b % SHIFT_22));
    this.addShifted(a * (Math.floor(b / SHIFT_22) % SHIFT_22), SHIFT_22);
    this.addShifted(a * Math.floor(b / SHIFT_44), SHIFT_44);
  }

  /** Adds value 2^s for s = 22 or 44, value below 2^53. */
  private addShifted(value: number, shift: number): void {
    const perLimb = LIMB / shift;
    this.high += Math.floor(value / perLimb);
    this.add((value % perLimb) * shift);
  }

  merge(other: ExactSum): void {
    this.high += other.high;
    this.add(other.low);
  }

  /** The sum as a double, rounded once. */
  value(): number {
    return this.high * LIMB + this.low;
  }

  data(): ExactSumData {
    return [this.high, this.low];
  }

  static from(data: ExactSumData): ExactSum {
    const sum = new ExactSum();
    sum.high = data[0];
    sum.low = data[1];
    return sum;
  }
}
