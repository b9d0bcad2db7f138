/** Small worlds for tests: three homeservers, twelve clients, a quarter of an hour. */
import type { Workload } from '../../../src/workload/types.ts';
import { testWorkload } from '../../model/testing/workload.ts';
import { noFaults, type Faults } from '../faults.ts';
import type { ProtocolSettings } from '../world.ts';

interface Changes {
  readonly homeservers?: number;
  readonly clients?: number;
  readonly durationMs?: number;
  readonly policy?: Partial<Workload['policy']>;
  readonly traffic?: Partial<Workload['traffic']>;
  readonly homeserver?: Partial<Workload['homeserver']>;
  readonly offline?: number;
}

export function smallWorld(changes: Changes = {}): Workload {
  const { homeservers = 3, clients = 12, durationMs = 900_000, offline = 0.5 } = changes;
  const length = { kind: 'lognormal', median: 30_000, sigma: 1.3 } as const;
  return testWorkload({
    duration: durationMs,
    warmUp: 120_000,
    population: { homeservers, clients, sessions: { length, offline } },
    groups: { perClient: 3, size: { kind: 'constant', value: 4 }, locality: 0.5 },
    traffic: { receivedPerClient: 0.03, ...changes.traffic },
    policy: changes.policy ?? {},
    homeserver: changes.homeserver ?? {},
  });
}

/** Until when faults strike, and until when clients write, in a world of a quarter of an hour. */
const faultsUntilMs = 400_000;
const quietFromMs = 600_000;
/** From here on everybody is online; four minutes later all must have arrived. */
const awakeFromMs = 660_000;

/**
 * Faults, then quiet, then all are online, then nothing may be left. Clients try for ever, and look
 * into their queues every half minute, since a lost wake-up is not repeated.
 */
export function faulty(changes: Partial<Faults>): ProtocolSettings {
  return {
    faults: { ...noFaults, fromMs: 65_000, untilMs: faultsUntilMs, ...changes },
    quietFromMs,
    awakeFromMs,
    mustConverge: true,
    client: {
      sendRetry: { kind: 'full-jitter', base: 500, cap: 20_000, attempts: Infinity },
      pollMs: 30_000,
    },
  };
}

/** Everything at once. */
export const storm: Partial<Faults> = {
  loss: 0.1,
  duplication: 0.1,
  reorder: 0.1,
  reorderMs: 3000,
  spike: 0.02,
  spikeMs: 5000,
  tamper: 0.02,
  partitions: [{ fromMs: 200_000, untilMs: 260_000, island: [0] }],
  crashes: [
    { homeserver: 0, afterMs: 100_000, write: 5, when: 'before', downMs: 20_000 },
    { homeserver: 1, afterMs: 150_000, write: 2, when: 'after', downMs: 20_000 },
    { homeserver: 0, afterMs: 300_000, write: 1, when: 'after', downMs: 5000 },
  ],
  kills: [
    { client: 1, atMs: 170_000 },
    { client: 5, atMs: 180_000 },
  ],
};
