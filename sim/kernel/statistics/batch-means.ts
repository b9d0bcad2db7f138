/**
 * Confidence interval for the mean of a correlated stationary series from one long run: the series
 * is cut into batches, whose means are nearly independent (A. Law, Simulation Modeling and
 * Analysis, 9.5.3).
 */

/** Two-sided 95 % quantiles of Student's t by degrees of freedom 1..30. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
];

/**
 * Two-sided 95 % quantile of Student's t: table to 30, then the Cornish-Fisher expansion (1e-5).
 */
export function studentT95(degreesOfFreedom: number): number {
  if (!(degreesOfFreedom >= 1)) return NaN;
  const tabled = T_95[Math.floor(degreesOfFreedom) - 1];
  return tabled ?? 1.959964 + (2.37227 + 2.8225 / degreesOfFreedom) / degreesOfFreedom;
}

/** Mean with the half width of its 95 % interval. */
export interface MeanEstimate {
  readonly mean: number;
  readonly halfWidth95: number;
  readonly n: number;
}

/** Mean of independent observations with Student's interval; NaN half width below two. */
export function meanEstimate(values: ArrayLike<number>): MeanEstimate {
  const n = values.length;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const delta = values[i]! - mean;
    mean += delta / (i + 1);
    squares += delta * (values[i]! - mean);
  }
  const deviation = Math.sqrt(squares / (n - 1) / n);
  return {
    mean: n === 0 ? NaN : mean,
    halfWidth95: n < 2 ? NaN : studentT95(n - 1) * deviation,
    n,
  };
}

/**
 * Online batch means: keeps between 20 and 40 batches by merging neighbours and doubling the batch
 * size, so the length of the run need not be known.
 */
export class BatchMeans {
  private readonly sums: number[] = [];
  private size: number;
  private sum = 0;
  private inBatch = 0;

  /** @param size - observations in the first batches */
  constructor(size = 64) {
    this.size = size;
  }

  add(value: number): void {
    this.sum += value;
    this.inBatch++;
    if (this.inBatch < this.size) return;
    this.sums.push(this.sum);
    this.sum = 0;
    this.inBatch = 0;
    if (this.sums.length === 40) this.halve();
  }

  private halve(): void {
    for (let i = 0; i < 20; i++) this.sums[i] = this.sums[2 * i]! + this.sums[2 * i + 1]!;
    this.sums.length = 20;
    this.size *= 2;
  }

  /** Of the full batches; the unfinished one is left out. */
  estimate(): MeanEstimate {
    return meanEstimate(this.sums.map((sum) => sum / this.size));
  }
}
