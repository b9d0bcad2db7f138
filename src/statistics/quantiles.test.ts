import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile, tCdf, tQuantile } from './quantiles.ts';
import { complementaryError, incompleteBeta, logGamma } from './special.ts';

describe('special functions', () => {
  it('gives the values of Abramowitz and Stegun', () => {
    expect(logGamma(0.5)).toBeCloseTo(0.5723649429247001, 13); // ln sqrt(pi)
    expect(logGamma(1)).toBeCloseTo(0, 13);
    expect(logGamma(101) / 363.73937555556347).toBeCloseTo(1, 13); // ln 100!
    expect(complementaryError(0.5)).toBeCloseTo(0.4795001221869535, 14); // table 7.1
    expect(complementaryError(2)).toBeCloseTo(0.004677734981047266, 15);
    expect(complementaryError(5) / 1.537459794428035e-12).toBeCloseTo(1, 11);
    expect(incompleteBeta(0.5, 2, 3)).toBeCloseTo(0.6875, 14); // 11/16, a polynomial
  });

  it('refuses a pole of the gamma function', () => {
    expect(() => logGamma(0)).toThrow(RangeError);
  });
});

describe('normal quantiles', () => {
  // NIST/SEMATECH e-Handbook 1.3.6.7.1, and the test values printed in AS 241.
  it.each([
    [0.9, 1.2815515655446004],
    [0.975, 1.959963984540054],
    [0.995, 2.5758293035489004],
    [0.25, -0.6744897501960817],
    [0.001, -3.090232306167813],
    [1e-20, -9.262340089798409],
  ])('z(%d) = %d', (p, z) => {
    expect(normalQuantile(p)).toBeCloseTo(z, 12);
  });

  it('inverts the distribution function', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
        expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 13);
      }),
    );
  });
});

describe('Student t quantiles', () => {
  // NIST/SEMATECH e-Handbook 1.3.6.7.2, "Critical Values of the Student's t Distribution".
  it.each([
    [0.9, 1, 3.078],
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 3, 3.182],
    [0.975, 5, 2.571],
    [0.975, 10, 2.228],
    [0.975, 29, 2.045],
    [0.95, 30, 1.697],
    [0.995, 1, 63.657],
    [0.995, 10, 3.169],
    [0.995, 30, 2.75],
    [0.999, 5, 5.893],
    [0.975, 100, 1.984],
  ])('t(%d; %d) = %d', (p, df, t) => {
    expect(tQuantile(p, df)).toBeCloseTo(t, 3);
    expect(tQuantile(1 - p, df)).toBeCloseTo(-t, 3);
  });

  it('has the closed forms of one and two degrees of freedom, far into the tail', () => {
    for (const tail of [0.3, 0.01, 1e-5, 1e-9]) {
      const cauchy = 1 / Math.tan(Math.PI * tail);
      expect(-tQuantile(tail, 1) / cauchy).toBeCloseTo(1, 10);
      const two = (1 - 2 * tail) / Math.sqrt(2 * tail * (1 - tail));
      expect(-tQuantile(tail, 2) / two).toBeCloseTo(1, 10);
    }
  });

  it('inverts the distribution function and tends to the normal', () => {
    const probabilities = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
    fc.assert(
      fc.property(probabilities, fc.double({ min: 0.5, max: 2000, noNaN: true }), (p, df) => {
        expect(tCdf(tQuantile(p, df), df)).toBeCloseTo(p, 10);
      }),
    );
    expect(tQuantile(0.975, 1e6)).toBeCloseTo(normalQuantile(0.975), 5);
    expect(tQuantile(0.975, 1e9)).toBe(normalQuantile(0.975));
  });

  it('refuses probabilities and degrees of freedom out of range', () => {
    expect(() => tQuantile(0, 5)).toThrow(/probability/);
    expect(() => tQuantile(1, 5)).toThrow(/probability/);
    expect(() => tQuantile(0.9, 0)).toThrow(/degrees of freedom/);
    expect(() => normalQuantile(Number.NaN)).toThrow(/probability/);
  });
});
