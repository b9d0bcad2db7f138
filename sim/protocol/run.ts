/**
 * Door to the protocol tier: one workload, one seed, one replication, with the real code of
 * homeservers and clients.
 */
import { createHash } from 'node:crypto';
import { UsageError } from '../../src/errors.ts';
import type { CheckResult, Performance, ReplicationResult } from '../../src/results/types.ts';
import { regions, type Workload } from '../../src/workload/types.ts';
import type { Outcome, QueueChoice } from '../parallel/outcome.ts';
import { simulate } from '../parallel/run.ts';
import { loadCalibration } from '../model/costs.ts';
import { fanOutNames } from '../model/fan-out/counts.ts';
import { summarise } from '../model/fan-out/summary.ts';
import { lookaheadNs, requireLookahead } from '../model/network.ts';
import { buildPopulation } from '../model/population.ts';
import { equalCheck } from '../model/result.ts';
import { Tally } from '../model/tally.ts';
import { msPerDay, nsPerMs, toNs } from '../model/units.ts';
import { audit, auditChecks, type Audit } from './audit.ts';
import * as protocolModel from './model.ts';
import type { WorldResult } from './model.ts';
import type { ProtocolSettings } from './world.ts';
import { spanOf } from './world.ts';

export interface ProtocolRequest {
  readonly seed: number;
  /** Threads for this replication; results do not depend on it. */
  readonly workers: number;
  readonly queue?: QueueChoice;
  readonly onProgress?: (progress: { simulatedMs: number; events: number }) => void;
  readonly signal?: AbortSignal;
  readonly settings?: ProtocolSettings;
  /** Command that runs this replication alone; stands in the text of every violation. */
  readonly reproduce?: string;
}

export interface ProtocolOutcome {
  readonly result: ReplicationResult;
  readonly performance: Performance;
  /** Hexadecimal SHA-256 over every message of every process. */
  readonly wireDigest: string;
  readonly world: WorldResult;
  readonly audit: Audit;
}

/**
 * Runs one replication on the protocol tier.
 *
 * @throws {ValidationError} for a workload that this tier cannot run
 * @throws {UsageError} for several workers without distance between homeservers
 * @throws the signal's reason when it aborts
 */
export async function runProtocol(
  workload: Workload,
  request: ProtocolRequest,
): Promise<Pick<ProtocolOutcome, 'result' | 'performance'>> {
  const { result, performance } = await simulateProtocol(workload, request);
  return { result, performance };
}

/** The same, with everything that the observers kept. Errors as of `runProtocol`. */
export async function simulateProtocol(
  workload: Workload,
  request: ProtocolRequest,
): Promise<ProtocolOutcome> {
  checkScenario(workload);
  const calibration = loadCalibration(workload.calibration);
  checkLookahead(workload, request.workers);
  const { onProgress, signal, seed, settings = {} } = request;
  const outcome = await simulate({
    module: protocolModel,
    moduleUrl: new URL('./model.ts', import.meta.url),
    options: { workload, seed, calibration, settings },
    workers: request.workers,
    queue: request.queue ?? 'auto',
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (p) => onProgress({ simulatedMs: p.nowNs / nsPerMs, events: p.events }),
    }),
  });
  return conclude(workload, request, outcome);
}

function conclude(
  workload: Workload,
  request: ProtocolRequest,
  outcome: Outcome<WorldResult>,
): ProtocolOutcome {
  const { seed, settings = {} } = request;
  const world = outcome.result;
  const tally = new Tally(fanOutNames, spanOf(workload));
  tally.merge(world.tally);
  const days = (workload.duration - workload.warmUp) / msPerDay;
  const summary = summarise(tally, world.totals, days);
  const population = buildPopulation(workload, seed);
  const journals = world.sites.map(({ journal }) => journal);
  const audited = audit(journals, population, toNs(workload.duration));
  const wireDigest = digestOf(world.sites.map((site) => site.wireDigest).join());
  // The model's table sizes say nothing about this tier.
  const { memory_per_client: _, ...metrics } = summary.metrics;
  const result: ReplicationResult = {
    ...summary,
    metrics,
    checks: checksOf(world, audited, replayOf(workload, request), settings),
    digest: digestOf(`${outcome.digest} ${wireDigest}`).slice(0, 32),
    events: outcome.events,
  };
  return { result, performance: performanceOf(outcome), wireDigest, world, audit: audited };
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What to type to see a violation again. */
const replayOf = (workload: Workload, { seed, reproduce }: ProtocolRequest): string =>
  reproduce === undefined
    ? `replay: runProtocol of ${workload.name} with seed ${seed}`
    : `seed ${seed}, replay: ${reproduce}`;

function checksOf(
  world: WorldResult,
  audited: Audit,
  replay: string,
  settings: ProtocolSettings,
): CheckResult[] {
  const violations = [
    ...world.sites.flatMap(({ journal }) => journal.violations),
    ...audited.violations,
  ];
  const { owed, delivered, waiting } = audited;
  const conservation = equalCheck(
    'messages owed to recipients = delivered + waiting',
    ['owed', owed],
    ['delivered + waiting', delivered + waiting],
  );
  const converged = equalCheck(
    'everything has arrived once faults and traffic are over',
    ['waiting', waiting],
    ['none:', 0],
  );
  return [
    ...auditChecks(violations, replay),
    conservation,
    ...(settings.mustConverge === true ? [converged] : []),
  ];
}

function checkScenario(workload: Workload): void {
  if (workload.scenario === 'fan-out') return;
  throw new UsageError(
    `the scenario "${workload.scenario}" does not run on the protocol tier`,
    'use --tier model',
  );
}

/** Homeservers that exchange messages need a distance when they are spread over workers. */
function checkLookahead(workload: Workload, workers: number): void {
  if (workload.population.homeservers === 1) return;
  const shares = workload.population.regions;
  const present = regions.flatMap((region, i) => ((shares[region] ?? 0) > 0 ? [i] : []));
  requireLookahead(lookaheadNs(workload.network, present.length > 0 ? present : [0]), workers);
}

function performanceOf({ figures, wallSeconds, events }: Outcome<unknown>): Performance {
  const { eventsPerWindow } = figures;
  return {
    wallSeconds,
    eventsPerSecond: wallSeconds > 0 ? events / wallSeconds : 0,
    workers: figures.workers,
    queue: figures.queue,
    windows: figures.windows,
    ...(Number.isFinite(eventsPerWindow) && { eventsPerWindow }),
    barrierShare: figures.barrierShare,
    imbalance: figures.imbalance,
    lookaheadNs: figures.lookaheadNs,
  };
}

/** The name by which experiments import a tier's door. */
export { runProtocol as runModel };
