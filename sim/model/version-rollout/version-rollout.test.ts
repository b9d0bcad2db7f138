import { expect, test } from 'vitest';
import { histograms, metrics, series } from '../../../src/results/metrics.ts';
import type { ReplicationResult } from '../../../src/results/types.ts';
import type { Rollout } from '../../../src/workload/types-ideas.ts';
import type { Distribution, Workload } from '../../../src/workload/types.ts';
import { runModel } from '../run.ts';
import { testWorkload } from '../testing/workload.ts';
import { errorNs } from './documents.ts';
import { speaksV1, speaksV2, type Timeline } from './timeline.ts';

const hour = 3_600_000;
const day = 24 * hour;
const constant = (value: number): Distribution => ({ kind: 'constant', value });

interface Changes {
  readonly rollout?: Partial<Rollout>;
  readonly rest?: Parameters<typeof testWorkload>[0];
}

function spread({ rollout = {}, rest = {} }: Changes = {}): Workload {
  const base = testWorkload({
    scenario: 'version-rollout',
    duration: 14 * day,
    warmUp: 0,
    measure: { bin: hour },
    population: { homeservers: 12, clients: 240, skew: { kind: 'zipf', exponent: 1 } },
    groups: { perClient: 4, size: constant(3), locality: 0.3 },
    ...rest,
  });
  return { ...base, rollout: { ...base.rollout, ...rollout } };
}

async function run(workload: Workload, workers = 1): Promise<ReplicationResult> {
  const { result } = await runModel(workload, { seed: 21, workers });
  for (const check of result.checks) expect(check, check.detail).toMatchObject({ ok: true });
  expect(result.checks).toHaveLength(3);
  return result;
}

test('equal results on 1, 2 and 4 workers, with everything that can happen', async () => {
  const rollout = { rollback: 0.4, dropV1: day, outageStart: 6 * day, outageLength: 30 * hour };
  const workload = spread({ rollout: { ...rollout, jitter: 0.2, tampered: 0.05 } });
  const reference = await run(workload);
  expect(reference.metrics['downgrade_false_alarms']).toBeGreaterThan(0);
  expect(reference.metrics['refused_no_common_share']).toBeGreaterThan(0);
  expect(await run(workload, 2)).toEqual(reference);
  expect(await run(workload, 4)).toEqual(reference);
});

test.each([8, 16])('S (S - 1) fetches come in one hour, every day: S = %i', async (homeservers) => {
  const outage = { outageStart: 4 * day, outageLength: 25 * hour };
  const population = { homeservers, clients: 100 };
  const { metrics: found } = await run(spread({ rollout: outage, rest: { population } }));
  const pairs = homeservers * (homeservers - 1);
  expect(found['herd_refreshes']).toBe(pairs);
  expect(found['herd_share']).toBe(1);
  expect(found['refreshes_per_hour_peak']).toBe(pairs);
});

test('an outage shorter than the time to live gathers (L + 1 h) / TTL of them', async () => {
  const rollout = { outageStart: 4 * day, outageLength: 5 * hour };
  const population = { homeservers: 40, clients: 100 };
  const { metrics: found } = await run(spread({ rollout, rest: { population } }));
  expect(found['herd_share']! / (6 / 24)).toBeCloseTo(1, 1);
});

test('without an outage all is even, and each pair fetches once per time to live', async () => {
  for (const [ttl, counts] of [
    [12 * hour, 12 * hour],
    // No more than 48 h count.
    [5 * day, 2 * day],
  ] as const) {
    const { metrics: found } = await run(spread({ rollout: { ttl } }));
    expect(found['refreshes']! / ((12 * 11 * 14 * day) / counts)).toBeCloseTo(1, 1);
    expect(found['refreshes_failed']).toBe(0);
    expect(found['herd_refreshes']).toBeUndefined();
  }
});

test('jitter takes the mean time to live down and the herd apart', async () => {
  const rollout = { outageStart: 4 * day, outageLength: 25 * hour, jitter: 0.5 };
  const { metrics: found } = await run(spread({ rollout }));
  // Half of the time to live at random: 12 h of spread, and one hour of it in a bin.
  expect(found['herd_share']).toBeLessThan(0.25);
});

test('a cache adds a uniform part of its time to live', async () => {
  // Leaves first, all homeservers at day 3: a pair waits for what its host knows of one other.
  const rollout = {
    homeserverUpgrade: constant(3 * day),
    clientUpgrade: constant(0),
    ttl: 24 * hour,
  };
  const remote = { groups: { perClient: 8, size: constant(2), locality: 0 } };
  const population = { homeservers: 60, clients: 1200, skew: constant(1) };
  const { metrics: found } = await run(spread({ rollout, rest: { ...remote, population } }));
  expect(found['groups_ready_share']).toBe(1);
  // One group in 60 has both members on one homeserver, and waits for nothing.
  expect(found['cache_delay_mean']! / ((59 / 60) * 12 * hour)).toBeCloseTo(1, 1);
  expect(found['groups_ready_p50']! / (3 * day + 12 * hour)).toBeCloseTo(1, 1);
});

test('a group waits for the slowest of its leaves', async () => {
  const rollout = {
    homeserverUpgrade: constant(0),
    clientUpgrade: { kind: 'exponential' as const, mean: 2 * day },
    leafUpdate: hour,
  };
  const groups = { perClient: 2, size: constant(4), locality: 0 };
  const duration = 30 * day;
  const population = { homeservers: 12, clients: 20_000 };
  const { metrics: found } = await run(spread({ rollout, rest: { groups, duration, population } }));
  // Median of the maximum of 4 exponentials: -ln(1 - 2^(-1/4)) x 2 d.
  const median = -Math.log(1 - 0.5 ** 0.25) * 2 * day;
  expect(found['groups_ready_p50']! / median).toBeCloseTo(1, 1);
});

test('nobody is refused while version 1 is spoken; who drops it refuses slow clients', async () => {
  const both = (await run(spread({ rollout: { dropV1: 104 * day } }))).metrics;
  expect(both['refused_share']).toBe(0);
  // All homeservers drop at day 2, clients upgrade evenly over 14 days.
  const rollout = {
    homeserverUpgrade: constant(2 * day),
    clientUpgrade: { kind: 'uniform' as const, min: 0, max: 14 * day },
    dropV1: 0,
    requests: 1 / 86_400,
  };
  const population = { homeservers: 12, clients: 8000 };
  const found = (await run(spread({ rollout, rest: { population } }))).metrics;
  // Mean over days 2 to 14 of 1 - t / 14, times the share of these days: 12^2 / (2 x 14^2).
  expect(found['refused_no_common_share']! / (144 / 392)).toBeCloseTo(1, 1);
  // Clients that could but do not know are refused once per pair, then their homeserver knows.
  expect(found['refused_stale_share']).toBeLessThan(0.02);
});

test('a stale document costs half a time to live of version 2', async () => {
  const rollout = {
    homeserverUpgrade: constant(4 * day),
    clientUpgrade: constant(0),
    ttl: 24 * hour,
    requests: 20 / 86_400,
  };
  const population = { homeservers: 40, clients: 400 };
  const { metrics: found } = await run(spread({ rollout, rest: { population } }));
  expect(found['version_missed_share']! / (0.5 / 10)).toBeCloseTo(1, 0);
  expect(found['version_missed_share']).toBeGreaterThan(0.04);
  expect(found['version_missed_share']).toBeLessThan(0.06);
});

test('every forged refusal is found, and only a return to version 1 is a false alarm', async () => {
  const quiet = { homeserverUpgrade: constant(0), clientUpgrade: constant(0), tampered: 0.1 };
  const honest = (await run(spread({ rollout: quiet }))).metrics;
  expect(honest['downgrades_attempted']).toBeGreaterThan(200);
  expect(honest['downgrades_found_share']).toBe(1);
  expect(honest['downgrade_false_alarms']).toBe(0);
  const back = (await run(spread({ rollout: { ...quiet, rollback: 1, tampered: 0 } }))).metrics;
  expect(back['downgrade_false_alarms']).toBeGreaterThan(0);
  // Each pair is refused at most once: the document is fetched again.
  expect(back['downgrade_false_alarms']).toBeLessThanOrEqual(12 * 11);
});

test('versions over time: upgrade, return, upgrade again, drop', () => {
  const timeline: Timeline = {
    upgradeNs: Float64Array.of(100),
    backNs: Float64Array.of(200),
    backLengthNs: 50,
    dropNs: 10,
    clientNs: new Float64Array(0),
  };
  const spoken = [99, 100, 109, 110, 200, 249, 250].map((at) => [
    speaksV1(timeline, 0, at),
    speaksV2(timeline, 0, at),
  ]);
  expect(spoken).toEqual([
    [true, false],
    [true, true],
    [true, true],
    [false, true],
    [true, false],
    [true, false],
    [false, true],
  ]);
});

test('errors are remembered for 1 min, doubled, at most 1 h', () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 40].map((failures) => errorNs(failures) / 60e9);
  expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

test('every name that the model writes is in the tables', async () => {
  const rollout = { outageStart: day, outageLength: 2 * hour };
  const result = await run(spread({ rollout }));
  expect(Object.keys(metrics)).toEqual(expect.arrayContaining(Object.keys(result.metrics)));
  expect(Object.keys(histograms)).toEqual(expect.arrayContaining(Object.keys(result.histograms)));
  expect(Object.keys(series)).toEqual(expect.arrayContaining(Object.keys(result.series)));
});
