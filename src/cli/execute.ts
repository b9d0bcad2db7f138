/** One run of one workload, from its parsed file to the report: what `run` and `suite` share. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCellRunner } from '../../sim/experiment/cell-runner.ts';
import { runExperiment } from '../../sim/experiment/experiment.ts';
import { Interrupted } from '../../sim/experiment/failure.ts';
import { planThreads, taskName, type Task } from '../../sim/experiment/plan.ts';
import { calibrationPaths, loadCalibration } from '../../sim/model/costs.ts';
import { UsageError } from '../errors.ts';
import { codeFingerprint, readEnvironment } from '../results/environment.ts';
import { metrics } from '../results/metrics.ts';
import { readSummary } from '../results/read-folder.ts';
import { openRunFolder, type RunFolder, type RunIdentity } from '../results/run-folder.ts';
import type { Environment, Summary } from '../results/types.ts';
import { cells as cellsOf, type Cell } from '../workload/cells.ts';
import type { Tier, Workload } from '../workload/types.ts';
import { Stopped } from './failure.ts';
import type { Interruption } from './interrupt.ts';
import { createProgress, type Terminal } from './progress.ts';

/** A run with all defaults filled in. */
export interface RunRequest {
  readonly workload: Workload;
  /** As the user gave it. */
  readonly workloadFile: string;
  readonly workloadText: string;
  readonly overrides: readonly string[];
  readonly tier: Tier;
  readonly seed: number;
  readonly replications: number;
  /** Run folder. */
  readonly directory: string;
  /** What to type to run it again; numbers of threads are left out, they change no result. */
  readonly command: string;
  readonly force: boolean;
  readonly replaceOutdated: boolean;
  readonly jobs: number | undefined;
  readonly workers: number | undefined;
}

export interface RunContext {
  readonly stop: Interruption;
  readonly quiet: boolean;
  /** For progress and notes; standard error. */
  readonly terminal: Terminal;
  /** Module that exports `runModel`; tests put their own. */
  readonly moduleUrl?: string;
}

/** Where each tier's `runModel` is. */
const tierModules: Readonly<Partial<Record<Tier, URL>>> = {
  model: new URL('../../sim/model/run.ts', import.meta.url),
};

/**
 * Runs what the folder does not hold yet, and writes summary and report.
 *
 * @throws {Stopped} after Ctrl-C, with what is kept and how to go on; and all errors of
 *   `openRunFolder` and `runExperiment`.
 */
export async function executeRun(request: RunRequest, context: RunContext): Promise<Summary> {
  const moduleUrl = context.moduleUrl ?? tierModule(request.tier);
  const cells = cellsOf(request.workload);
  const environment = readEnvironment(readCalibration(request.workload.calibration));
  const identity = identify(request, cells, environment);
  const { force, replaceOutdated } = request;
  const folder = openRunFolder(request.directory, identity, { force, replaceOutdated });
  try {
    if (folder.found === 'complete') {
      note(context, `${request.directory} is complete already; --force runs it again`);
      return readSummary(request.directory);
    }
    return await runInto({ request, context, cells, environment, folder, moduleUrl });
  } finally {
    folder.close();
  }
}

/** @throws {UsageError} for a tier that this version cannot run. */
export function tierModule(tier: Tier): string {
  const url = tierModules[tier];
  if (url !== undefined) return url.href;
  const known = Object.keys(tierModules).join(', ');
  throw new UsageError(`tier "${tier}" cannot run yet`, `Tiers that can: ${known}`);
}

interface Prepared {
  readonly request: RunRequest;
  readonly context: RunContext;
  readonly cells: readonly Cell[];
  readonly environment: Environment;
  readonly folder: RunFolder;
  readonly moduleUrl: string;
}

async function runInto(prepared: Prepared): Promise<Summary> {
  const { request, context, cells, environment, folder, moduleUrl } = prepared;
  const { workload, tier, seed, replications } = request;
  const total = cells.length * replications;
  const missing = total - folder.outcomes.length;
  const threads = planThreads(missing, environment.cores, request);
  announce(prepared, total, threads.jobs, threads.workers);
  const nowMs = (): number => performance.now();
  const { terminal, quiet } = context;
  const progress = createProgress({ label: workload.name, terminal, quiet, nowMs });
  const startMs = nowMs();
  try {
    const summary = await runExperiment({
      ...{ workload, tier, seed, replications, cells, environment, folder, unitOf },
      jobs: threads.jobs,
      createRunner: (onProgress) =>
        createCellRunner({
          moduleUrl,
          workers: threads.workers,
          onProgress,
          reproduce: (task) => reproduce(request, task),
        }),
      observer: progress,
      nowMs,
      signal: context.stop.signal,
    });
    progress.stop();
    const seconds = ((nowMs() - startMs) / 1000).toFixed(1);
    note(context, `${workload.name}: ${missing} tasks in ${seconds} s`);
    return summary;
  } catch (error) {
    progress.stop();
    if (error instanceof Interrupted) throw stopped(prepared, progress.done(), total);
    throw error;
  }
}

/** The seed and all that was decided come first, so that even a run that dies can be repeated. */
function announce({ request, context, cells, folder }: Prepared, ...numbers: number[]): void {
  const [total, jobs, workers] = numbers;
  const { workload, tier, seed, replications, directory } = request;
  const resumed = folder.found === 'incomplete' ? `, ${folder.outcomes.length} are there` : '';
  note(
    context,
    `${workload.name}: tier ${tier}, seed ${seed}, ${cells.length} cells x ${replications} ` +
      `replications = ${total} tasks${resumed}, ${jobs} at a time on ${workers} ` +
      `${workers === 1 ? 'thread' : 'threads'} each -> ${directory}`,
  );
}

function note(context: RunContext, text: string): void {
  if (!context.quiet) context.terminal.write(`${text}\n`);
}

function stopped({ request, context }: Prepared, done: number, total: number): Stopped {
  return new Stopped(
    `stopped: ${done} of ${total} tasks are kept in ${request.directory}\n` +
      `  Resume with: ${request.command}`,
    context.stop.exitCode(),
  );
}

/** Command that runs one task alone, without a run folder. */
function reproduce(request: RunRequest, task: Task): string {
  return `${request.command} --only ${taskName(task)}`;
}

function unitOf(metric: string): string {
  const definition = Object.hasOwn(metrics, metric)
    ? metrics[metric as keyof typeof metrics]
    : undefined;
  if (definition === undefined) throw new Error(`metric "${metric}" is not in the metric table`);
  return definition.unit;
}

/** Name and fingerprint of the cost table; loading it first reports what is wrong with it. */
function readCalibration(name: string): Environment['calibration'] {
  loadCalibration(name);
  const bytes = readFileSync(calibrationPaths[name] ?? name);
  return { name, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function identify(
  request: RunRequest,
  cells: readonly Cell[],
  environment: Environment,
): RunIdentity {
  const { workload, workloadFile, workloadText, overrides } = request;
  const { tier, seed, replications, command } = request;
  const configuration = createHash('sha256')
    .update(
      JSON.stringify([workloadText, overrides, tier, seed, replications, environment.calibration]),
    )
    .digest('hex');
  return {
    workload: workload.name,
    ...{ workloadFile, workloadText, configuration, overrides, tier, seed, replications, command },
    code: codeFingerprint(),
    environment,
    startedAt: new Date().toISOString(),
    cells: cells.map(({ id, parameters }) => ({ id, parameters })),
  };
}

/** Path of the page that a run or suite ends with. */
export function reportPath(directory: string): string {
  return join(directory, 'report.html');
}
