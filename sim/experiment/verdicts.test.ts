import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/results/run-folder.ts';
import type { MetricValue, Summary, SummaryCell } from '../../src/results/types.ts';
import type { Finding } from '../../src/workload/types.ts';
import { judgeExpectation, worst } from './expectations.ts';
import { evaluateFinding } from './findings.ts';
import { estimateMean, estimatePair, type Observations } from './intervals.ts';
import { summarise } from './summarise.ts';
import { environment, small } from './testdata/small.ts';

const observed = (...values: number[]): Observations => new Map(values.entries());

describe('intervals', () => {
  test('mean: Student t over replications, none for one', () => {
    // t(0.975, 2) = 4.302653; sd of 1, 2, 3 is 1.
    const estimate = estimateMean(observed(1, 2, 3));
    expect(estimate?.value).toBe(2);
    expect(estimate?.ci95?.[0]).toBeCloseTo(2 - 4.302653 / Math.sqrt(3), 5);
    expect(estimateMean(observed(7))).toEqual({ value: 7, ci95: null, n: 1 });
    expect(estimateMean(observed())).toBeUndefined();
  });

  test('pairs cancel the noise that both share', () => {
    const noise = [80, 100, 120];
    const of = observed(...noise.map((x) => 2 * x));
    const to = observed(...noise);
    const ratio = estimatePair('ratio', of, to);
    expect(ratio?.value).toBe(2);
    expect(ratio?.ci95?.[0]).toBeCloseTo(2, 6);
    expect(ratio?.ci95?.[1]).toBeCloseTo(2, 6);
    const shifted = observed(...noise.map((x) => x + 3));
    expect(estimatePair('difference', shifted, to)).toEqual({ value: 3, ci95: [3, 3], n: 3 });
  });

  test('pairs by replication, not by position', () => {
    const of = new Map([
      [1, 20],
      [2, 30],
    ]);
    const estimate = estimatePair('difference', of, observed(1000, 19, 29));
    expect(estimate).toEqual({ value: 1, ci95: [1, 1], n: 2 });
    expect(estimatePair('difference', of, observed(5))).toBeUndefined();
  });

  test('a ratio to zero is undefined, to what may be zero has no interval', () => {
    expect(estimatePair('ratio', observed(1, 2), observed(0, 0))).toBeUndefined();
    const vague = estimatePair('ratio', observed(1, 2, 1), observed(-1, 2, 1));
    expect(vague?.ci95).toBeNull();
    expect(vague?.n).toBe(3);
  });
});

describe('judgeExpectation', () => {
  const cell = (size: number, metric: Partial<MetricValue> | undefined): SummaryCell => ({
    parameters: { 'groups.size': size },
    metrics:
      metric === undefined ? {} : { m: { value: 5, unit: 'count', ci95: [4, 6], n: 3, ...metric } },
  });
  const judge = (
    bounds: { min?: number; max?: number },
    metric: Partial<MetricValue> | undefined = {},
    replications = 3,
  ): string => {
    const expectation = { metric: 'm', where: {}, because: '', ...bounds };
    return judgeExpectation(expectation, [cell(2, metric)], replications).verdict;
  };

  test.each([
    [{ max: 6 }, 'ok'],
    [{ min: 4 }, 'ok'],
    [{ min: 4, max: 6 }, 'ok'],
    [{ max: 5.9 }, 'unknown'],
    [{ min: 4.1 }, 'unknown'],
    [{ min: 4.5, max: 5.5 }, 'unknown'],
    [{ max: 3.9 }, 'violated'],
    [{ min: 6.1 }, 'violated'],
    [{ min: 7, max: 8 }, 'violated'],
  ])('interval 4 to 6 within %j is %s', (bounds, verdict) => {
    expect(judge(bounds)).toBe(verdict);
  });

  test('one replication decides by its value', () => {
    expect(judge({ max: 5 }, { ci95: null, n: 1 }, 1)).toBe('ok');
    expect(judge({ max: 4.9 }, { ci95: null, n: 1 }, 1)).toBe('violated');
  });

  test('what was not observed, or in one replication of several, is unknown', () => {
    expect(judge({ max: 4.9 }, { ci95: null, n: 1 }, 3)).toBe('unknown');
    const none = { metric: 'm', where: {}, because: '', max: 1 };
    expect(judgeExpectation(none, [cell(2, undefined)], 3).verdict).toBe('unknown');
    expect(judgeExpectation(none, [], 3)).toMatchObject({ verdict: 'unknown' });
  });

  test('the worst matching cell decides and is named', () => {
    const cells = [cell(2, {}), cell(10, { ci95: [5, 9] }), cell(100, { ci95: [8, 9] })];
    const expectation = { metric: 'm', where: {}, max: 7, because: '' };
    const result = judgeExpectation(expectation, cells, 3);
    expect(result.verdict).toBe('violated');
    expect(result.detail).toBe('groups.size = 100: 5, 95 % interval 8 to 9');
    const where = { 'groups.size': 10 };
    expect(judgeExpectation({ ...expectation, where }, cells, 3).verdict).toBe('unknown');
  });

  test('worst: violated, then unknown, then ok', () => {
    expect(worst([])).toBe('ok');
    expect(worst(['ok', 'unknown'])).toBe('unknown');
    expect(worst(['violated', 'unknown', 'ok'])).toBe('violated');
  });
});

describe('evaluateFinding', () => {
  const cells = [
    { parameters: { p: 'a' }, observations: () => observed(100, 110, 120) },
    { parameters: { p: 'b' }, observations: () => observed(50, 55, 60) },
    { parameters: { p: 'c' }, observations: () => observed() },
  ];
  const text = 'It is {value} ({ci95}).';
  const finding = (more: Partial<Finding>): Finding => ({
    text,
    metric: 'm',
    compare: 'value',
    of: { p: 'a' },
    ...more,
  });
  const evaluate = (more: Partial<Finding>): string =>
    evaluateFinding(finding(more), cells, 'ms').text;

  test('fills in value, difference and ratio with their units', () => {
    expect(evaluate({})).toBe('It is 110 ms (85 to 135 ms).');
    expect(evaluate({ compare: 'ratio', to: { p: 'b' } })).toBe('It is 2 (2 to 2).');
    expect(evaluate({ compare: 'difference', to: { p: 'b' } })).toBe(
      'It is 55.0 ms (42.6 to 67.4 ms).',
    );
  });

  test('says why there is no number', () => {
    expect(evaluate({ of: { p: 'x' } })).toBe('It is unknown (no cell with p = x).');
    expect(evaluate({ of: {} })).toBe('It is unknown (3 cells with base).');
    expect(evaluate({ of: { p: 'c' } })).toBe('It is unknown (not observed).');
    const result = evaluateFinding(finding({ of: { p: 'x' } }), cells, 'ms');
    expect(result).toMatchObject({ value: null, ci95: null });
  });
});

describe('summarise', () => {
  const { workload, cells } = small([2, 5]);
  const outcomes: Outcome[] = cells.flatMap(({ id }, index) =>
    [0, 1, 2].map((replication) => ({
      cell: id,
      replication,
      seed: replication,
      result: {
        metrics: { b: index + replication, a: 1 },
        checks: [{ name: 'conservation', ok: true, detail: '1 = 1' }],
        digest: `${index}${replication}`,
        events: 1,
      },
    })),
  );
  const run = (outcomes: readonly Outcome[]): Summary =>
    summarise({
      workload,
      cells,
      outcomes,
      tier: 'model',
      seed: 1,
      replications: 3,
      environment,
      unitOf: () => 'count',
    });

  test('does not depend on the order of outcomes', () => {
    const expected = JSON.stringify(run(outcomes));
    const shuffled = fc.shuffledSubarray(outcomes, { minLength: outcomes.length });
    fc.assert(
      fc.property(shuffled, (some) => {
        expect(JSON.stringify(run(some))).toBe(expected);
      }),
    );
  });

  test('the digest tells events, metrics and seeds apart', () => {
    const [first, ...rest] = outcomes as [Outcome, ...Outcome[]];
    const changes: Outcome[] = [
      { ...first, seed: 9 },
      { ...first, result: { ...first.result, digest: 'x' } },
      { ...first, result: { ...first.result, metrics: { b: 0, a: 1 + 2 ** -52 } } },
    ];
    const digests = [first, ...changes].map((one) => run([one, ...rest]).digest);
    expect(new Set(digests).size).toBe(4);
    // The order in which a model happens to list its metrics says nothing.
    const sorted = { ...first, result: { ...first.result, metrics: { a: 1, b: 0 } } };
    expect(run([sorted, ...rest]).digest).toBe(digests[0]);
  });

  test('a failed check makes the run violated', () => {
    expect(run(outcomes).verdict).toBe('ok');
    const [first, ...rest] = outcomes as [Outcome, ...Outcome[]];
    const checks = [{ name: 'conservation', ok: false, detail: '1 = 2' }];
    const summary = run([{ ...first, result: { ...first.result, checks } }, ...rest]);
    expect(summary.verdict).toBe('violated');
    expect(summary.checks).toHaveLength(6);
    expect(summary.checks[0]).toMatchObject({ ok: false, cell: cells[0]?.id, replication: 0 });
  });
});
