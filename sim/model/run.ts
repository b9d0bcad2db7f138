/**
 * Door to the model tier: one workload, one seed, one replication.
 *
 * To add a scenario: write a model module (`plan`, `create`, `merge` as sim/kernel/engine.ts says)
 * and register it below.
 */
import type { Performance, ReplicationResult } from '../../src/results/types.ts';
import { regions, type Scenario, type Workload } from '../../src/workload/types.ts';
import type { ModelModule } from '../kernel/engine.ts';
import type { Outcome, QueueChoice } from '../parallel/outcome.ts';
import { simulate } from '../parallel/run.ts';
import { loadCalibration, type Calibration } from './costs.ts';
import * as commitThroughput from './commit-throughput/model.ts';
import * as fanOut from './fan-out/model.ts';
import { lookaheadNs, requireLookahead } from './network.ts';
import * as replayAttack from './replay-attack/model.ts';
import type { ModelResult } from './result.ts';
import * as spamFlood from './spam-flood/model.ts';
import { nsPerMs } from './units.ts';
import * as versionRollout from './version-rollout/model.ts';

export interface ModelRequest {
  readonly seed: number;
  /** Threads for this replication; results do not depend on it. */
  readonly workers: number;
  readonly queue?: QueueChoice;
  readonly onProgress?: (progress: { simulatedMs: number; events: number }) => void;
  readonly signal?: AbortSignal;
}

/** What every scenario's module is started with. */
interface ScenarioOptions {
  readonly workload: Workload;
  readonly seed: number;
  readonly calibration: Calibration;
}

interface ScenarioEntry {
  readonly module: ModelModule<ScenarioOptions, unknown, unknown>;
  readonly url: URL;
  /** Messages cross homeservers. */
  readonly federated: boolean;
}

const scenarios: Readonly<Record<Scenario, ScenarioEntry>> = {
  'fan-out': {
    module: fanOut as unknown as ScenarioEntry['module'],
    url: new URL('./fan-out/model.ts', import.meta.url),
    federated: true,
  },
  'commit-throughput': {
    module: commitThroughput as unknown as ScenarioEntry['module'],
    url: new URL('./commit-throughput/model.ts', import.meta.url),
    federated: false,
  },
  'replay-attack': {
    module: replayAttack as unknown as ScenarioEntry['module'],
    url: new URL('./replay-attack/model.ts', import.meta.url),
    federated: false,
  },
  'version-rollout': {
    module: versionRollout as unknown as ScenarioEntry['module'],
    url: new URL('./version-rollout/model.ts', import.meta.url),
    federated: false,
  },
  'spam-flood': {
    module: spamFlood as unknown as ScenarioEntry['module'],
    url: new URL('./spam-flood/model.ts', import.meta.url),
    federated: false,
  },
};

/**
 * Runs one replication on the model tier.
 *
 * @throws {ValidationError} for impossible combinations of parameters or a wrong calibration
 * @throws {UsageError} for several workers without distance between homeservers
 * @throws the signal's reason when it aborts
 */
export async function runModel(
  workload: Workload,
  request: ModelRequest,
): Promise<{ result: ReplicationResult; performance: Performance }> {
  const calibration = loadCalibration(workload.calibration);
  const scenario = scenarios[workload.scenario];
  if (scenario.federated) checkLookahead(workload, request.workers);
  const { onProgress, signal } = request;
  const outcome = await simulate({
    module: scenario.module,
    moduleUrl: scenario.url,
    options: { workload, seed: request.seed, calibration },
    workers: request.workers,
    queue: request.queue ?? 'auto',
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (p) => onProgress({ simulatedMs: p.nowNs / nsPerMs, events: p.events }),
    }),
  });
  const result = {
    ...(outcome.result as ModelResult),
    digest: outcome.digest,
    events: outcome.events,
  };
  return { result, performance: performanceOf(outcome) };
}

/** Homeservers that exchange messages need a distance when they are spread over workers. */
function checkLookahead(workload: Workload, workers: number): void {
  if (workload.population.homeservers === 1) return;
  const shares = workload.population.regions;
  const present = regions.flatMap((region, i) => ((shares[region] ?? 0) > 0 ? [i] : []));
  requireLookahead(lookaheadNs(workload.network, present.length > 0 ? present : [0]), workers);
}

function performanceOf(outcome: Outcome<unknown>): Performance {
  const { figures, wallSeconds, events } = outcome;
  return {
    wallSeconds,
    eventsPerSecond: wallSeconds > 0 ? events / wallSeconds : 0,
    workers: figures.workers,
    queue: figures.queue,
    windows: figures.windows,
    ...(Number.isFinite(figures.eventsPerWindow) && { eventsPerWindow: figures.eventsPerWindow }),
    barrierShare: figures.barrierShare,
    imbalance: figures.imbalance,
    lookaheadNs: figures.lookaheadNs,
    // Of the process: other replications that ran before in it count as well.
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}
