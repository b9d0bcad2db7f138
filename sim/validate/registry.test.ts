import { describe, expect, it } from 'vitest';
import { findStudy, groups, registryComparisons, studies } from './registry.ts';
import { caseNames } from './select.ts';

/** Values as textbooks and papers print them, typed in by hand: not from closed-forms.ts. */
const printed: readonly (readonly [string, number])[] = [
  ['queue/mm1/rho-0.5/wait', 1],
  ['queue/mm1/rho-0.8/number', 4],
  ['queue/mm1/rho-0.9/sojourn-p99', 46.052],
  ['queue/mm1/rho-0.95/wait', 19],
  ['queue/md1/rho-0.9/wait', 4.5],
  ['queue/mh1/cs2-4/rho-0.8/wait', 10],
  ['queue/erlang-c/servers-2/rho-0.5/waited', 0.33333],
  ['queue/erlang-c/servers-8/rho-0.9/wait', 0.87692],
  ['queue/erlang-c/servers-32/rho-0.9/waited', 0.4582],
  ['queue/erlang-b/servers-20/load-15/blocked', 0.045593],
  ['queue/erlang-b/servers-128/load-100/blocked', 0.000968],
  ['queue/mm1k/places-10/rho-1.2/blocked', 0.192586],
  ['fan-out/slowest/n-100/completion', 5.187],
  ['commit-race/poisson/load-2/rejected', 0.667],
  ['commit-race/slotted/members-200/load-1/rejected', 0.367],
  ['commit-race/contention/members-10/attempts', 55],
  ['commit-race/self-update/within-a-hour/rejected', 0.357],
  ['backoff/full-jitter/clients-10/completion', 463],
  ['backoff/exponential/clients-50/calls', 623.9],
  ['tree/bulk-first-update/n-1000/path-secrets', 999],
  ['tree/healed-update/n-1024/path-secrets', 10],
];

describe('the registry', () => {
  it.each(printed)('expects of %s what is printed: %d', (name, value) => {
    const [study, measure] = [name.slice(0, name.lastIndexOf('/')), name.split('/').at(-1) ?? ''];
    expect(findStudy(study).measures[measure]?.expected).toBeCloseTo(value, 3);
  });

  it('names every case once, with a source and a finite expectation', () => {
    const names = studies.flatMap(caseNames);
    expect(new Set(names).size).toBe(names.length);
    for (const measure of studies.flatMap((study) => Object.values(study.measures))) {
      expect(measure.source.length).toBeGreaterThan(5);
      expect(Number.isFinite(measure.expected)).toBe(true);
    }
  });

  it('replicates whatever is random at least 30 times', () => {
    for (const study of studies) {
      const random = Object.values(study.measures).some(
        ({ tolerance }) => tolerance.kind !== 'exact',
      );
      expect(study.replications).toBeGreaterThanOrEqual(random ? 30 : 1);
    }
  });

  it('checks Little on every queue', () => {
    for (const study of studies.filter(({ name }) => name.startsWith('queue/'))) {
      expect(study.measures['little']).toMatchObject({ expected: 0, tolerance: { kind: 'exact' } });
    }
  });

  it('knows its groups and the size of the family', () => {
    expect(groups()).toEqual(['sampler', 'queue', 'fan-out', 'commit-race', 'backoff', 'tree']);
    expect(registryComparisons).toBeGreaterThan(60);
    expect(() => findStudy('queue/none')).toThrow('no study is called queue/none');
  });
});
