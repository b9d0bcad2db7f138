/** One run of one workload, from its parsed file to the report: what `run` and `suite` share. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCellRunner } from '../../sim/experiment/cell-runner.ts';
import { runExperiment } from '../../sim/experiment/experiment.ts';
import { Interrupted } from '../../sim/experiment/failure.ts';
import { planThreads, taskName, type Task, type Threads } from '../../sim/experiment/plan.ts';
import { calibrationPaths, loadCalibration } from '../../sim/model/costs.ts';
import { UsageError } from '../errors.ts';
import { codeFingerprint, readEnvironment } from '../results/environment.ts';
import { metrics } from '../results/metrics.ts';
import { openRunFolder, type RunFolder, type RunIdentity } from '../results/run-folder.ts';
import type { Environment, Summary } from '../results/types.ts';
import { cells as cellsOf, type Cell } from '../workload/cells.ts';
import type { LoadedWorkload } from '../workload/load.ts';
import type { Tier } from '../workload/types.ts';
import { Stopped } from './failure.ts';
import type { Interruption } from './interrupt.ts';
import { jobsThatFit, readMemory } from './memory.ts';
import { createProgress, formatSeconds, type Terminal } from './progress.ts';

/** A run with all defaults filled in. */
export interface RunRequest {
  /** The file with all overrides, those of seed and replications included. */
  readonly loaded: LoadedWorkload;
  /** As the user gave it. */
  readonly workloadFile: string;
  readonly overrides: readonly string[];
  readonly tier: Tier;
  /** Run folder. */
  readonly directory: string;
  /** What to type to run it again; numbers of threads are left out, they change no result. */
  readonly command: string;
  /** What to type to go on after a stop. */
  readonly resume: string;
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
  protocol: new URL('../../sim/protocol/run.ts', import.meta.url),
};

/**
 * Runs what the folder does not hold yet, and writes summary and report.
 *
 * @throws {Stopped} after Ctrl-C, with what is kept and how to go on; and all errors of
 *   `openRunFolder` and `runExperiment`.
 */
export async function executeRun(request: RunRequest, context: RunContext): Promise<Summary> {
  const { workload } = request.loaded;
  const moduleUrl = context.moduleUrl ?? tierModule(request.tier);
  const cells = cellsOf(workload);
  const environment = readEnvironment(readCalibration(workload.calibration));
  const jobsMax = jobsThatFit(cells, Infinity, readMemory(environment.memoryBytes));
  const identity = identify(request, cells, environment);
  const { force, replaceOutdated } = request;
  const folder = openRunFolder(request.directory, identity, { force, replaceOutdated });
  try {
    return await runInto({ request, context, cells, folder, moduleUrl, jobsMax });
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
  readonly folder: RunFolder;
  readonly moduleUrl: string;
  /** Tasks at a time that fit into memory. */
  readonly jobsMax: number;
}

async function runInto(prepared: Prepared): Promise<Summary> {
  const { request, context, cells, folder, moduleUrl } = prepared;
  const { workload } = request.loaded;
  const { seed, replications } = workload;
  const { environment } = folder;
  const total = cells.length * replications;
  const missing = total - folder.outcomes.length;
  const planned = planThreads(missing, environment.cores, request);
  const threads = { ...planned, jobs: Math.min(planned.jobs, prepared.jobsMax) };
  note(context, announcement(prepared, total, threads));
  const nowMs = (): number => performance.now();
  const { terminal, quiet } = context;
  const progress = createProgress({ label: workload.name, terminal, quiet, nowMs });
  const startMs = nowMs();
  const runnerOptions = {
    moduleUrl,
    workers: threads.workers,
    reproduce: (task: Task) => `${request.command} --only ${taskName(task)}`,
  };
  try {
    const summary = await runExperiment({
      workload,
      tier: request.tier,
      seed,
      replications,
      cells,
      environment,
      folder,
      unitOf,
      jobs: threads.jobs,
      createRunner: (onProgress) => createCellRunner({ ...runnerOptions, onProgress }),
      observer: progress,
      nowMs,
      signal: context.stop.signal,
    });
    progress.stop();
    const seconds = formatSeconds((nowMs() - startMs) / 1000);
    if (missing > 0) note(context, `${workload.name}: ${missing} tasks in ${seconds}`);
    return summary;
  } catch (error) {
    progress.stop();
    if (error instanceof Interrupted) throw stopped(prepared, progress.done(), total);
    throw error;
  }
}

/** The seed and all that was decided come first, so that even a run that dies can be repeated. */
function announcement(
  { request, cells, folder }: Prepared,
  total: number,
  threads: Threads,
): string {
  const { tier, directory } = request;
  const { name, seed, replications } = request.loaded.workload;
  const what =
    `${name}: tier ${tier}, seed ${seed}, ${cells.length} cells x ${replications} replications ` +
    `= ${total} tasks`;
  if (folder.found === 'complete') {
    return `${what}, complete in ${directory} already (--force runs them again)`;
  }
  const kept = folder.found === 'incomplete' ? `, ${folder.outcomes.length} are there` : '';
  const each = threads.workers === 1 ? '' : ` on ${threads.workers} threads each`;
  return `${what}${kept}, ${threads.jobs} at a time${each} -> ${directory}`;
}

function note(context: RunContext, text: string): void {
  if (!context.quiet) context.terminal.write(`${text}\n`);
}

function stopped({ request, context }: Prepared, done: number, total: number): Stopped {
  return new Stopped(
    `stopped: ${done} of ${total} tasks are kept in ${request.directory}\n` +
      `  Resume with: ${request.resume}`,
    context.stop.exitCode(),
  );
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
  const { workload, source } = request.loaded;
  return {
    workload: workload.name,
    workloadFile: request.workloadFile,
    workloadText: source,
    configuration: configurationOf(request, environment),
    code: codeFingerprint(),
    overrides: request.overrides,
    tier: request.tier,
    seed: workload.seed,
    replications: workload.replications,
    command: request.command,
    environment,
    startedAt: new Date().toISOString(),
    cells: cells.map(({ id, parameters }) => ({ id, parameters })),
  };
}

/**
 * Fingerprint of all that decides what replications yield. Prose, expectations, findings and charts
 * do not: they may be edited and a complete run reported anew without running it again.
 */
function configurationOf({ loaded, tier }: RunRequest, { calibration }: Environment): string {
  const decisive = JSON.parse(loaded.configuration) as Record<string, unknown>;
  for (const key of ['question', 'hypothesis', 'sources', 'expect', 'findings', 'charts']) {
    delete decisive[key];
  }
  const text = JSON.stringify([decisive, tier, calibration.sha256]);
  return createHash('sha256').update(text).digest('hex');
}

/** Path of the page that a run or suite ends with. */
export function reportPath(directory: string): string {
  return join(directory, 'report.html');
}
