import { expect, test } from 'vitest';
import { histograms, metrics, series } from '../../../src/results/metrics.ts';
import type { ReplicationResult } from '../../../src/results/types.ts';
import type { Distribution, Workload } from '../../../src/workload/types.ts';
import type { Replay } from '../../../src/workload/types-ideas.ts';
import { runModel } from '../run.ts';
import { testWorkload } from '../testing/workload.ts';
import { ReplayCache } from './cache.ts';
import { operations, requestsPerDay } from './operations.ts';

const minute = 60_000;
const hour = 60 * minute;

type Auth = Workload['policy']['auth'];

interface Changes {
  readonly auth?: Auth;
  readonly replay?: Partial<Replay>;
  readonly rest?: Parameters<typeof testWorkload>[0];
}

const never = 0;
const exact: Distribution = { kind: 'constant', value: 0 };

/** Clocks are right and homeservers do not restart, unless said otherwise. */
function attack({ auth = 'token', replay = {}, rest = {} }: Changes = {}): Workload {
  const base = testWorkload({
    scenario: 'replay-attack',
    duration: 7 * hour,
    warmUp: hour,
    measure: { bin: 10 * minute },
    population: { homeservers: 4, clients: 300, skew: { kind: 'constant', value: 1 } },
    policy: { auth },
    network: { access: { kind: 'constant', value: 25 } },
    ...rest,
  });
  const quiet = { capture: 0.2, skew: exact, restarts: never };
  return { ...base, replay: { ...base.replay, ...quiet, ...replay } };
}

async function run(workload: Workload, workers = 1): Promise<ReplicationResult> {
  const { result } = await runModel(workload, { seed: 11, workers });
  for (const check of result.checks) expect(check, check.detail).toMatchObject({ ok: true });
  expect(result.checks).toHaveLength(4);
  return result;
}

test.each(['token', 'raw'] as const)('%s: equal results on 1, 2 and 4 workers', async (auth) => {
  const skew: Distribution = { kind: 'lognormal', median: 2000, sigma: 3 };
  const workload = attack({ auth, replay: { skew, restarts: 1 / 3600, afterRestart: 'forget' } });
  const reference = await run(workload);
  expect(await run(workload, 2)).toEqual(reference);
  expect(await run(workload, 4)).toEqual(reference);
});

test.each([0.5, 1, 2, 4])('token: min(1, 1 / D) of replays over D = %d h pass', async (hours) => {
  const delay: Distribution = { kind: 'uniform', min: 0, max: hours * hour };
  const { metrics: found } = await run(attack({ replay: { delay, attempts: 3 } }));
  const share = Math.min(1, 1 / hours);
  // Four standard errors; at D = 1 the way of the request (32 ms) takes a hair off.
  const error = 4 * Math.sqrt((share * (1 - share)) / found['replays']!) + 0.0005;
  expect(Math.abs(found['replays_admitted_share']! - share)).toBeLessThan(error);
  expect(found['replays_admitted_per_capture']! / 3).toBeCloseTo(
    found['replays_admitted_share']!,
    9,
  );
  expect(found['replay_age_peak']).toBeLessThanOrEqual(hour);
});

test.each(['reencoded', 'raw'] as const)('%s: no replay passes', async (auth) => {
  for (const restarts of [0, 1 / 1800]) {
    const delay: Distribution = { kind: 'uniform', min: 0, max: 20 * minute };
    const { metrics: found } = await run(attack({ auth, replay: { delay, restarts } }));
    expect(found['replays']).toBeGreaterThan(10_000);
    expect(found['replays_admitted_share']).toBe(0);
    expect(found['operations_opened_per_capture']).toBe(0);
  }
});

test('a homeserver that forgets: Poisson restarts between request and replay', async () => {
  const rate = 1 / hour;
  const window = 5 * minute;
  const delay: Distribution = { kind: 'uniform', min: 0, max: window };
  const workload = attack({
    auth: 'raw',
    replay: { delay, attempts: 1, restarts: rate * 1000, afterRestart: 'forget' },
    rest: { duration: 120 * hour, population: { homeservers: 40, clients: 40 } },
  });
  const { metrics: found } = await run(workload);
  const expected = 1 - (1 - Math.exp(-rate * window)) / (rate * window);
  expect(found['replays_admitted_share']! / expected).toBeGreaterThan(0.9);
  expect(found['replays_admitted_share']! / expected).toBeLessThan(1.1);
});

test('refusing what is older costs a window of service after each restart', async () => {
  const workload = attack({
    auth: 'raw',
    replay: { restarts: 1 / 3600, capture: 0 },
    rest: { duration: 120 * hour, population: { homeservers: 40, clients: 40 } },
  });
  const { metrics: found } = await run(workload);
  expect(found['honest_refused_restart_share']! / (1 - Math.exp(-5 / 60))).toBeCloseTo(1, 1);
});

test('clocks: the window refuses both sides, a token bears its age behind', async () => {
  // Half of the clients are 10 min ahead, the others behind.
  const skew: Distribution = { kind: 'constant', value: 10 * minute };
  const raw = (await run(attack({ auth: 'raw', replay: { skew, delay: exact } }))).metrics;
  expect(raw['honest_refused_skew_share']).toBe(1);
  const token = (await run(attack({ auth: 'token', replay: { skew } }))).metrics;
  expect(token['honest_refused_skew_share']).toBeGreaterThan(0.4);
  expect(token['honest_refused_skew_share']).toBeLessThan(0.6);
});

test('a request from a fast clock is refused at first, and admitted late, but once', async () => {
  const skew: Distribution = { kind: 'constant', value: 10 * minute };
  const delay: Distribution = { kind: 'uniform', min: 6 * minute, max: 7 * minute };
  const { metrics: found } = await run(attack({ auth: 'raw', replay: { skew, delay } }));
  expect(found['late_admissions']).toBeGreaterThan(1000);
  expect(found['replays_admitted_share']).toBe(0);
});

test('the cache holds 3 r W entries, a full one refuses', async () => {
  const found = (await run(attack({ auth: 'raw', replay: { capture: 0 } }))).metrics;
  const perSecond = (75 * requestsPerDay) / 86_400;
  expect(found['replay_cache_entries_mean']! / (3 * perSecond * 300)).toBeCloseTo(1, 1);
  expect(found['honest_refused_full_share']).toBe(0);
  const tight = { capture: 0, cacheEntries: Math.round(perSecond * 300) };
  const full = (await run(attack({ auth: 'raw', replay: tight }))).metrics;
  expect(full['honest_refused_full_share']).toBeGreaterThan(0.4);
  expect(full['replay_cache_entries_peak']).toBe(2 * tight.cacheEntries);
  const token = (await run(attack({ replay: { capture: 0 } }))).metrics;
  expect(token['replay_cache_entries_peak']).toBe(0);
});

test('the schemes face the same requests, and encoding again costs more', async () => {
  const of = async (auth: Auth) => (await run(attack({ auth }))).metrics;
  const [token, reencoded, raw] = [await of('token'), await of('reencoded'), await of('raw')];
  expect(reencoded['requests']).toBe(token['requests']);
  expect(raw['captures']).toBe(token['captures']);
  expect(raw['auth_cpu_per_request']).toBe(token['auth_cpu_per_request']);
  expect(reencoded['auth_cpu_per_request']).toBeGreaterThan(raw['auth_cpu_per_request']! + 2);
  // A replay that is refused costs no signature check.
  expect(raw['auth_cpu_per_replay']).toBeLessThan(raw['auth_cpu_per_request']! / 5);
});

test('a token opens the operations of its sender, averaged over what clients do', async () => {
  const delay: Distribution = { kind: 'uniform', min: 0, max: minute };
  const { metrics: found } = await run(attack({ replay: { delay } }));
  const expected = operations.reduce((sum, { perDay, opens }) => sum + perDay * opens, 0);
  expect(found['operations_opened_per_capture']! / (expected / requestsPerDay)).toBeCloseTo(1, 1);
});

test('a cache forgets a generation two generations later, and all of it at a restart', () => {
  const cache = new ReplayCache(300, Infinity, 0);
  for (const at of [0, 100, 599]) cache.admit(at);
  cache.admit(600);
  expect(cache.entries).toBe(4);
  cache.advance(1199);
  expect(cache.entries).toBe(4);
  cache.advance(1200);
  expect([cache.entries, cache.forgotten]).toEqual([1, 3]);
  cache.restart(1300);
  expect([cache.entries, cache.lost, cache.remembers(600)]).toEqual([0, 1, false]);
  // 1 for 100, 2 for 499, 3 for 1, 4 for 600, 1 for 100.
  expect(cache.area.value()).toBe(100 + 2 * 499 + 3 + 4 * 600 + 100);
});

test('every name that the model writes is in the tables', async () => {
  const result = await run(attack());
  expect(Object.keys(metrics)).toEqual(expect.arrayContaining(Object.keys(result.metrics)));
  expect(Object.keys(histograms)).toEqual(expect.arrayContaining(Object.keys(result.histograms)));
  expect(Object.keys(series)).toEqual(expect.arrayContaining(Object.keys(result.series)));
});
