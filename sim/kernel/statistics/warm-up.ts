/**
 * Where the warm-up of a run ends: MSER-5 (K. P. White 1997). The series is averaged in fives; the
 * best cut is the one that makes the standard error of what remains smallest.
 */

/** @see findWarmUp */
export interface WarmUp {
  /** Observations to drop from the front. */
  readonly cut: number;
  /** False when the best cut lies in the second half: the run is too short to tell. */
  readonly settled: boolean;
}

/** The MSER-5 cut of a series. */
export function findWarmUp(series: ArrayLike<number>): WarmUp {
  const batches = Math.floor(series.length / 5);
  if (batches < 10) return { cut: 0, settled: false };
  let sum = 0;
  let squares = 0;
  let best = Infinity;
  let bestBatch = 0;
  const first = batchMean(series, 0);
  // From the back, so that sums of the remainder are at hand. Values are taken relative to the
  // first batch, which keeps the difference of squares from cancelling.
  for (let batch = batches - 1; batch >= 0; batch--) {
    const value = batchMean(series, batch) - first;
    sum += value;
    squares += value * value;
    const n = batches - batch;
    const statistic = (squares - (sum * sum) / n) / (n * n);
    // Cuts that leave fewer than five batches are noise.
    if (n >= 5 && statistic <= best) {
      best = statistic;
      bestBatch = batch;
    }
  }
  return { cut: bestBatch * 5, settled: bestBatch <= batches / 2 };
}

function batchMean(series: ArrayLike<number>, batch: number): number {
  let sum = 0;
  for (let i = 0; i < 5; i++) sum += series[batch * 5 + i]!;
  return sum / 5;
}
