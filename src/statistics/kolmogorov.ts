/** Kolmogorov-Smirnov test: does a sample come from a given continuous distribution? */
import { exp } from '../../sim/kernel/math.ts';

export interface KolmogorovResult {
  /** Largest distance between the sample's distribution function and the given one. */
  readonly distance: number;
  /** Probability of a distance at least as large if the sample does come from it. */
  readonly pValue: number;
}

/**
 * One-sample test. The p-value uses Stephens' (1970) correction of the limiting distribution, good
 * to about 0.01 from n = 5 upwards.
 *
 * @param sample independent values; need not be sorted.
 * @param cdf distribution function of the hypothesis, with values in [0, 1].
 */
export function kolmogorovSmirnov(
  sample: readonly number[],
  cdf: (value: number) => number,
): KolmogorovResult {
  const sorted = Float64Array.from(sample).sort();
  const n = sorted.length;
  let distance = 0;
  for (const [index, value] of sorted.entries()) {
    const expected = cdf(value);
    distance = Math.max(distance, (index + 1) / n - expected, expected - index / n);
  }
  const root = Math.sqrt(n);
  return { distance, pValue: kolmogorovTail((root + 0.12 + 0.11 / root) * distance) };
}

/** P(K > x) of Kolmogorov's limiting distribution: 2 sum (-1)^(k-1) exp(-2 k^2 x^2). */
export function kolmogorovTail(x: number): number {
  // Below 0.2 the tail is 1 to twelve digits, and the alternating series would need many terms.
  if (x < 0.2) {
    return 1;
  }
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = exp(-2 * k * k * x * x);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-17) {
      break;
    }
  }
  return Math.min(1, Math.max(0, 2 * sum));
}
