import { expect, test } from 'vitest';
import { heats, histograms, metrics, series } from '../../../src/results/metrics.ts';
import type { ReplicationResult } from '../../../src/results/types.ts';
import { spamPolicies, type Spam, type SpamPolicy } from '../../../src/workload/types-ideas.ts';
import type { Workload } from '../../../src/workload/types.ts';
import { runModel } from '../run.ts';
import { testWorkload } from '../testing/workload.ts';
import { Wakes, wakeBudgets } from './wakes.ts';

const hour = 3_600_000;
const day = 24 * hour;

interface Changes {
  readonly spam?: Partial<Spam>;
  readonly policy?: SpamPolicy;
  readonly rest?: Parameters<typeof testWorkload>[0];
}

function flood({ spam = {}, policy = 'off', rest = {} }: Changes = {}): Workload {
  const base = testWorkload({
    scenario: 'spam-flood',
    duration: day,
    warmUp: hour,
    measure: { bin: hour },
    population: {
      homeservers: 4,
      clients: 12,
      skew: { kind: 'constant', value: 1 },
      sessions: { length: { kind: 'lognormal', median: 30_000, sigma: 1.3 }, offline: 0.98 },
    },
    policy: { spam: policy },
    ...rest,
  });
  return { ...base, spam: { ...base.spam, ...spam } };
}

async function run(workload: Workload, workers = 1): Promise<ReplicationResult> {
  const { result } = await runModel(workload, { seed: 3, workers });
  for (const check of result.checks) expect(check, check.detail).toMatchObject({ ok: true });
  expect(result.checks).toHaveLength(3);
  return result;
}

test.each(['off', 'categories'] as const)(
  '%s: equal results on 1, 2 and 4 workers',
  async (policy) => {
    const workload = flood({ policy, spam: { backlog: 200 }, rest: { duration: 8 * hour } });
    const reference = await run(workload);
    expect(await run(workload, 2)).toEqual(reference);
    expect(await run(workload, 4)).toEqual(reference);
  },
);

test.each(spamPolicies)('%s: no message is lost, not even from full lanes', async (policy) => {
  const workload = flood({
    policy,
    spam: { backlog: 3000, adds: 10 / 86_400, invitations: 3 / 86_400 },
    rest: { homeserver: { quota: 40 }, network: { downlink: 20_000 } },
  });
  const { metrics: found } = await run(workload);
  expect(found['spam_messages']).toBeGreaterThan(1000);
  expect(found['spam_refused_share']).toBeGreaterThan(0.2);
});

test('the policies face the same world', async () => {
  const seen = await Promise.all(spamPolicies.map((policy) => run(flood({ policy }))));
  for (const { metrics: found } of seen) {
    expect(found['wanted_messages']).toBe(seen[0]!.metrics['wanted_messages']);
    expect(found['spam_messages']).toBe(seen[0]!.metrics['spam_messages']);
  }
});

test('a cap refuses what is above it', async () => {
  // 1,000 an hour against 40: hours begin with a message, 1 ms here or there.
  const spam = { backlog: 1, adds: 0, messages: 1000 / 3600, ruleRate: 40 / 3600 };
  const workload = flood({ policy: 'rate-cap', spam: { ...spam, groupSize: constant(2) } });
  const { metrics: found } = await run(workload);
  expect(found['spam_refused_share']).toBeCloseTo(1 - 40 / 1000, 2);
});

function constant(value: number): Spam['groupSize'] {
  return { kind: 'constant', value };
}

test('adds are Poisson, and each brings its messages and commits', async () => {
  const spam = { adds: 24 / 86_400, messages: 0.01, groupSize: constant(200) };
  const workload = flood({
    spam,
    rest: { duration: 2 * day, warmUp: 0, population: { clients: 40, homeservers: 4 } },
  });
  const { metrics: found } = await run(workload);
  // 40 clients, 24 adds a day; group-days after T days: a T^2 / 2.
  const groupDays = (40 * 24 * 4) / 2;
  expect(found['spam_messages']! / (groupDays * (864 + 200))).toBeCloseTo(1, 1);
});

test('consent first fetches nothing of a flood, one queue fetches all of it', async () => {
  const consent = (await run(flood({ policy: 'accept-first' }))).metrics;
  expect(consent['spam_background_bytes']).toBe(0);
  expect(consent['spam_foreground_bytes']).toBe(0);
  expect(consent['false_positive_share']).toBeGreaterThanOrEqual(0);
  const off = (await run(flood())).metrics;
  expect(off['spam_background_bytes']).toBeGreaterThan(1e6);
  expect(off['false_positive_share']).toBe(0);
});

test('categories park large groups, unknown sources and fast groups, no others', async () => {
  const quiet = { adds: 1e-4, messages: 5 / 3600, groupSize: constant(2), unknownSource: 0 };
  const wanted = { clubs: 0, invitations: 0, familiar: 1 };
  const parked = async (spam: Partial<Spam>): Promise<number> => {
    const workload = flood({
      policy: 'categories',
      spam: { ...quiet, ...wanted, ...spam },
      rest: { population: { homeservers: 4, clients: 12, sessions: hardlyAny } },
    });
    return (await run(workload)).metrics['parked_bytes']!;
  };
  expect(await parked({})).toBe(0);
  expect(await parked({ unknownSource: 1 })).toBeGreaterThan(0);
  expect(await parked({ groupSize: constant(256) })).toBeGreaterThan(0);
  expect(await parked({ messages: 100 / 3600 })).toBeGreaterThan(0);
});

/** One session a week. */
const hardlyAny = { length: { kind: 'constant' as const, value: 600_000 }, offline: 0.999 };

test('false positives of consent first: arrivals in the time until a decision', async () => {
  // Only new groups: each is parked until the first session at whose half the user decides.
  const mean = 600_000;
  const sessions = { length: { kind: 'constant' as const, value: 20_000 }, offline: 0.9678 };
  const workload = flood({
    policy: 'accept-first',
    spam: { adds: 0, invitations: 20 / 86_400, decides: 1, clubs: 0 },
    rest: {
      duration: 6 * day,
      warmUp: 0,
      population: { homeservers: 4, clients: 40, sessions },
      groups: { size: constant(2), perClient: 1 },
      traffic: { receivedPerClient: 24 / 86_400 },
    },
  });
  const { metrics: found } = await run(workload);
  // Messages come at 24/d in each group; a memoryless gap of 10 min and half a session.
  const parkedPerGroup = (24 * (mean + 10_000)) / day;
  const groups = 40 * 20 * 6;
  expect(found['rescue_time_mean']! / (mean + 10_000)).toBeGreaterThan(0.8);
  expect(found['rescue_time_mean']! / (mean + 10_000)).toBeLessThan(1.2);
  const parked = found['false_positive_share']! * found['wanted_messages']!;
  expect(parked / (groups * parkedPerGroup)).toBeCloseTo(1, 1);
});

test('with all wakes spent a wanted message waits half an interval', async () => {
  // One flooded queue, hardly any session: wakes come every 24 min, their time is short.
  const workload = flood({
    spam: { backlog: 1, adds: 0, messages: 0.2, groupSize: constant(2), clubs: 0, invitations: 0 },
    rest: {
      duration: 10 * day,
      warmUp: day,
      population: { homeservers: 4, clients: 12, sessions: hardlyAny },
    },
  });
  const { metrics: found } = await run(workload);
  expect(found['wakes_per_day']).toBeGreaterThan(55);
  expect(found['wakes_per_day']).toBeLessThan(60.5);
  expect(found['ham_delay_mean']! / (0.5 * 1_440_000)).toBeCloseTo(1, 1);
});

test('a refused commit forces a resync, a parked one does not', async () => {
  const spam = { clubs: 2, clubSize: constant(250), clubMessages: constant(2000), adds: 0 };
  const of = async (policy: SpamPolicy) => (await run(flood({ policy, spam }))).metrics;
  expect((await of('rate-cap'))['forced_resyncs']).toBeGreaterThan(20);
  expect((await of('categories'))['forced_resyncs']).toBe(0);
  expect((await of('off'))['forced_resyncs']).toBe(0);
});

test('wakes: a burst, then one per interval', () => {
  const wakes = new Wakes(wakeBudgets.ios, 1);
  const at: number[] = [];
  for (let i = 0; i < 5; i++) {
    const now = wakes.earliest(0, 1000);
    at.push(now);
    wakes.spend(0, now);
  }
  const every = wakeBudgets.ios.everyNs;
  expect(at).toEqual([1000, 1000, 1000, 1000 + every, 1000 + 2 * every]);
});

test('every name that the model writes is in the tables', async () => {
  const result = await run(flood({ policy: 'categories', spam: { backlog: 10 } }));
  expect(Object.keys(metrics)).toEqual(expect.arrayContaining(Object.keys(result.metrics)));
  expect(Object.keys(histograms)).toEqual(expect.arrayContaining(Object.keys(result.histograms)));
  expect(Object.keys(series)).toEqual(expect.arrayContaining(Object.keys(result.series)));
  expect(Object.keys(heats)).toEqual(expect.arrayContaining(Object.keys(result.heat)));
});
