/** Warm-up: how many first observations of a run to leave out. */

/**
 * MSER-5 (White, Cobb and Spratt 2000): over batches of five, the cut d that minimises the squared
 * standard error of what remains, sum (x - mean)^2 / (n - d)^2, looked for in the first half.
 *
 * @returns the number of observations to drop, a multiple of 5; the length of `series` (drop
 *   everything) when the optimum lies at the edge of the first half, because then the run is too
 *   short to tell where its warm-up ends.
 */
export function warmUpCut(series: readonly number[]): number {
  const batches = batchMeans(series, 5);
  const limit = Math.floor(batches.length / 2);
  let best = Number.POSITIVE_INFINITY;
  let cut = 0;
  let sum = 0;
  let squares = 0;
  for (let d = batches.length - 1; d >= 0; d--) {
    const value = batches[d] ?? 0;
    sum += value;
    squares += value * value;
    const kept = batches.length - d;
    const error = (squares - (sum * sum) / kept) / (kept * kept);
    if (d <= limit && error <= best) {
      best = error;
      cut = d;
    }
  }
  return cut > 0 && cut === limit ? series.length : cut * 5;
}

/** Means of consecutive batches; a rest that does not fill a batch is left out. */
export function batchMeans(series: readonly number[], size: number): number[] {
  const means: number[] = [];
  for (let start = 0; start + size <= series.length; start += size) {
    let sum = 0;
    for (let index = start; index < start + size; index++) {
      sum += series[index] ?? 0;
    }
    means.push(sum / size);
  }
  return means;
}
