import { expect, test } from 'vitest';
import { heats, histograms, metrics, series } from '../../../src/results/metrics.ts';
import type { ReplicationResult } from '../../../src/results/types.ts';
import type { RetryPolicy, Workload } from '../../../src/workload/types.ts';
import { suites } from '../../../src/suites/registry.ts';
import { loadCalibration, sizeOf } from '../costs.ts';
import { runModel } from '../run.ts';
import { testWorkload } from '../testing/workload.ts';
import { RatchetTree } from '../tree/ratchet-tree.ts';
import { sizes } from '../tree/sizes.ts';

async function run(workload: Workload, workers = 1): Promise<ReplicationResult> {
  const { result } = await runModel(workload, { seed: 5, workers });
  for (const check of result.checks) expect(check, check.detail).toMatchObject({ ok: true });
  return result;
}

interface Race {
  readonly contenders?: number;
  readonly ratePerContender?: number;
  readonly staleness?: number;
  readonly retry?: RetryPolicy;
  readonly size?: number;
  readonly rest?: Parameters<typeof testWorkload>[0];
}

function race({ contenders = 20, ratePerContender = 0.02, staleness = 1000, ...other }: Race = {}) {
  return testWorkload({
    scenario: 'commit-throughput',
    duration: 600_000,
    warmUp: 60_000,
    population: { homeservers: 4, clients: 1000 },
    groups: { count: 10, size: { kind: 'constant', value: other.size ?? 100 } },
    ...other.rest,
    commits: {
      contenders,
      ratePerContender,
      staleness: { kind: 'constant', value: staleness },
      retry: other.retry ?? { kind: 'none' },
    },
  });
}

test.each([0.1, 0.5, 2])(
  'without retry x / (1 + x) of attempts are rejected: x = %d',
  async (x) => {
    // Staleness of a minute against network and processing of some 30 ms.
    const tau = 60_000;
    const result = await run(
      race({
        contenders: 60,
        ratePerContender: (1000 * x) / tau / 60,
        staleness: tau,
        size: 60,
        rest: {
          duration: 30 * 3_600_000,
          warmUp: 3_600_000,
          measure: { bin: 3_600_000 },
          population: { homeservers: 1, clients: 1000 },
          groups: { count: 4, size: { kind: 'constant', value: 60 } },
          network: { access: { kind: 'constant', value: 1 } },
        },
      }),
    );
    // Within four standard errors of the estimate, or 0.005 if that is more.
    const attempts = result.metrics['commits_accepted']! * result.metrics['attempts_per_accepted']!;
    const share = x / (1 + x);
    const tolerance = Math.max(0.005, 4 * Math.sqrt((share * (1 - share)) / attempts));
    expect(Math.abs(result.metrics['rejected_share']! - share)).toBeLessThan(tolerance);
    expect(result.metrics['commits_accepted_per_second']).toBeLessThan(1000 / tau);
  },
);

const policies: RetryPolicy[] = [
  { kind: 'none' },
  { kind: 'immediate', attempts: 5 },
  { kind: 'fixed', delay: 5000, attempts: 5 },
  { kind: 'exponential', base: 100, cap: 10_000, attempts: 5 },
  { kind: 'full-jitter', base: 100, cap: 10_000, attempts: 5 },
  { kind: 'equal-jitter', base: 100, cap: 10_000, attempts: 5 },
  { kind: 'decorrelated-jitter', base: 100, cap: 10_000, attempts: 5 },
  { kind: 'random-delay', spread: 3000, attempts: 5 },
  { kind: 'elected-committer', timeout: 2500 },
];

test.each(policies)(
  '$kind: nothing is lost under contention, and all wishes are as many',
  async (retry) => {
    const { metrics: found } = await run(race({ retry, contenders: 30 }));
    // Open loop from a stream of its own: the policy does not change who wants to commit when.
    const wanted = (await run(race({ contenders: 30 }))).metrics['commits_wanted'];
    expect(found['commits_wanted']).toBe(wanted);
    expect(found['commits_accepted']).toBeGreaterThan(500);
  },
);

test('nothing is lost when the delivery service is overloaded', async () => {
  for (const retry of [policies[4]!, policies[8]!]) {
    const overload = race({
      retry,
      rest: { homeserver: { cores: 1, slowdown: 300, queueLimit: 3 }, network: { loss: 0.05 } },
    });
    expect((await run(overload)).metrics['ds_busy_share']).toBeGreaterThan(0.05);
  }
});

test('add and remove keep the group at its size', async () => {
  const { metrics: found } = await run(race());
  const workload = race();
  const adding = await run({
    ...workload,
    commits: { ...workload.commits, operation: 'add-remove' },
  });
  expect(adding.metrics['commit_bytes_mean']).toBeGreaterThan(found['commit_bytes_mean']! + 300);
});

test('commits have exactly the size that the ratchet tree gives', async () => {
  const { metrics: found } = await run(race({ size: 128 }));
  const tree = RatchetTree.healed(128, sizes(suites['0x0001']));
  const overhead = sizeOf(loadCalibration('reference'), 'request-overhead');
  // A full tree of 2^7 leaves stays full: every update has 7 path secrets.
  expect(found['commit_bytes_mean']).toBeCloseTo(tree.update(17).commitBytes + overhead, 6);
  expect(found['path_secrets_per_commit']).toBe(7);
});

test('an elected committer rejects nothing while it has time', async () => {
  const { metrics: found } = await run(
    race({ retry: { kind: 'elected-committer', timeout: 60_000 } }),
  );
  expect(found['rejected_share']).toBe(0);
  expect(found['given_up_share']).toBe(0);
  // Staleness is spent on collecting: one commit grants several wishes.
  expect(found['commits_accepted']).toBeLessThan(0.95 * found['commits_wanted']!);
});

test('1, 2, 3 and 4 workers give the same result to the last bit', async () => {
  const workload = race({ retry: policies[4]! });
  const one = await run(workload);
  for (const workers of [2, 3, 4]) expect(await run(workload, workers)).toEqual(one);
});

test('every name that the model writes is in the tables', async () => {
  const result = await run(race());
  expect(Object.keys(metrics)).toEqual(expect.arrayContaining(Object.keys(result.metrics)));
  expect(Object.keys(histograms)).toEqual(expect.arrayContaining(Object.keys(result.histograms)));
  expect(Object.keys(series)).toEqual(expect.arrayContaining(Object.keys(result.series)));
  expect(Object.keys(heats)).toEqual(expect.arrayContaining(Object.keys(result.heat)));
});
