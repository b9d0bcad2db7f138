import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  intervalOf,
  meanInterval,
  pairedDifference,
  ratioInterval,
  relativeHalfWidth,
  wilson,
} from './interval.ts';

// "Student" (1908), the sleep data: extra hours of sleep under two drugs, ten patients.
const drugOne = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
const drugTwo = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

const samples = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
  minLength: 2,
  maxLength: 40,
});

describe('mean intervals', () => {
  it('gives the interval of NIST data set ZARR13 (e-Handbook 1.3.5.2)', () => {
    const interval = intervalOf({ mean: 9.26146, sd: 0.022789, n: 195 });
    expect(interval.lo).toBeCloseTo(9.258242, 5);
    expect(interval.hi).toBeCloseTo(9.264679, 5);
  });

  it('gives the paired interval of the sleep data (R, t.test(paired = TRUE))', () => {
    const difference = pairedDifference(drugTwo, drugOne);
    expect(difference.mean).toBeCloseTo(1.58, 12);
    expect(difference.lo).toBeCloseTo(0.7001142, 6);
    expect(difference.hi).toBeCloseTo(2.4598858, 6);
    expect(difference.n).toBe(10);
  });

  it('moves and scales with the data, and widens with the confidence', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const plain = meanInterval(values);
        const moved = meanInterval(values.map((value) => 3 * value + 7));
        expect(moved.lo).toBeCloseTo(3 * plain.lo + 7, 6);
        expect(moved.hi).toBeCloseTo(3 * plain.hi + 7, 6);
        const wider = meanInterval(values, 0.99);
        expect(wider.hi - wider.lo).toBeGreaterThanOrEqual(plain.hi - plain.lo);
      }),
    );
  });

  it('is a point for one value and refuses none', () => {
    expect(meanInterval([4])).toEqual({ mean: 4, lo: 4, hi: 4, n: 1 });
    expect(() => meanInterval([])).toThrow(/at least one/);
    expect(() => meanInterval([1, 2], 1)).toThrow(/probability/);
  });

  it('states precision relative to the mean', () => {
    expect(relativeHalfWidth({ mean: -10, lo: -11, hi: -9, n: 5 })).toBeCloseTo(0.1, 12);
    expect(relativeHalfWidth({ mean: 0, lo: -1, hi: 1, n: 5 })).toBe(Number.POSITIVE_INFINITY);
    expect(relativeHalfWidth({ mean: 0, lo: 0, hi: 0, n: 5 })).toBe(0);
  });
});

describe('Wilson intervals', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%d of %d', (successes, n, lo, hi) => {
    const interval = wilson(successes, n);
    expect(interval.lo).toBeCloseTo(lo, 4);
    expect(interval.hi).toBeCloseTo(hi, 4);
  });

  it('is symmetric in success and failure, and knows nothing from nothing', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), (successes, failures) => {
        const n = successes + failures;
        const one = wilson(successes, n);
        const other = wilson(failures, n);
        expect(one.lo).toBeCloseTo(1 - other.hi, 10);
        expect(one.lo).toBeGreaterThanOrEqual(0);
        expect(one.hi).toBeLessThanOrEqual(1);
      }),
    );
    expect(wilson(0, 0)).toMatchObject({ lo: 0, hi: 1 });
    expect(() => wilson(3, 2)).toThrow(RangeError);
  });
});

describe('ratio intervals', () => {
  it('holds exactly the ratios that the paired t-test does not reject (Fieller 1954)', () => {
    const interval = ratioInterval(
      drugTwo.map((x) => x + 20),
      drugOne.map((x) => x + 20),
    );
    for (const [ratio, side] of [
      [interval.lo, 'lo'],
      [interval.hi, 'hi'],
    ] as const) {
      const residual = drugTwo.map((y, i) => y + 20 - ratio * (drugOne[i]! + 20));
      expect(meanInterval(residual)[side === 'lo' ? 'lo' : 'hi']).toBeCloseTo(0, 8);
    }
    expect(interval.lo).toBeLessThan(interval.mean);
    expect(interval.hi).toBeGreaterThan(interval.mean);
  });

  it('is a point when both move together, and unbounded over a denominator that may be 0', () => {
    const doubled = ratioInterval(
      drugTwo.map((x) => 2 * x),
      drugTwo,
    );
    expect(doubled.hi - doubled.lo).toBeLessThan(1e-6);
    expect(ratioInterval(drugTwo, drugOne).hi).toBe(Number.POSITIVE_INFINITY);
  });

  it('refuses samples that do not pair', () => {
    expect(() => pairedDifference([1, 2], [1])).toThrow(/one length/);
    expect(() => ratioInterval([1, 2], [1])).toThrow(/one length/);
  });
});
