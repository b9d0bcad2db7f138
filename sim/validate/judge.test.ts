import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential } from '../kernel/samplers.ts';
import { stream } from '../kernel/random.ts';
import { caseConfidence, conclude, judge } from './judge.ts';
import type { Measure, Tolerance } from './study.ts';

function measure(expected: number, tolerance: Tolerance): Measure {
  return { expected, unit: '1', tolerance, source: 'test' };
}

const relative = { kind: 'relative', value: 0.02 } as const;

describe('judge', () => {
  it('passes a mean that is close and whose interval holds theory', () => {
    const judgement = judge(measure(10, relative), [9.9, 10.1, 10, 10.05], 0.99);
    expect(judgement.verdict).toBe('ok');
    expect(judgement.tolerance).toBeCloseTo(0.2, 12);
    expect(judgement.actual).toBeCloseTo(10.0125, 12);
    expect(judgement.interval?.[0]).toBeLessThan(10);
  });

  it('finds an error within the tolerance when the interval is sharp enough', () => {
    const values = [10.1, 10.11, 10.09, 10.1, 10.1];
    expect(judge(measure(10, relative), values, 0.99).verdict).toBe('violated');
  });

  it('says unknown when the interval is too wide to tell', () => {
    expect(judge(measure(10, relative), [5, 17, 9, 13], 0.99).verdict).toBe('unknown');
    // Right on average, but that is luck.
    expect(judge(measure(10, relative), [5, 15, 9, 11], 0.99).verdict).toBe('unknown');
    expect(judge(measure(10, relative), [10], 0.99)).toMatchObject({
      verdict: 'unknown',
      interval: null,
    });
  });

  it('compares exact values one by one, without averaging errors away', () => {
    const exact = measure(10, { kind: 'exact' });
    expect(judge(exact, [10, 10], 0.99).verdict).toBe('ok');
    expect(judge(exact, [10, 9, 11], 0.99)).toMatchObject({ verdict: 'violated', actual: 9 });
  });

  it('allows published means three standard errors of the difference', () => {
    const published = measure(100, { kind: 'published', errors: 3, sd: 10, runs: 100 });
    // Standard errors 1 (theirs) and 1 (ours): sqrt 2 together, 4.24 allowed.
    const ours = (mean: number): number[] => [mean - Math.SQRT2, mean, mean + Math.SQRT2, mean];
    const margin = judge(published, ours(100), 0.99).tolerance;
    expect(margin).toBeCloseTo(3 * Math.sqrt(1 + 4 / 3 / 4), 10);
    expect(judge(published, ours(103), 0.99).verdict).toBe('ok');
    expect(judge(published, ours(104), 0.99).verdict).toBe('violated');
    expect(judge(published, [104], 0.99).verdict).toBe('unknown');
  });

  it('does not let a missing number pass', () => {
    expect(judge(measure(1, relative), [1, Number.NaN], 0.99).verdict).toBe('violated');
  });

  it('keeps the confidence of the family', () => {
    expect(caseConfidence(1)).toBeCloseTo(0.99, 12);
    expect(caseConfidence(100)).toBeCloseTo(0.9999, 12);
  });

  it('raises about as many first alarms as its confidence says, for a right simulator', () => {
    const source = stream(7, 0, 'test.judge');
    const draw = (): number => {
      let sum = 0;
      for (let i = 0; i < 50; i++) sum += exponential(source);
      return sum / 50;
    };
    let alarms = 0;
    for (let run = 0; run < 2000; run++) {
      const values = Array.from({ length: 30 }, draw);
      const wide = measure(1, { kind: 'absolute', value: 1 });
      alarms += judge(wide, values, 0.95).verdict === 'violated' ? 1 : 0;
    }
    expect(alarms / 2000).toBeGreaterThan(0.035);
    expect(alarms / 2000).toBeLessThan(0.065);
  });
});

describe('conclude', () => {
  it.each([
    [['ok'], 'ok'],
    [['violated'], undefined],
    [['unknown'], undefined],
    [['violated', 'ok'], 'ok'],
    [['violated', 'violated'], 'violated'],
    [['violated', 'unknown'], undefined],
    [['unknown', 'violated'], undefined],
    [['unknown', 'violated', 'violated'], 'violated'],
    [['violated', 'unknown', 'violated'], 'violated'],
    [['violated', 'violated'], 'violated'],
    [['unknown', 'unknown', 'unknown'], 'unknown'],
    [['unknown', 'unknown', 'violated'], 'unknown'],
    [['unknown', 'unknown', 'ok'], 'ok'],
  ] as const)('%j means %s', (verdicts, expected) => {
    expect(conclude(verdicts)).toBe(expected);
  });

  it('always ends after three samples, and never violates on one', () => {
    const verdict = fc.constantFrom('ok' as const, 'violated' as const, 'unknown' as const);
    fc.assert(
      fc.property(fc.array(verdict, { minLength: 3, maxLength: 3 }), (verdicts) => {
        expect(conclude(verdicts)).toBeDefined();
        expect(conclude(verdicts.slice(0, 1))).not.toBe('violated');
      }),
    );
  });
});
