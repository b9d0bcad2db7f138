/**
 * Door to the model tier: one workload, one seed, one replication.
 *
 * To add a scenario: write a model module (`plan`, `create`, `merge` as sim/kernel/engine.ts says)
 * and register it below.
 */
import type { Performance, ReplicationResult } from '../../src/results/types.ts';
import type { Scenario, Workload } from '../../src/workload/types.ts';
import type { ModelModule } from '../kernel/engine.ts';
import type { Outcome, QueueChoice } from '../parallel/outcome.ts';
import { simulate } from '../parallel/run.ts';
import { loadCalibration, type Calibration } from './costs.ts';
import * as fanOut from './fan-out/model.ts';
import { lookaheadNs, requireLookahead } from './network.ts';
import type { ModelResult } from './fan-out/summary.ts';
import { regions } from '../../src/workload/types.ts';
import { nsPerMs } from './units.ts';

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
}

const scenarios: Readonly<Partial<Record<Scenario, ScenarioEntry>>> = {
  'fan-out': {
    module: fanOut as unknown as ScenarioEntry['module'],
    url: new URL('./fan-out/model.ts', import.meta.url),
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
  const present = regions.flatMap((r, i) => ((workload.population.regions[r] ?? 0) > 0 ? [i] : []));
  if (workload.population.homeservers > 1) {
    requireLookahead(
      lookaheadNs(workload.network, present.length > 0 ? present : [0]),
      request.workers,
    );
  }
  const { onProgress, signal } = request;
  const scenario = scenarios[workload.scenario]!;
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
  };
}
