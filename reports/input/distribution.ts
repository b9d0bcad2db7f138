/** Histograms of replications, merged, and what a tail figure or a percentile table needs of them. */
import { meanInterval } from '../../src/statistics/interval.ts';
import type { HistogramData } from '../../src/results/types.ts';
import type { CellData } from './run.ts';

export function histogramsOf(cells: readonly CellData[], name: string): HistogramData[] {
  return cells.flatMap((cell) =>
    cell.records.flatMap((record) => {
      const one = record.result.histograms[name];
      return one === undefined || one.count === 0 ? [] : [one];
    }),
  );
}

/** One histogram over all; null when there are none. */
export function mergeHistograms(all: readonly HistogramData[]): HistogramData | null {
  const first = all[0];
  if (first === undefined) return null;
  const buckets = new Map<string, [number, number, number]>();
  for (const [low, high, count] of all.flatMap((one) => one.buckets)) {
    const key = `${low} ${high}`;
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [low, high, count]);
    else bucket[2] += count;
  }
  return {
    unit: first.unit,
    count: all.reduce((sum, one) => sum + one.count, 0),
    sum: all.reduce((sum, one) => sum + one.sum, 0),
    min: Math.min(...all.map((one) => one.min)),
    max: Math.max(...all.map((one) => one.max)),
    buckets: [...buckets.values()].toSorted((a, b) => a[0] - b[0] || a[1] - b[1]),
  };
}

/** Value below which the share `p` (0..1) of the observations lies, linear inside a bucket. */
export function quantile(histogram: HistogramData, p: number): number {
  const rank = p * histogram.count;
  let before = 0;
  for (const [low, high, count] of histogram.buckets) {
    if (before + count >= rank) {
      const value = low + (high - low) * ((rank - before) / count);
      return Math.min(histogram.max, Math.max(histogram.min, value));
    }
    before += count;
  }
  return histogram.max;
}

/** P(X > x) at the upper bucket edges, thinned to `limit` points evenly spread over log x. */
export function tail(histogram: HistogramData, limit = 160): [number, number][] {
  const points: [number, number][] = [];
  let above = histogram.count;
  for (const [low, high, count] of histogram.buckets) {
    if (points.length === 0) points.push([Math.max(low, histogram.min), 1]);
    above -= count;
    // Nothing lies above the last bucket, and a log axis has no zero: the line ends before it.
    if (above > 0) points.push([Math.min(high, histogram.max), above / histogram.count]);
  }
  if (points.length === 1) points.push([histogram.max, 1]);
  const usable = points.filter(([x]) => x > 0);
  return usable.length <= limit ? usable : thinByLog(usable, limit);
}

function thinByLog(points: readonly [number, number][], limit: number): [number, number][] {
  const first = points[0]?.[0] ?? 1;
  const last = points.at(-1)?.[0] ?? 1;
  const step = Math.log(last / first) / limit;
  const kept: [number, number][] = [];
  points.forEach((point, index) => {
    const before = kept.at(-1);
    const ends = before === undefined || index === points.length - 1;
    if (ends || Math.log(point[0] / before[0]) >= step || before[1] / point[1] > 1.25) {
      kept.push(point);
    }
  });
  return kept;
}

/** Mean and 95 % interval over replications of a statistic of each replication's histogram. */
export function overReplications(
  all: readonly HistogramData[],
  statistic: (histogram: HistogramData) => number,
): { value: number; ci95: [number, number] | null } | null {
  if (all.length === 0) return null;
  const interval = meanInterval(all.map((one) => statistic(one)));
  return { value: interval.mean, ci95: all.length > 1 ? [interval.lo, interval.hi] : null };
}
