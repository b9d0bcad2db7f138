/** Means, differences and ratios over replications, as summaries write them: null for "none". */
import {
  meanInterval,
  pairedDifference,
  ratioInterval,
  type Interval,
} from '../../src/statistics/interval.ts';

export interface Estimate {
  readonly value: number;
  readonly ci95: readonly [number, number] | null;
  /** Replications behind it. */
  readonly n: number;
}

/** Values of one metric in one cell by replication; absent where it was not observed. */
export type Observations = ReadonlyMap<number, number>;

/** Student-t interval of the mean; undefined when nothing was observed. */
export function estimateMean(observed: Observations): Estimate | undefined {
  const values = [...observed.values()];
  return values.length === 0 ? undefined : toEstimate(meanInterval(values));
}

/**
 * Difference or ratio of two cells, pairing the replications that both observed: they share their
 * random numbers, so what varies between them alike drops out.
 *
 * The ratio is that of the means with Fieller's interval. It is undefined where the denominator is
 * 0, and has no interval where the denominator cannot be told from 0.
 */
export function estimatePair(
  compare: 'ratio' | 'difference',
  of: Observations,
  to: Observations,
): Estimate | undefined {
  const both = [...of.keys()].filter((replication) => to.has(replication));
  if (both.length === 0) return undefined;
  const a = both.map((replication) => of.get(replication) ?? Number.NaN);
  const b = both.map((replication) => to.get(replication) ?? Number.NaN);
  if (compare === 'difference') return toEstimate(pairedDifference(a, b));
  const ratio = ratioInterval(a, b);
  return Number.isFinite(ratio.mean) ? toEstimate(ratio) : undefined;
}

function toEstimate({ mean, lo, hi, n }: Interval): Estimate {
  const bounded = n > 1 && Number.isFinite(lo) && Number.isFinite(hi);
  return { value: mean, ci95: bounded ? [lo, hi] : null, n };
}
