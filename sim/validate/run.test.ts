import { describe, expect, it } from 'vitest';
import { openPool } from './pool.ts';
import { treeStudies } from './trees.ts';
import { fanOutStudies } from './fan-out.ts';
import { inThread, runStudies } from './run.ts';
import { caseMatcher, selectCases, selectStudies } from './select.ts';
import type { Measure, Study } from './study.ts';

const one: Measure = {
  expected: 1,
  unit: '1',
  tolerance: { kind: 'relative', value: 0.02 },
  source: 'test',
};

/** A study whose replications yield what `value` says. */
function study(name: string, value: (replication: number) => number): Study {
  return {
    name,
    measures: { value: one },
    replications: 4,
    seconds: 1,
    replicate: (_seed, replication) => ({ value: value(replication) }),
  };
}

/** Centred pairs: the mean is `mean`, the spread `spread`. */
const around =
  (mean: number, spread: number) =>
  (replication: number): number =>
    mean + (replication % 2 === 0 ? spread : -spread);

describe('runStudies', () => {
  it('reports in the order of the studies, one sample each when all is well', async () => {
    const studies = [study('a/x', around(1, 0.01)), study('b/y', around(1.001, 0.01))];
    const cases = await runStudies(studies, { seed: 1, execute: inThread(studies) });
    expect(
      cases.map(({ name, group, n, samples, verdict }) => [name, group, n, samples, verdict]),
    ).toEqual([
      ['a/x/value', 'a', 4, 1, 'ok'],
      ['b/y/value', 'b', 4, 1, 'ok'],
    ]);
  });

  it('draws a suspicious case afresh, and forgives what does not happen again', async () => {
    const unlucky = study('a/unlucky', (replication) =>
      replication < 4 ? 1.5 + replication * 1e-4 : around(1, 0.01)(replication),
    );
    const cases = await runStudies([unlucky], { seed: 1, execute: inThread([unlucky]) });
    expect(cases[0]).toMatchObject({ verdict: 'ok', samples: 2, n: 8 });
    expect(cases[0]?.actual).toBeCloseTo(1, 10);
  });

  it('convicts on a second sample that shares no replication with the first', async () => {
    const seen: number[] = [];
    const broken = study('a/broken', (replication) => {
      seen.push(replication);
      return around(1.03, 0.001)(replication);
    });
    const cases = await runStudies([broken], { seed: 1, execute: inThread([broken]) });
    expect(cases[0]).toMatchObject({ verdict: 'violated', samples: 2 });
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('gives up as unknown after two lengthenings', async () => {
    const noisy = study('a/noisy', around(1.03, 2));
    const cases = await runStudies([noisy], { seed: 1, execute: inThread([noisy]) });
    expect(cases[0]).toMatchObject({ verdict: 'unknown', samples: 3, n: 16 });
  });

  it('names the study that forgets a measure', async () => {
    const empty: Study = { ...study('a/empty', () => 1), replicate: () => ({}) };
    await expect(runStudies([empty], { seed: 1, execute: inThread([empty]) })).rejects.toThrow(
      'study a/empty returned no value for its measure value',
    );
  });
});

describe('the pool', () => {
  it('gives what one thread gives, for any number of threads', async () => {
    const studies = [...treeStudies.slice(0, 3), ...fanOutStudies.slice(0, 1)];
    const options = { seed: 5, replications: 6 };
    const alone = await runStudies(studies, { ...options, execute: inThread(studies) });
    for (const jobs of [1, 3]) {
      const pool = openPool(jobs);
      try {
        expect(await runStudies(studies, { ...options, execute: pool.execute })).toEqual(alone);
      } finally {
        await pool.close();
      }
    }
  });

  it('passes on what a thread throws, also to tasks that wait', async () => {
    const pool = openPool(1);
    const task = { study: 'no/such', seed: 1, from: 0, to: 1 };
    const first = pool.execute(task);
    const second = pool.execute(task);
    await expect(first).rejects.toThrow('no study is called no/such');
    await expect(second).rejects.toThrow('no study is called no/such');
    await expect(pool.execute(task)).rejects.toThrow('no study is called no/such');
    await pool.close();
  });
});

describe('selection', () => {
  it.each([
    ['mm1', 'queue/mm1/rho-0.8/wait', true],
    ['MM1*wait', 'queue/mm1/rho-0.8/wait', true],
    ['wait*mm1', 'queue/mm1/rho-0.8/wait', false],
    ['*', 'queue/mm1/rho-0.8/wait', true],
    ['md1', 'queue/mm1/rho-0.8/wait', false],
  ])('%s in %s: %s', (pattern, name, expected) => {
    expect(caseMatcher(pattern)(name)).toBe(expected);
  });

  it('keeps studies by their cases, and cases by their names', async () => {
    const chosen = selectStudies(treeStudies, 'blanked');
    expect(chosen.map(({ name }) => name)).toEqual(['tree/removal/n-8', 'tree/removal/n-1024']);
    const cases = await runStudies(chosen, { seed: 1, execute: inThread(chosen) });
    expect(selectCases(cases, 'blanked').map(({ name }) => name)).toEqual([
      'tree/removal/n-8/blanked',
      'tree/removal/n-1024/blanked',
    ]);
  });
});
