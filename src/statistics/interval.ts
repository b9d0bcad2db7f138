/**
 * Confidence intervals over independent replications. One value per replication goes in; within a
 * replication the observations are dependent and must never be counted as n.
 */
import { assertProbability, normalQuantile, tQuantile } from './quantiles.ts';

export interface Interval {
  /** The point estimate. */
  readonly mean: number;
  /** Lower end; equal to `mean` where one value leaves no way to estimate the spread (n = 1). */
  readonly lo: number;
  readonly hi: number;
  /** How many independent values it rests on. */
  readonly n: number;
}

/** Sample mean and standard deviation (divisor n - 1; 0 for n = 1), by Welford's recurrence. */
export function moments(values: readonly number[]): { mean: number; sd: number; n: number } {
  let mean = 0;
  let squares = 0;
  let n = 0;
  for (const value of values) {
    n++;
    const delta = value - mean;
    mean += delta / n;
    squares += delta * (value - mean);
  }
  if (n === 0) {
    throw new RangeError('a mean needs at least one value');
  }
  return { mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : 0, n };
}

/**
 * Student-t interval of a mean.
 *
 * @param values one per independent replication, at least one. With a single value the interval
 *   has no width; show it as "no interval" (`n` says so).
 * @param confidence coverage in (0, 1).
 */
export function meanInterval(values: readonly number[], confidence = 0.95): Interval {
  assertProbability(confidence);
  return intervalOf(moments(values), confidence);
}

/** `meanInterval` for data that is published only as mean, standard deviation and count. */
export function intervalOf(
  { mean, sd, n }: { readonly mean: number; readonly sd: number; readonly n: number },
  confidence = 0.95,
): Interval {
  const half = n > 1 ? (tQuantile(0.5 + confidence / 2, n - 1) * sd) / Math.sqrt(n) : 0;
  return { mean, lo: mean - half, hi: mean + half, n };
}

/**
 * Wilson's score interval of a probability (Wilson 1927; Newcombe 1998, method 3). Keeps its
 * coverage near 0 and 1, where "p +- 1.96 se" collapses to a point.
 *
 * @param successes whole number in 0..n.
 * @param n trials; with 0 trials nothing is known and the interval is [0, 1].
 */
export function wilson(successes: number, n: number, confidence = 0.95): Interval {
  assertProbability(confidence);
  if (!(successes >= 0 && successes <= n)) {
    throw new RangeError(`successes must lie in 0..${n}, not ${successes}`);
  }
  if (n === 0) {
    return { mean: 0.5, lo: 0, hi: 1, n };
  }
  const z = normalQuantile(0.5 + confidence / 2);
  const p = successes / n;
  const scale = 1 + (z * z) / n;
  const middle = (p + (z * z) / (2 * n)) / scale;
  const half = (z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / scale;
  // At the ends the formula gives 0 and 1 up to rounding; make that exact.
  const lo = successes === 0 ? 0 : middle - half;
  const hi = successes === n ? 1 : middle + half;
  return { mean: p, lo, hi, n };
}

/**
 * Interval of mean(a - b), pairing by replication. With common random numbers the two differ by the
 * policy alone, and this interval is far narrower than the two intervals beside each other suggest.
 */
export function pairedDifference(
  a: readonly number[],
  b: readonly number[],
  confidence = 0.95,
): Interval {
  return meanInterval(combine(a, b, -1), confidence);
}

/**
 * Fieller's interval of mean(numerators) / mean(denominators), pairing by replication: the ratios r
 * for which the paired t-test of `numerator - r denominator` does not reject 0. When the
 * denominator itself cannot be told from 0 no ratio can be excluded, and the interval is
 * (-Infinity, Infinity).
 */
export function ratioInterval(
  numerators: readonly number[],
  denominators: readonly number[],
  confidence = 0.95,
): Interval {
  assertProbability(confidence);
  const above = moments(numerators);
  const below = moments(denominators);
  const n = above.n;
  const ratio = above.mean / below.mean;
  if (n === 1) {
    return { mean: ratio, lo: ratio, hi: ratio, n };
  }
  const covariance =
    (moments(combine(numerators, denominators, 1)).sd ** 2 - above.sd ** 2 - below.sd ** 2) / 2;
  // Roots of (y - r x)^2 = t^2/n (sy^2 - 2 r sxy + r^2 sx^2) in r.
  const t2n = tQuantile(0.5 + confidence / 2, n - 1) ** 2 / n;
  const quadratic = below.mean ** 2 - t2n * below.sd ** 2;
  const linear = above.mean * below.mean - t2n * covariance;
  const constant = above.mean ** 2 - t2n * above.sd ** 2;
  if (quadratic <= 0) {
    return { mean: ratio, lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY, n };
  }
  const root = Math.sqrt(Math.max(0, linear * linear - quadratic * constant));
  return { mean: ratio, lo: (linear - root) / quadratic, hi: (linear + root) / quadratic, n };
}

function combine(a: readonly number[], b: readonly number[], sign: 1 | -1): number[] {
  if (a.length !== b.length) {
    throw new RangeError(`paired samples must have one length, not ${a.length} and ${b.length}`);
  }
  return a.map((value, index) => value + sign * (b[index] ?? 0));
}

/**
 * Half the width of an interval as a share of the absolute mean: the stopping rule "5 %" of a
 * sequential run. Infinity for a mean of 0 with width, 0 for a point.
 */
export function relativeHalfWidth(interval: Interval): number {
  const half = (interval.hi - interval.lo) / 2;
  return half === 0 ? 0 : half / Math.abs(interval.mean);
}
