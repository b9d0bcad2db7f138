/** Queues: the model's station against Erlang, Pollaczek, Khinchine and Little. */
import type { RandomSource } from '../kernel/random.ts';
import { Sampler } from '../model/sampler.ts';
import { nsPerMs } from '../model/units.ts';
import {
  balancedHyperexponential,
  erlangB,
  erlangC,
  mg1Wait,
  mm1Number,
  mm1SojournQuantile,
  mm1Wait,
  mm1kBlocking,
  mmcWait,
} from './closed-forms.ts';
import { type QueueResult, type QueueSetting, simulateQueue } from './queue-model.ts';
import { type Measure, type Study, type Tolerance, defaultReplications } from './study.ts';

type Draw = (source: RandomSource) => number;

const exponential = new Sampler({ kind: 'exponential', mean: nsPerMs });
const constant = new Sampler({ kind: 'constant', value: nsPerMs });
const exponentialService: Draw = (source) => exponential.sample(source);
const constantService: Draw = (source) => constant.sample(source);

/** Two exponential phases, chosen per job. */
function hyperexponentialService(cs2: number): Draw {
  const { probability, means } = balancedHyperexponential(cs2);
  const phase = new Sampler({
    kind: 'empirical',
    values: means,
    weights: [probability, 1 - probability],
  });
  return (source) => phase.sample(source) * exponential.sample(source);
}

const services = 'mean services';
const kleinrock = 'Kleinrock, Queueing Systems I (1975)';

function measure(expected: number, unit: string, tolerance: Tolerance, source: string): Measure {
  return { expected, unit, tolerance, source };
}

/**
 * 2 % up to rho 0.9. Beyond, the variance of a mean wait grows with (1 - rho)^-4, and a run long
 * enough for 2 % would take minutes: there the interval has to hold theory, and 10 % is what it
 * must resolve.
 */
function toleranceAt(rho: number): Tolerance {
  return { kind: 'relative', value: rho > 0.9 && rho < 1 ? 0.1 : 0.02 };
}

const little = measure(
  0,
  'ns',
  { kind: 'exact' },
  'Little (1961), on the sample path from empty to empty: area under N(t) = sum of sojourns',
);

/** Ten relaxation times 1 / (c (1 - sqrt rho)^2) of M/M/c, longer for more variable services. */
function warmUp(cores: number, rho: number, cs2 = 1): number {
  const gap = 1 - Math.sqrt(rho);
  return 20 + (10 * Math.max(1, (1 + cs2) / 2)) / (cores * gap * gap);
}

type Overrides = Partial<QueueSetting>;
type QueueMeasure = Extract<keyof QueueResult, string>;

interface QueueCase {
  /** Behind `queue/`. */
  readonly name: string;
  readonly setting: Omit<QueueSetting, 'name'>;
  readonly measures: Partial<Record<QueueMeasure, Measure>>;
}

function queueStudy({ name, setting, measures }: QueueCase, overrides: Overrides): Study {
  const changed = { ...setting, name: `validate.queue.${name}`, ...overrides };
  return {
    name: `queue/${name}`,
    measures: { ...measures, little } as Record<string, Measure>,
    replications: defaultReplications,
    seconds: 5e-7 * setting.jobs,
    replicate: (seed, replication) => simulateQueue(changed, seed, replication),
  };
}

const single = { cores: 1, limit: Number.POSITIVE_INFINITY } as const;

/** @param overrides what a test breaks on purpose. */
export function mm1(rho: number, jobs: number, overrides: Overrides = {}): Study {
  const tolerance = toleranceAt(rho);
  const measures = {
    wait: measure(mm1Wait(rho), services, tolerance, `${kleinrock}, 3.2 and 5.6`),
    number: measure(mm1Number(rho), 'jobs', tolerance, `${kleinrock}, 3.2`),
    'sojourn-p99': measure(
      mm1SojournQuantile(rho, 0.99),
      services,
      tolerance,
      `${kleinrock}, 5.6: the sojourn is exponential`,
    ),
    utilisation: measure(rho, '1', { kind: 'relative', value: 0.02 }, `${kleinrock}, 2.1`),
  };
  const setting = { ...single, rho, serviceNs: exponentialService, warmUp: warmUp(1, rho), jobs };
  return queueStudy({ name: `mm1/rho-${rho}`, setting, measures }, overrides);
}

export function md1(rho: number, jobs: number, overrides: Overrides = {}): Study {
  const measures = {
    wait: measure(mg1Wait(rho, 0), services, toleranceAt(rho), `${kleinrock}, 5.71 with C^2 = 0`),
  };
  const setting = { ...single, rho, serviceNs: constantService, warmUp: warmUp(1, rho), jobs };
  return queueStudy({ name: `md1/rho-${rho}`, setting, measures }, overrides);
}

export function mh1(rho: number, cs2: number, jobs: number, overrides: Overrides = {}): Study {
  const measures = {
    wait: measure(
      mg1Wait(rho, cs2),
      services,
      toleranceAt(rho),
      `Pollaczek (1930), Khinchine (1932); ${kleinrock}, 5.71`,
    ),
  };
  const serviceNs = hyperexponentialService(cs2);
  const setting = { ...single, rho, serviceNs, warmUp: warmUp(1, rho, cs2), jobs };
  return queueStudy({ name: `mh1/cs2-${cs2}/rho-${rho}`, setting, measures }, overrides);
}

export function mmc(cores: number, rho: number, jobs: number, overrides: Overrides = {}): Study {
  const source = `Erlang (1917); ${kleinrock}, 3.5`;
  const measures = {
    waited: measure(erlangC(cores, rho), 'share', toleranceAt(rho), source),
    wait: measure(mmcWait(cores, rho), services, toleranceAt(rho), source),
  };
  const setting = {
    cores,
    limit: Number.POSITIVE_INFINITY,
    rho,
    serviceNs: exponentialService,
    warmUp: warmUp(cores, rho),
    jobs,
  };
  return queueStudy({ name: `erlang-c/servers-${cores}/rho-${rho}`, setting, measures }, overrides);
}

interface Loss {
  readonly cores: number;
  readonly erlangs: number;
  readonly jobs: number;
  readonly tolerance?: number;
}

export function mmcc(
  { cores, erlangs, jobs, tolerance = 0.02 }: Loss,
  overrides: Overrides = {},
): Study {
  const measures = {
    blocked: measure(
      erlangB(cores, erlangs),
      'share',
      { kind: 'relative', value: tolerance },
      `Erlang (1917); ${kleinrock}, 3.6`,
    ),
  };
  const rho = erlangs / cores;
  const setting = { cores, limit: 0, rho, serviceNs: exponentialService, warmUp: 20, jobs };
  return queueStudy(
    { name: `erlang-b/servers-${cores}/load-${erlangs}`, setting, measures },
    overrides,
  );
}

export function mm1k(places: number, rho: number, jobs: number, overrides: Overrides = {}): Study {
  const measures = {
    blocked: measure(
      mm1kBlocking(places, rho),
      'share',
      { kind: 'relative', value: 0.02 },
      `${kleinrock}, 3.6`,
    ),
  };
  const setting = {
    cores: 1,
    limit: places - 1,
    rho,
    serviceNs: exponentialService,
    // The relaxation time of K places is below K^2 services, whatever the load.
    warmUp: 10 * places * places,
    jobs,
  };
  return queueStudy({ name: `mm1k/places-${places}/rho-${rho}`, setting, measures }, overrides);
}

/** Jobs per replication make the standard error of the mean of 30 about 0.5 %. */
export const queueStudies: readonly Study[] = [
  mm1(0.5, 40_000),
  mm1(0.8, 130_000),
  mm1(0.9, 700_000),
  mm1(0.95, 400_000),
  md1(0.5, 40_000),
  md1(0.8, 70_000),
  md1(0.9, 250_000),
  md1(0.95, 250_000),
  mh1(0.8, 4, 350_000),
  mmc(2, 0.5, 60_000),
  mmc(2, 0.8, 140_000),
  mmc(4, 0.8, 150_000),
  mmc(8, 0.8, 240_000),
  mmc(8, 0.9, 450_000),
  mmc(16, 0.9, 450_000),
  mmc(32, 0.9, 450_000),
  mmcc({ cores: 10, erlangs: 5, jobs: 130_000 }),
  mmcc({ cores: 10, erlangs: 8, jobs: 60_000 }),
  mmcc({ cores: 20, erlangs: 15, jobs: 120_000 }),
  // Refusals are rare and come in bursts: 2 % would take 10^8 jobs.
  mmcc({ cores: 128, erlangs: 100, jobs: 300_000, tolerance: 0.15 }),
  mm1k(10, 0.9, 200_000),
  mm1k(10, 1.2, 200_000),
];
