import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { stream } from '../random.ts';
import { exponential, normal } from '../samplers.ts';
import { BatchMeans, meanEstimate, studentT95 } from './batch-means.ts';
import { Counters } from './counters.ts';
import { ExactSum } from './exact-sum.ts';
import { Histogram } from './histogram.ts';
import { MovingWindow, Series } from './series.ts';
import { mergeTimeWeighted, TimeWeighted, timeWeightedMean } from './time-weighted.ts';
import { findWarmUp } from './warm-up.ts';

const safe = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

function bigOf(sum: ExactSum): bigint {
  const [high, low] = sum.data();
  return BigInt(high) * 2n ** 52n + BigInt(low);
}

describe('ExactSum', () => {
  it('equals the sum of big integers, for values and products', () => {
    const int = fc.integer({ min: 0, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(fc.array(safe), fc.array(fc.tuple(int, safe)), (values, products) => {
        const sum = new ExactSum();
        let expected = 0n;
        for (const value of values) {
          sum.add(value);
          expected += BigInt(value);
        }
        for (const [a, b] of products) {
          sum.addProduct(a, b);
          expected += BigInt(a) * BigInt(b);
        }
        expect(bigOf(sum)).toBe(expected);
      }),
      { seed: 1 },
    );
  });
});

describe('Histogram', () => {
  it('knows every value to its precision, and count, sum, minimum and maximum exactly', () => {
    fc.assert(
      fc.property(fc.array(safe, { minLength: 1 }), fc.constantFrom(5, 6, 7), (values, bits) => {
        const histogram = new Histogram(bits);
        for (const value of values) histogram.record(value);
        expect(histogram.count).toBe(values.length);
        expect([histogram.min, histogram.max]).toEqual([Math.min(...values), Math.max(...values)]);
        const sorted = values.toSorted((a, b) => a - b);
        for (const p of [0, 0.5, 0.99, 1]) {
          const exact = sorted[Math.max(0, Math.ceil(p * values.length) - 1)]!;
          const found = histogram.percentile(p);
          expect(found).toBeGreaterThanOrEqual(exact);
          expect(found - exact).toBeLessThanOrEqual(exact / 2 ** bits);
        }
      }),
      { seed: 2 },
    );
  });

  it('has buckets that hold their values and lie side by side', () => {
    const histogram = new Histogram(5);
    for (let e = 0; e < 53; e++) {
      for (const value of [2 ** e - 1, 2 ** e, 2 ** e + 1]) {
        const one = new Histogram(5);
        one.record(value);
        const [bucket] = one.buckets();
        expect(bucket!.low <= value && value <= bucket!.high).toBe(true);
        histogram.record(value);
      }
    }
    for (let value = 0; value < 5000; value++) histogram.record(value);
    const low = histogram.buckets().filter((bucket) => bucket.high < 4096);
    low.forEach((bucket, i) => {
      if (i > 0) expect(bucket.low).toBe(low[i - 1]!.high + 1);
    });
  });

  it('merges to the same in any order and grouping, and survives a snapshot', () => {
    const parts = fc.array(fc.array(safe), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(parts, (lists) => {
        const of = (i: number): Histogram => {
          const histogram = new Histogram();
          for (const value of lists[i]!) histogram.record(value);
          return histogram;
        };
        const left = of(0);
        left.merge(of(1));
        left.merge(of(2));
        const right = of(2);
        right.merge(of(0));
        const last = of(1);
        last.merge(Histogram.from(structuredClone(right.snapshot())));
        expect(last.snapshot()).toEqual(left.snapshot());
      }),
      { seed: 3 },
    );
  });

  it('records many at once, and refuses what it cannot hold', () => {
    const histogram = new Histogram();
    histogram.record(1000, 5);
    expect([histogram.count, histogram.sum, histogram.mean]).toEqual([5, 5000, 1000]);
    for (const bad of [-1, NaN, 2 ** 53]) expect(() => histogram.record(bad)).toThrow(RangeError);
    expect(() => histogram.merge(new Histogram(5))).toThrow(RangeError);
    expect(() => new Histogram(9)).toThrow(RangeError);
    expect(new Histogram().percentile(0.5)).toBeNaN();
  });
});

describe('TimeWeighted', () => {
  it('is the exact integral over time, without the warm-up', () => {
    const level = new TimeWeighted(100);
    level.set(0, 5);
    level.set(150, 2);
    level.add(160, 2);
    const snapshot = level.snapshot(200);
    // 5 for 50 ns, 2 for 10 ns, 4 for 40 ns.
    expect(timeWeightedMean(snapshot)).toBe((250 + 20 + 160) / 100);
    expect(snapshot.max).toBe(5);
    expect(timeWeightedMean(mergeTimeWeighted([snapshot, snapshot]))).toBe(8.6);
  });
});

describe('Counters and Series', () => {
  it('count and merge', () => {
    const counters = new Counters(['sent', 'lost']);
    counters.add(counters.index('lost'), 3);
    counters.merge(Float64Array.of(1, 2));
    expect([counters.get('sent'), counters.get('lost')]).toEqual([1, 5]);
    expect(() => counters.merge(Float64Array.of(1))).toThrow(RangeError);
  });

  it('sums by bin, from the start to the end', () => {
    const series = new Series(100, 400, 100);
    for (const t of [99, 100, 199, 250, 400, 500]) series.add(t, 2);
    expect(series.totals()).toEqual([4, 2, 0, 2]);
    expect(series.means()).toEqual([2, 2, null, 2]);
    series.merge(structuredClone(series.snapshot()));
    expect(series.totals()).toEqual([8, 4, 0, 4]);
    expect(() => series.merge(new Series(0, 300, 100).snapshot())).toThrow(RangeError);
  });

  it('forgets what left the moving window', () => {
    const window = new MovingWindow(160);
    window.add(5, 1);
    window.add(100, 2);
    expect(window.total(159)).toBe(3);
    expect(window.total(165)).toBe(2);
    expect(window.total(1000)).toBe(0);
  });
});

describe('intervals', () => {
  it('has the quantiles of Student', () => {
    expect(studentT95(1)).toBe(12.706);
    expect(studentT95(30)).toBe(2.042);
    expect(studentT95(60)).toBeCloseTo(2.0003, 3);
    expect(studentT95(0)).toBeNaN();
  });

  it('covers the mean of independent observations', () => {
    const estimate = meanEstimate([1, 2, 3, 4]);
    expect(estimate.mean).toBe(2.5);
    expect(estimate.halfWidth95).toBeCloseTo(3.182 * Math.sqrt(5 / 12), 10);
    expect(meanEstimate([1]).halfWidth95).toBeNaN();
  });

  it('by batches covers the mean of a correlated series, which the naive interval does not', () => {
    let batches = 0;
    let naive = 0;
    for (let run = 0; run < 100; run++) {
      const source = stream(run, 0, 'batch');
      const means = new BatchMeans();
      const all: number[] = [];
      for (let i = 0, x = 0; i < 20_000; i++) {
        x = 0.9 * x + normal(source);
        means.add(x);
        all.push(x);
      }
      const batch = means.estimate();
      if (Math.abs(batch.mean) <= batch.halfWidth95) batches++;
      const plain = meanEstimate(all);
      if (Math.abs(plain.mean) <= plain.halfWidth95) naive++;
    }
    expect(batches).toBeGreaterThanOrEqual(88);
    expect(naive).toBeLessThan(60);
  });

  it('finds the end of the warm-up', () => {
    const source = stream(1, 0, 'warm-up');
    const series = Array.from(
      { length: 1000 },
      (_, i) => (i < 200 ? 20 - i / 10 : 0) + exponential(source),
    );
    const { cut, settled } = findWarmUp(series);
    expect(settled).toBe(true);
    expect(Math.abs(cut - 190)).toBeLessThanOrEqual(30);
    expect(findWarmUp(Array.from({ length: 500 }, (_, i) => i)).settled).toBe(false);
    expect(findWarmUp([1, 2, 3])).toEqual({ cut: 0, settled: false });
  });
});
