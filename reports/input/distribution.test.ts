import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistogramData } from '../../src/results/types.ts';
import { mergeHistograms, quantile, tail } from './distribution.ts';

/** Unit buckets. */
function histogram(values: readonly number[]): HistogramData {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return {
    unit: 'ms',
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    min: Math.min(...values),
    max: Math.max(...values) + 1,
    buckets: [...counts]
      .toSorted(([a], [b]) => a - b)
      .map(([low, count]) => [low, low + 1, count] as const),
  };
}

const samples = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 300 });

describe('distributions', () => {
  it('merge into the histogram of all values', () => {
    fc.assert(
      fc.property(samples, samples, (a, b) => {
        expect(mergeHistograms([histogram(a), histogram(b)])).toEqual(histogram([...a, ...b]));
      }),
    );
  });

  it('give quantiles within the bucket of the sorted values', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (values, p) => {
        const sorted = values.toSorted((x, y) => x - y);
        const exact = sorted[Math.ceil(p * sorted.length) - 1] ?? 0;
        const found = quantile(histogram(values), p);
        expect(found).toBeGreaterThanOrEqual(exact);
        expect(found).toBeLessThanOrEqual(exact + 1);
      }),
    );
  });

  it('have tails that fall from one and agree with counting', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const points = tail(histogram(values));
        expect(points[0]?.[1]).toBe(1);
        points.slice(1, -1).forEach(([x, share]) => {
          const above = values.filter((value) => value >= x).length / values.length;
          expect(share).toBeCloseTo(above, 12);
        });
      }),
    );
  });

  it('thin long tails but keep their ends', () => {
    const long = histogram(Array.from({ length: 5000 }, (_, index) => index + 1));
    const points = tail(long, 100);
    expect(points.length).toBeLessThan(200);
    expect(points.at(-1)?.[0]).toBe(5000);
  });
});
