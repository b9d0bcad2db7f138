/**
 * Each fault by itself and all together: nothing lost, nothing twice, in order, and all arrives.
 */
import { describe, expect, test } from 'vitest';
import { stream } from '../kernel/random.ts';
import { drawFate, isCut, noFaults, type Faults } from './faults.ts';
import { simulateProtocol, type ProtocolOutcome } from './run.ts';
import { faulty, smallWorld, storm } from './testdata/scenario.ts';

const scenarios: Readonly<Record<string, Partial<Faults>>> = {
  loss: { loss: 0.2 },
  duplication: { duplication: 0.3, reorderMs: 2000 },
  reordering: { reorder: 0.3, reorderMs: 5000 },
  'delay spikes': { spike: 0.1, spikeMs: 15_000 },
  partition: { partitions: [{ fromMs: 100_000, untilMs: 300_000, island: [0] }] },
  'crash before a write': {
    crashes: [{ homeserver: 0, afterMs: 90_000, write: 7, when: 'before', downMs: 30_000 }],
  },
  'crash after a write': {
    crashes: [{ homeserver: 0, afterMs: 90_000, write: 7, when: 'after', downMs: 30_000 }],
  },
  'killed clients': {
    kills: [0, 3, 5, 7].map((client, i) => ({ client, atMs: 100_000 + 30_000 * i })),
  },
  storm,
};

/**
 * A restarted homeserver refuses requests under `reencoded` and `raw` for five minutes, since it
 * has forgotten which it admitted, and others come back to it within five more: that is the bound.
 */
const recoveryMs = 600_000;

const run = (faults: Partial<Faults>, policy = {}, seed = 1, clients = 12) =>
  simulateProtocol(
    smallWorld({ policy, clients, durationMs: 900_000 + ('auth' in policy ? recoveryMs : 0) }),
    {
      seed,
      workers: 1,
      settings: faulty(faults),
      reproduce: 'stormglass run x --only y',
    },
  );

const broken = ({ result }: ProtocolOutcome) => result.checks.filter(({ ok }) => !ok);
const total = ({ world }: ProtocolOutcome, name: 'lost' | 'doubled' | 'tampered' | 'cut') =>
  world.sites.reduce((sum, { network }) => sum + network[name], 0);
const count = ({ world }: ProtocolOutcome, name: string) =>
  world.sites.reduce((sum, { counters }) => sum + (counters[name] ?? 0), 0);

describe.each(Object.entries(scenarios))('%s', (_name, faults) => {
  test('signatures over tokens, sealed configs', async () => {
    const outcome = await run(faults, {}, 1, 8);
    expect(broken(outcome)).toEqual([]);
    expect(outcome.audit.owed).toBeGreaterThan(50);
    expect(outcome.audit.waiting).toBe(0);
  });
});

test('storm under raw signatures and plain configs', async () => {
  const outcome = await run(storm, { auth: 'raw', queueConfig: 'plain-when-local' });
  expect(broken(outcome)).toEqual([]);
  expect(count(outcome, 'refused.replayed')).toBeGreaterThan(0);
  expect(count(outcome, 'qs.plain_from_remote')).toBe(0);
});

test('tampering changes nothing where signatures cover the request', async () => {
  const policy = { auth: 'reencoded', forwarding: 'per-recipient' } as const;
  const outcome = await run({ tamper: 0.2 }, policy, 2);
  expect(total(outcome, 'tampered')).toBeGreaterThan(20);
  expect(broken(outcome)).toEqual([]);
});

test('under tokens, which do not cover the body, the audit catches tampering', async () => {
  const outcome = await run({ tamper: 0.5 }, {}, 1);
  const names = broken(outcome).map(({ name }) => name);
  expect(names).toContain('no accepted message is lost');
  const { detail } = broken(outcome)[0]!;
  expect(detail).toMatch(
    /client \d+, group \d+.*at .* s \(clock \d+\).*seed 1, replay: stormglass run x --only y$/,
  );
});

test('the faults did strike', async () => {
  const outcome = await run(storm);
  for (const name of ['lost', 'doubled', 'tampered', 'cut'] as const) {
    expect(total(outcome, name)).toBeGreaterThan(0);
  }
  // The remote streams met their own copies, and crashes cost connections.
  expect(count(outcome, 'qs.remote_duplicates')).toBeGreaterThan(0);
});

test('every write of a homeserver may be its last', async () => {
  const writes = [1, 2, 4, 7];
  const faults = (write: number, when: 'before' | 'after') => ({
    crashes: [{ homeserver: 0, afterMs: 130_000, write, when, downMs: 10_000 }],
  });
  for (const write of writes) {
    const when = write % 2 === 0 ? 'before' : 'after';
    const outcome = await run(faults(write, when), {}, write, 6);
    expect(broken(outcome), `crash ${when} write ${write}`).toEqual([]);
  }
});

test('fates: shares hold, nothing is drawn outside the window', () => {
  const source = stream(1, 0, 'fates');
  const faults = { ...noFaults, fromMs: 0, untilMs: 10, loss: 0.25, duplication: 0.5 };
  const fates = Array.from({ length: 4000 }, () => drawFate(faults, source, 5));
  const lost = fates.filter(({ copies }) => copies.length === 0).length;
  const doubled = fates.filter(({ copies }) => copies.length === 2).length;
  expect(lost / 4000).toBeCloseTo(0.25, 1);
  expect(doubled / (4000 - lost)).toBeCloseTo(0.5, 1);
  expect(drawFate(faults, { u32: () => 0 }, 10)).toEqual({ copies: [0], tampered: false });
});

test('a partition cuts between island and rest only, while it lasts', () => {
  const partitions = [{ fromMs: 10, untilMs: 20, island: [0, 1] }];
  const faults = { ...noFaults, partitions };
  expect(isCut(faults, 0, 2, 10)).toBe(true);
  expect(isCut(faults, 2, 0, 19)).toBe(true);
  expect(isCut(faults, 0, 1, 15)).toBe(false);
  expect(isCut(faults, 2, 3, 15)).toBe(false);
  expect(isCut(faults, 0, 2, 20)).toBe(false);
});
