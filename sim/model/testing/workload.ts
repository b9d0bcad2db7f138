/** A small complete workload for tests and benchmarks of the model tier. */
import { ideaDefaults } from '../../../src/workload/schema-ideas.ts';
import type { Workload } from '../../../src/workload/types.ts';

const base: Workload = {
  name: 'test',
  scenario: 'fan-out',
  question: 'none',
  hypothesis: 'none',
  sources: [],
  tiers: ['model'],
  seed: 1,
  duration: 3_600_000,
  warmUp: 600_000,
  replications: 1,
  population: {
    homeservers: 20,
    clients: 2000,
    skew: { kind: 'zipf', exponent: 1.2 },
    regions: { NA: 0.4, EU: 0.6 },
    sessions: { length: { kind: 'lognormal', median: 30_000, sigma: 1.3 }, offline: 0.75 },
  },
  groups: {
    perClient: 10,
    size: { kind: 'empirical', values: [2, 5, 8], weights: [0.45, 0.01, 0.006] },
    locality: 0.5,
  },
  traffic: {
    receivedPerClient: 56 / 86_400,
    size: { kind: 'lognormal', median: 100, sigma: 1 },
    diurnal: 'flat',
    receipts: 'off',
  },
  commits: {
    contenders: 10,
    ratePerContender: 0.01,
    operation: 'update',
    staleness: { kind: 'constant', value: 0 },
    retry: { kind: 'none' },
    tree: 'healed',
  },
  ...ideaDefaults,
  policy: {
    queueConfig: 'sealed',
    forwarding: 'per-homeserver',
    spam: 'off',
    auth: 'token',
    suite: '0x0001',
  },
  homeserver: { cores: 4, slowdown: 1, queueLimit: Infinity, quota: Infinity },
  network: {
    access: { kind: 'lognormal', median: 25, sigma: 0.4 },
    uplink: 750_000,
    downlink: 1_600_000,
    federation: 'regions',
    jitter: 0.2,
    loss: 0,
  },
  calibration: 'reference',
  vary: [],
  measure: { bin: 60_000 },
  expect: [],
  findings: [],
  charts: [],
};

type DeepPartial<T> = T extends readonly unknown[] | string | number
  ? T
  : { readonly [K in keyof T]?: DeepPartial<T[K]> };

/** Sections whose fields are replaced one by one; other values are replaced as a whole. */
const sections = new Set([
  'population',
  'groups',
  'traffic',
  'commits',
  'spam',
  'replay',
  'rollout',
  'policy',
  'homeserver',
  'network',
  'measure',
]);

/** The base workload with some fields replaced. */
export function testWorkload(changes: DeepPartial<Workload> = {}): Workload {
  const entries = Object.entries(changes).map(([key, value]) => {
    if (!sections.has(key)) return [key, value];
    return [key, { ...(base[key as keyof Workload] as object), ...(value as object) }];
  });
  return { ...base, ...(Object.fromEntries(entries) as Partial<Workload>) };
}
