import { expect, test } from 'vitest';
import { heats, histograms, metrics, series } from '../../../src/results/metrics.ts';
import type { ReplicationResult } from '../../../src/results/types.ts';
import type { Workload } from '../../../src/workload/types.ts';
import { loadCalibration } from '../costs.ts';
import { runModel } from '../run.ts';
import { testWorkload } from '../testing/workload.ts';
import { compilePrices } from './prices.ts';
import { pack, packedHigh, packedLow } from '../packing.ts';

const always = { sessions: { length: { kind: 'constant', value: 60_000 }, offline: 0 } } as const;
/** A network without chance: one region, constant delays, links that take no time to fill. */
const steady = {
  access: { kind: 'constant', value: 20 },
  federation: { kind: 'constant', value: 10 },
  jitter: 0,
  uplink: 1e12,
  downlink: 1e12,
} as const;

async function run(workload: Workload, workers = 1): Promise<ReplicationResult> {
  const { result } = await runModel(workload, { seed: 11, workers });
  for (const check of result.checks) expect(check, check.detail).toMatchObject({ ok: true });
  return result;
}

test('two integers survive packing at both ends of their ranges', () => {
  for (const [a, b] of [
    [0, 0],
    [134_217_727, 67_108_863],
    [1, 67_108_863],
  ] as const) {
    expect([packedHigh(pack(a, b)), packedLow(pack(a, b))]).toEqual([a, b]);
  }
});

test('1, 2, 3 and 4 workers give the same result to the last bit', async () => {
  const workload = testWorkload({
    duration: 60_000,
    warmUp: 10_000,
    population: { homeservers: 12, clients: 600 },
    traffic: { receipts: 'to-sender', receivedPerClient: 0.04 },
    network: { federation: { kind: 'lognormal', median: 80, sigma: 0.1 } },
  });
  const one = await run(workload);
  expect(one.metrics['deliveries']).toBeGreaterThan(50);
  for (const workers of [2, 3, 4]) expect(await run(workload, workers)).toEqual(one);
});

test('an online recipient has the message after the sum of all steps', async () => {
  const workload = testWorkload({
    population: { homeservers: 1, clients: 50, regions: { EU: 1 }, ...always },
    groups: { size: { kind: 'constant', value: 2 } },
    traffic: { size: { kind: 'constant', value: 100 } },
    network: steady,
  });
  const { histograms: found } = await run(workload);
  const prices = compilePrices(workload, loadCalibration('reference'));
  const bytes = prices.messageBytes(100);
  const ns =
    prices.encrypt +
    20e6 +
    prices.request.at(bytes) +
    prices.loadGroupState.at(2) +
    500_000 +
    prices.parse.at(bytes + prices.requestOverhead + prices.sealedConfig) +
    prices.openConfig +
    prices.enqueue.at(bytes) +
    20e6;
  // Half of the 50 ns that the queue config adds to the parsing.
  expect(Math.abs(found['online_delay']!.min * 1e6 - ns)).toBeLessThan(25);
});

test('a hop between homeservers adds its delay twice: to the host, and to the recipient', async () => {
  const workload = testWorkload({
    population: { homeservers: 2, clients: 100, regions: { EU: 1 }, ...always },
    groups: { size: { kind: 'constant', value: 2 }, locality: 0 },
    network: steady,
  });
  const { histograms: found } = await run(workload);
  // No hop (same homeserver), one (to the host or from it); never both with two members, of whom
  // the creator is at the host.
  expect(found['online_delay']!.min).toBeGreaterThan(40);
  expect(found['online_delay']!.max).toBeLessThan(40 + 10 + 2);
});

test('utilisation = arrival rate x cost / cores', async () => {
  const workload = testWorkload({
    population: { homeservers: 1, clients: 1000, ...always },
    groups: { size: { kind: 'constant', value: 5 } },
    traffic: { receivedPerClient: 0.02, size: { kind: 'constant', value: 100 } },
    homeserver: { cores: 2, slowdown: 100 },
  });
  const { metrics: found } = await run(workload);
  const prices = compilePrices(workload, loadCalibration('reference'));
  const bytes = prices.messageBytes(100);
  const perSecond = found['messages']! / 3000;
  const ds = prices.request.at(bytes) + prices.loadGroupState.at(5);
  const qs =
    4 * (prices.openConfig + prices.enqueue.at(bytes)) +
    prices.parse.at(bytes + prices.requestOverhead + 4 * prices.sealedConfig);
  expect(found['ds_utilisation']! / ((perSecond * ds) / 1e9 / 2)).toBeCloseTo(1, 2);
  expect(found['qs_utilisation']! / ((perSecond * qs) / 1e9 / 2)).toBeCloseTo(1, 2);
  expect(found['ds_utilisation']).toBeGreaterThan(0.02);
});

test('a plain config saves one HPKE open for each local recipient, and nothing else changes', async () => {
  const of = (queueConfig: Workload['policy']['queueConfig']): Promise<ReplicationResult> =>
    run(testWorkload({ policy: { queueConfig } }));
  const sealed = (await of('sealed')).metrics;
  const plain = (await of('plain-when-local')).metrics;
  expect(sealed['hpke_opens_per_recipient']).toBe(1);
  const saved = sealed['hpke_opens_per_message']! - plain['hpke_opens_per_message']!;
  const local = sealed['local_share']! * sealed['recipients_per_message']!;
  expect(saved / local).toBeCloseTo(1, 10);
  expect(plain['deliveries']).toBe(sealed['deliveries']);
  expect(plain['inside_bytes_per_message']).toBeLessThan(sealed['inside_bytes_per_message']!);
  expect(plain['federation_bytes_per_message']).toBe(sealed['federation_bytes_per_message']);
});

test('a queue holds rate x share offline x mean gap messages, each waiting for a mean gap', async () => {
  const workload = testWorkload({
    duration: 7_200_000,
    population: {
      clients: 3000,
      sessions: { length: { kind: 'exponential', mean: 60_000 }, offline: 0.75 },
    },
    groups: { size: { kind: 'constant', value: 2 } },
    traffic: { receivedPerClient: 100 / 86_400 },
  });
  const { metrics: found } = await run(workload);
  expect(found['received_per_client_day']! / 100).toBeCloseTo(1, 1);
  expect(found['queue_depth_mean']! / ((100 / 86_400) * 0.75 * 180)).toBeCloseTo(1, 1);
  expect(found['queue_wait_mean']! / 180_000).toBeCloseTo(1, 1);
  expect(found['online_share']).toBeCloseTo(0.25, 1);
});

test.each([
  ['off', 9],
  ['to-sender', 18],
  ['to-group', 90],
] as const)('receipts %s: %i entries for a message to 9 others', async (receipts, entries) => {
  const workload = testWorkload({
    population: { homeservers: 5, clients: 300, ...always },
    groups: { size: { kind: 'constant', value: 10 } },
    traffic: { receipts, receivedPerClient: 0.01 },
  });
  const { metrics: found } = await run(workload);
  expect(found['queue_entries_per_message']! / entries).toBeCloseTo(1, 2);
});

test('one request per recipient: as many as members elsewhere, and the bytes with them', async () => {
  const of = (forwarding: Workload['policy']['forwarding']): Promise<ReplicationResult> =>
    run(
      testWorkload({
        population: { homeservers: 3 },
        groups: { size: { kind: 'constant', value: 50 } },
        policy: { forwarding },
      }),
    );
  const batched = (await of('per-homeserver')).metrics;
  const single = (await of('per-recipient')).metrics;
  expect(batched['federation_requests_per_message']).toBeLessThanOrEqual(2);
  const elsewhere = 49 * (1 - single['local_share']!);
  expect(single['federation_requests_per_message']! / elsewhere).toBeCloseTo(1, 1);
  expect(single['federation_bytes_per_message']).toBeGreaterThan(
    3 * batched['federation_bytes_per_message']!,
  );
});

test('nothing is lost when everything is short: cores, queue places, quota, link', async () => {
  const workload = testWorkload({
    population: { homeservers: 3, clients: 300 },
    traffic: { receivedPerClient: 0.05, receipts: 'to-group' },
    homeserver: { cores: 1, slowdown: 2000, queueLimit: 5, quota: 3 },
    network: { loss: 0.1, downlink: 20_000 },
    duration: 240_000,
    warmUp: 40_000,
  });
  const { metrics: found } = await run(workload);
  expect(found['overload_refused']).toBeGreaterThan(100);
  expect(found['messages_failed']).toBeGreaterThan(10);
  expect(found['quota_refused']).toBeGreaterThan(100);
  expect(found['queue_depth_peak']).toBe(3);
});

test('every name that the model writes is in the tables', async () => {
  const result = await run(testWorkload({ duration: 700_000, traffic: { receipts: 'to-sender' } }));
  expect(Object.keys(metrics)).toEqual(expect.arrayContaining(Object.keys(result.metrics)));
  expect(Object.keys(histograms)).toEqual(expect.arrayContaining(Object.keys(result.histograms)));
  expect(Object.keys(series)).toEqual(expect.arrayContaining(Object.keys(result.series)));
  expect(Object.keys(heats)).toEqual(expect.arrayContaining(Object.keys(result.heat)));
  for (const value of Object.values(result.metrics)) expect(Number.isFinite(value)).toBe(true);
});

test('no distance between homeservers: one worker runs, two are refused with the remedy', async () => {
  const workload = testWorkload({
    duration: 700_000,
    network: { federation: { kind: 'exponential', mean: 20 } },
  });
  await run(workload);
  await expect(runModel(workload, { seed: 1, workers: 2 })).rejects.toThrow(/network.federation/);
});

test('a run stops when its signal aborts', async () => {
  const controller = new AbortController();
  const running = runModel(testWorkload({ duration: 86_400_000 * 50 }), {
    seed: 1,
    workers: 1,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await expect(running).rejects.toThrow('enough');
});
