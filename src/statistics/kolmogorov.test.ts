import { describe, expect, it } from 'vitest';
import { kolmogorovSmirnov, kolmogorovTail } from './kolmogorov.ts';

describe('Kolmogorov-Smirnov', () => {
  // Critical values of the limiting distribution: Smirnov (1948), table; also NIST 1.3.5.16.
  it.each([
    [1.2238, 0.1],
    [1.3581, 0.05],
    [1.6276, 0.01],
  ])('P(K > %d) = %d', (x, tail) => {
    expect(kolmogorovTail(x)).toBeCloseTo(tail, 4);
  });

  it('has the 5 % point of Massey (1951) for n = 20', () => {
    const shift = 0.294 - 0.05; // the sample i/20 + shift is exactly this far from uniform
    const sample = Array.from({ length: 20 }, (_, i) => Math.min(1, (i + 1) / 20 + shift));
    const { distance, pValue } = kolmogorovSmirnov(sample, (x) => x);
    expect(distance).toBeCloseTo(0.294, 10);
    expect(pValue).toBeCloseTo(0.05, 2);
  });

  it('accepts the right distribution and rejects a wrong one', () => {
    const grid = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
    expect(kolmogorovSmirnov(grid, (x) => x).pValue).toBeGreaterThan(0.99);
    expect(kolmogorovSmirnov(grid, (x) => x * x).pValue).toBeLessThan(1e-6);
  });

  it('does not look at the order of the sample', () => {
    const one = kolmogorovSmirnov([0.9, 0.1, 0.5], (x) => x);
    expect(kolmogorovSmirnov([0.1, 0.5, 0.9], (x) => x)).toEqual(one);
  });
});
