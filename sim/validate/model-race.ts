/**
 * The whole `commit-throughput` scenario of the model tier, set up so that renewal theory knows its
 * answer: many contenders without retry, a constant staleness of a minute, and everything else
 * (network, service, creation of commits) some milliseconds, 0.1 % of it.
 *
 * What is left of the difference: a contender whose commit is on its way does not make another,
 * which delays one wish in (contenders / load).
 */
import type { ReplicationResult } from '../../src/results/types.ts';
import { ideaDefaults } from '../../src/workload/schema-ideas.ts';
import type { Workload } from '../../src/workload/types.ts';
import { Kernel } from '../kernel/kernel.ts';
import { below, stream } from '../kernel/random.ts';
import { loadCalibration } from '../model/costs.ts';
import * as scenario from '../model/commit-throughput/model.ts';
import { raceRejected } from './closed-forms.ts';
import { type Study, defaultReplications } from './study.ts';

const contenders = 100;
const groups = 8;
/** Staleness, ms. */
const tau = 60_000;

/** Measured length of a run in multiples of the staleness: about 2400 attempts in all groups. */
function windowsOf(load: number): number {
  return Math.ceil(300 / Math.min(1, load));
}

/** @param load attempts of a group per staleness, lambda tau. */
export function raceWorkload(load: number): Workload {
  return {
    name: 'validate-commit-race',
    scenario: 'commit-throughput',
    question: 'Does the scenario lose commits as a counter with dead time does?',
    hypothesis: 'rejected share = lambda tau / (1 + lambda tau)',
    sources: [],
    tiers: ['model'],
    seed: 0,
    duration: (windowsOf(load) + 10) * tau,
    warmUp: 10 * tau,
    replications: 1,
    population: {
      homeservers: 1,
      clients: contenders,
      skew: { kind: 'constant', value: 1 },
      regions: { NA: 1 },
      sessions: { length: { kind: 'constant', value: 60_000 }, offline: 0 },
    },
    groups: { count: groups, size: { kind: 'constant', value: contenders }, locality: 1 },
    traffic: {
      receivedPerClient: 0,
      size: { kind: 'constant', value: 100 },
      diurnal: 'flat',
      receipts: 'off',
    },
    commits: {
      contenders,
      ratePerContender: (1000 * load) / tau / contenders,
      operation: 'update',
      staleness: { kind: 'constant', value: tau },
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
    homeserver: {
      cores: 4,
      slowdown: 1,
      queueLimit: Number.POSITIVE_INFINITY,
      quota: Number.POSITIVE_INFINITY,
    },
    network: {
      access: { kind: 'constant', value: 1 },
      uplink: 1e9,
      downlink: 1e9,
      federation: 'regions',
      jitter: 0,
      loss: 0,
    },
    calibration: 'reference',
    vary: [],
    measure: { bin: tau },
    expect: [],
    findings: [],
    charts: [],
  };
}

/** One replication on the calling thread; `runModel` does the same asynchronously. */
function runScenario(workload: Workload, seed: number): ReplicationResult {
  const options = { workload, seed, calibration: loadCalibration(workload.calibration) };
  const plan = scenario.plan(options);
  const ownedLps = Int32Array.from({ length: plan.lps }, (_, lp) => lp);
  const kernel = new Kernel({ ...plan, form: 'heap' });
  const model = scenario.create({ engine: kernel, options, shared: plan.shared, ownedLps });
  kernel.start(model, ownedLps);
  kernel.runOrdered(plan.endNs + 1, Number.POSITIVE_INFINITY);
  return scenario.merge([model.finish()], options) as ReplicationResult;
}

export function modelRace(load: number, overrides: Partial<Workload['commits']> = {}): Study {
  const workload = raceWorkload(load);
  const changed = { ...workload, commits: { ...workload.commits, ...overrides } };
  return {
    name: `commit-race/scenario/load-${load}`,
    measures: {
      rejected: {
        expected: raceRejected(load),
        unit: 'share',
        tolerance: { kind: 'absolute', value: 0.005 },
        source: 'Feller II (1971), XI.10, on the whole commit-throughput scenario',
      },
      'failed-checks': {
        expected: 0,
        unit: 'checks',
        tolerance: { kind: 'exact' },
        source: 'conservation of wishes, attempts, bytes and epochs; Little on every station',
      },
    },
    replications: defaultReplications,
    seconds: 4e-4 * windowsOf(load),
    replicate: (seed, replication) => {
      // The scenario takes one seed; it must differ by replication and study.
      const draw = below(stream(seed, replication, `validate.scenario.${load}`), 2 ** 32);
      const { metrics, checks } = runScenario(changed, draw);
      return {
        rejected: metrics['rejected_share'] ?? Number.NaN,
        'failed-checks': checks.filter(({ ok }) => !ok).length,
      };
    },
  };
}

export const modelRaceStudies: readonly Study[] = [0.5, 2].map((load) => modelRace(load));
