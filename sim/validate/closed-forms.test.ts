import { describe, expect, it } from 'vitest';
import * as forms from './closed-forms.ts';

describe('queues', () => {
  // Textbook tables; Erlang B and C as tabulated by Cooper (1981) and in teletraffic tables.
  it.each([
    [0.5, 1, 9.21, 0.5],
    [0.8, 4, 23.026, 2],
    [0.9, 9, 46.052, 4.5],
    [0.95, 19, 92.103, 9.5],
  ])('M/M/1 and M/D/1 at rho %d', (rho, wait, p99, constant) => {
    expect(forms.mm1Wait(rho)).toBeCloseTo(wait, 9);
    expect(forms.mm1Number(rho)).toBeCloseTo(wait, 9);
    expect(forms.mm1SojournQuantile(rho, 0.99)).toBeCloseTo(p99, 3);
    expect(forms.mg1Wait(rho, 0)).toBeCloseTo(constant, 9);
    expect(forms.mg1Wait(rho, 1)).toBeCloseTo(wait, 9);
  });

  it.each([
    [2, 0.5, 0.33333, 0.33333],
    [2, 0.8, 0.71111, 1.77778],
    [4, 0.8, 0.59643, 0.74554],
    [8, 0.8, 0.45764, 0.28603],
    [8, 0.9, 0.70153, 0.87692],
    [16, 0.9, 0.59134, 0.36959],
    [32, 0.9, 0.4582, 0.14319],
  ])('Erlang C with %d servers at rho %d', (servers, rho, waits, mean) => {
    expect(forms.erlangC(servers, rho)).toBeCloseTo(waits, 4);
    expect(forms.mmcWait(servers, rho)).toBeCloseTo(mean, 4);
  });

  it.each([
    [10, 5, 0.018385],
    [10, 8, 0.121661],
    [20, 15, 0.045593],
    [128, 100, 0.000968],
  ])('Erlang B with %d servers and %d erlangs', (servers, erlangs, blocking) => {
    expect(forms.erlangB(servers, erlangs)).toBeCloseTo(blocking, 5);
  });

  it('has M/M/c/c and M/M/1/K agree where they are one system', () => {
    expect(forms.mm1kBlocking(1, 0.7)).toBeCloseTo(forms.erlangB(1, 0.7), 12);
    expect(forms.erlangC(1, 0.7)).toBeCloseTo(0.7, 12);
    expect(forms.mmcWait(1, 0.7)).toBeCloseTo(forms.mm1Wait(0.7), 12);
    expect(forms.mm1kBlocking(10, 0.9)).toBeCloseTo(0.050814, 5);
    expect(forms.mm1kBlocking(10, 1.2)).toBeCloseTo(0.192586, 6);
    expect(forms.mm1kBlocking(4, 1)).toBeCloseTo(forms.mm1kBlocking(4, 1 + 1e-9), 6);
  });

  it('splits a hyperexponential with the wanted mean and variation', () => {
    const { probability, means } = forms.balancedHyperexponential(4);
    const mean = probability * means[0] + (1 - probability) * means[1];
    const second = 2 * (probability * means[0] ** 2 + (1 - probability) * means[1] ** 2);
    expect(mean).toBeCloseTo(1, 12);
    expect(second / mean ** 2 - 1).toBeCloseTo(4, 12);
    expect(forms.mg1Wait(0.8, 4)).toBeCloseTo(10, 12);
  });
});

describe('fan-out and races', () => {
  it('sums the harmonic series', () => {
    expect(forms.harmonic(10)).toBeCloseTo(2.929, 3);
    expect(forms.harmonic(100)).toBeCloseTo(5.187, 3);
    expect(forms.harmonic(1000)).toBeCloseTo(7.4854709, 7);
  });

  it('loses commits as a counter with dead time does', () => {
    const shares = [0.1, 0.5, 1, 2, 5].map(forms.raceRejected);
    expect(shares.map((share) => Number((share * 100).toFixed(1)))).toEqual([
      9.1, 33.3, 50, 66.7, 83.3,
    ]);
  });

  it('tends to the Poisson limit of slotted commits', () => {
    expect(forms.slottedRejectedLimit(0.5)).toBeCloseTo(0.213, 3);
    expect(forms.slottedRejectedLimit(1)).toBeCloseTo(0.368, 3);
    expect(forms.slottedRejectedLimit(2)).toBeCloseTo(0.568, 3);
    expect(forms.slottedRejected(1e6, 1e-6)).toBeCloseTo(forms.slottedRejectedLimit(1), 6);
    // Two members with probability 1/2: 1 of 4 windows collides, one of its two commits is lost.
    expect(forms.slottedRejected(2, 0.5)).toBeCloseTo(0.25, 12);
  });

  it('counts attempts of contenders that all retry', () => {
    expect(forms.contentionAttempts(10)).toBe(55);
    expect(forms.contentionFailed(10)).toBeCloseTo(45 / 55, 12);
  });

  it('accepts of n uniform commits what enumeration gives for two', () => {
    // The second is lost iff it comes within tau of the first: 1 - (1 - tau/w)^2 of the pairs.
    expect(forms.uniformAccepted(2, 1, 0.3)).toBeCloseTo((1 + 0.7 ** 2) / 2, 12);
    expect(forms.uniformAccepted(1, 1, 0.3)).toBe(1);
  });

  it('tends to the Poisson race, as published for 1000 members and 2 s', () => {
    for (const [window, rejected] of [
      [86_400, 0.023],
      [3600, 0.36],
      [60, 0.97],
    ] as const) {
      const share = 1 - forms.uniformAccepted(1000, window, 2);
      expect(Math.abs(share - rejected)).toBeLessThan(0.005);
      expect(Math.abs(share - forms.raceRejected(2000 / window))).toBeLessThan(0.005);
    }
  });

  it('sums a binomial tail', () => {
    expect(forms.binomialTail(10, 0.5, 6)).toBeCloseTo(386 / 1024, 12);
    expect(forms.binomialTail(3, 0.2, 0)).toBe(1);
    expect(forms.binomialTail(5, 1, 5)).toBe(1);
  });
});
