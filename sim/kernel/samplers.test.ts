import { describe, expect, it } from 'vitest';

import { stream } from './random.ts';
import {
  AliasTable,
  exponential,
  lognormal,
  nextPoissonArrival,
  normal,
  uniform,
  zipf,
} from './samplers.ts';

const N = 100_000;

/** Kolmogorov-Smirnov: sqrt(n) times the largest distance to the distribution function. */
function ksStatistic(draw: () => number, cdf: (x: number) => number): number {
  const draws = Float64Array.from({ length: N }, draw).sort();
  let worst = 0;
  draws.forEach((x, i) => {
    const p = cdf(x);
    worst = Math.max(worst, Math.abs(p - i / N), Math.abs((i + 1) / N - p));
  });
  return worst * Math.sqrt(N);
}

/** Beyond it lies a share of 0.0007 of true samples. */
const KS_MAX = 2;

/** Normal distribution function (Abramowitz and Stegun 26.2.17, error below 1e-7). */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}

describe('samplers', () => {
  it('exponential', () => {
    const source = stream(1, 0, 'exponential');
    expect(
      ksStatistic(
        () => exponential(source),
        (x) => 1 - Math.exp(-x),
      ),
    ).toBeLessThan(KS_MAX);
  });

  it('exponential beyond the last layer', () => {
    const source = stream(1, 1, 'exponential');
    let beyond = 0;
    for (let i = 0; i < 2_000_000; i++) if (exponential(source) > 8) beyond++;
    // 2e6 e^-8 = 671, deviation 26.
    expect(Math.abs(beyond - 671)).toBeLessThan(104);
  });

  it('normal', () => {
    const source = stream(1, 0, 'normal');
    expect(ksStatistic(() => normal(source), normalCdf)).toBeLessThan(KS_MAX);
  });

  it('normal beyond the last layer, on both sides', () => {
    const source = stream(1, 1, 'normal');
    let above = 0;
    let below = 0;
    for (let i = 0; i < 2_000_000; i++) {
      const x = normal(source);
      if (x > 3.5) above++;
      if (x < -3.5) below++;
    }
    // 2e6 * 2.326e-4 = 465, deviation 22.
    expect(Math.abs(above - 465)).toBeLessThan(88);
    expect(Math.abs(below - 465)).toBeLessThan(88);
  });

  it('lognormal and uniform', () => {
    const source = stream(1, 0, 'lognormal');
    const cdf = (x: number): number => normalCdf(Math.log(x / 3) / 0.5);
    expect(ksStatistic(() => lognormal(source, 3, 0.5), cdf)).toBeLessThan(KS_MAX);
    expect(
      ksStatistic(
        () => uniform(source, -1, 3),
        (x) => (x + 1) / 4,
      ),
    ).toBeLessThan(KS_MAX);
  });

  it('alias table, with impossible indices', () => {
    const weights = [3, 0, 1, 0.5, 0, 5.5];
    const table = new AliasTable(weights);
    const source = stream(1, 0, 'alias');
    const counts = new Float64Array(weights.length);
    for (let i = 0; i < N; i++) counts[table.sample(source)]! += 1;
    weights.forEach((weight, i) => {
      const expected = (weight * N) / 10;
      expect(Math.abs(counts[i]! - expected)).toBeLessThanOrEqual(5 * Math.sqrt(expected));
    });
  });

  it.each([[[]], [[0, 0]], [[1, -1]], [[1, NaN]], [[Infinity]]])(
    'refuses weights %j',
    (weights) => {
      expect(() => new AliasTable(weights)).toThrow(RangeError);
    },
  );

  it('Zipf follows its power law', () => {
    const table = zipf(1000, 1.1);
    const source = stream(1, 0, 'zipf');
    const counts = new Float64Array(1000);
    for (let i = 0; i < N; i++) counts[table.sample(source)]! += 1;
    let norm = 0;
    for (let k = 1; k <= 1000; k++) norm += k ** -1.1;
    for (const k of [1, 2, 5, 20]) {
      const expected = (N * k ** -1.1) / norm;
      expect(Math.abs(counts[k - 1]! - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  it('thinned Poisson arrivals follow a rate that varies', () => {
    const source = stream(1, 0, 'poisson');
    // Rate 1e-3 per ns in even microseconds, a quarter of it in odd ones.
    const rateAt = (t: number): number => (Math.floor(t / 1000) % 2 === 0 ? 1e-3 : 2.5e-4);
    let even = 0;
    let odd = 0;
    for (let t = 0; ;) {
      t = nextPoissonArrival(source, t, 1e-3, rateAt, 2e7);
      if (t === Infinity) break;
      if (Math.floor(t / 1000) % 2 === 0) even++;
      else odd++;
    }
    expect(Math.abs(even - 10_000)).toBeLessThan(500);
    expect(Math.abs(odd - 2_500)).toBeLessThan(250);
    expect(() => nextPoissonArrival(source, 0, 1, () => 2, 1e9)).toThrow(RangeError);
  });

  it('has frozen first outputs', () => {
    const source = stream(42, 0, 'frozen');
    const table = zipf(100, 1);
    expect([
      exponential(source),
      normal(source),
      lognormal(source, 2, 1),
      table.sample(source),
    ]).toEqual(FROZEN);
  });
});

const FROZEN = [0.1611652252736857, -2.1757586497940538, 1.2927765061234755, 30];
