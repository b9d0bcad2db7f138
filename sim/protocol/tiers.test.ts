/**
 * Model and protocol tier on one small world, under one seed: both draw the same sessions, groups
 * and messages, so what differs is what the model leaves out.
 */
import { beforeAll, expect, test } from 'vitest';
import { loadWorkload } from '../../src/workload/load.ts';
import { runModel } from '../model/run.ts';
import { runProtocol } from './run.ts';
import { smallWorld } from './testdata/scenario.ts';
import type { ReplicationResult } from '../../src/results/types.ts';

const accessMs = 25;

let model: ReplicationResult;
let protocol: ReplicationResult;
let plain: ReplicationResult;

beforeAll(async () => {
  const request = { seed: 3, workers: 1 };
  const world = (queueConfig: 'sealed' | 'plain-when-local') =>
    smallWorld({ homeservers: 4, clients: 24, durationMs: 1_500_000, policy: { queueConfig } });
  model = (await runModel(world('sealed'), request)).result;
  protocol = (await runProtocol(world('sealed'), request)).result;
  plain = (await runProtocol(world('plain-when-local'), request)).result;
}, 60_000);

const ratio = (name: string): number => protocol.metrics[name]! / model.metrics[name]!;
const excess = (name: string): number => protocol.metrics[name]! - model.metrics[name]!;

/**
 * Relative tolerances: sessions that end within a round trip part the tiers by single deliveries.
 */
function expectClose(tolerance: number, ...names: readonly string[]): void {
  for (const name of names) {
    expect(Math.abs(ratio(name) - 1), `${name}: ${ratio(name)}`).toBeLessThan(tolerance);
  }
}

test('the same messages reach the same recipients', () => {
  expect(protocol.metrics['messages']).toBe(model.metrics['messages']);
  expectClose(0.02, 'deliveries', 'recipients_per_message', 'destinations_per_message');
  expectClose(0.02, 'local_share', 'queue_entries_per_message');
});

test('queues are as deep, and messages wait as long', () => {
  expectClose(0.03, 'queue_depth_mean', 'queue_wait_mean', 'offline_delay_mean', 'online_share');
});

test('one open per recipient when all configs are sealed', () => {
  expect(protocol.metrics['hpke_opens_per_recipient']).toBeCloseTo(1, 2);
  const elsewhere = 1 - plain.metrics['local_share']!;
  expect(plain.metrics['hpke_opens_per_recipient']).toBeCloseTo(elsewhere, 2);
});

test('a wake-up and a dequeue instead of a push: two more ways over the access link', () => {
  const more = excess('online_delay_mean');
  expect(more).toBeGreaterThan(2 * accessMs * 0.9);
  expect(more).toBeLessThan(2 * accessMs * 1.4);
});

test('federation costs four signatures per request, which the model leaves out', () => {
  const requests = protocol.metrics['federation_requests_per_message']!;
  const more = excess('asymmetric_per_message');
  expect(more / requests).toBeGreaterThan(1.9);
  expect(more / requests).toBeLessThan(4.3);
});

test('receipts to the group: every reader answers, and every answer is delivered', async () => {
  const world = smallWorld({ clients: 8, durationMs: 400_000, traffic: { receipts: 'to-group' } });
  const { metrics, checks } = (await runProtocol(world, { seed: 1, workers: 1 })).result;
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(metrics['receipts_per_message']).toBeGreaterThan(1);
  expect(metrics['queue_entries_per_message']).toBeGreaterThan(3);
});

test('workloads/fan-out.yaml runs here as it stands, with fewer clients', async () => {
  const file = new URL('../../workloads/fan-out.yaml', import.meta.url).pathname;
  const overrides = [
    'population.clients=10',
    'population.homeservers=2',
    'groups.size=3',
    'duration=10 min',
    'warmUp=2 min',
    'traffic.receivedPerClient=1000/d',
    'vary=',
  ];
  const { workload } = loadWorkload(file, { overrides });
  expect(workload.tiers).toContain('protocol');
  const { metrics, checks } = (await runProtocol(workload, { seed: 1, workers: 1 })).result;
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(metrics['deliveries']).toBeGreaterThan(0);
});

test('what the tier cannot run is refused, with the place and a remedy', async () => {
  const request = { seed: 1, workers: 1 };
  const toSender = smallWorld({ traffic: { receipts: 'to-sender' } });
  await expect(runProtocol(toSender, request)).rejects.toThrow(/no message to one member/);
  const large = smallWorld({ clients: 50_000 });
  await expect(runProtocol(large, request)).rejects.toThrow(/at most 20000/);
  const race = { ...smallWorld(), scenario: 'commit-throughput' } as const;
  await expect(runProtocol(race, request)).rejects.toThrow(/does not run on the protocol tier/);
});

test('all invariants hold', () => {
  expect(protocol.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(plain.checks.filter(({ ok }) => !ok)).toEqual([]);
});
