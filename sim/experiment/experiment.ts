/**
 * An experiment: every replication of every cell, on worker threads, into an open run folder, and
 * the summary over all of them.
 */
import type { Outcome, RunFolder } from '../../src/results/run-folder.ts';
import { replicationResultSchema } from '../../src/results/schemas.ts';
import type { CellRecord, Summary } from '../../src/results/types.ts';
import { measurementsCsv } from '../../src/results/csv.ts';
import { TaskError } from './failure.ts';
import type { RunOutput, RunProgress } from './messages.ts';
import { planTasks, taskName, type Task } from './plan.ts';
import { runSchedule, type Runner } from './schedule.ts';
import { inOrder, summarise, type SummaryInput } from './summarise.ts';

/** Who wants to know how it goes; a progress display, usually. */
export interface Observer {
  /** @param done tasks that were there already. */
  planned(tasks: readonly Task[], done: number): void;
  progress(task: Task, progress: RunProgress): void;
  finished(task: Task, output: RunOutput): void;
}

export interface Experiment extends Omit<SummaryInput, 'outcomes'> {
  readonly folder: RunFolder;
  readonly jobs: number;
  createRunner(onProgress: Observer['progress']): Runner<Task, RunOutput>;
  readonly observer: Observer;
  /** Wall time in ms from any origin; tells durations only, and none of them is in the summary. */
  nowMs(): number;
  readonly signal?: AbortSignal;
}

/**
 * Runs what the folder does not hold yet and completes it. When it throws, the folder is marked
 * `interrupted` or `failed` and keeps all finished tasks.
 *
 * @throws {Interrupted | TaskError | UsageError | ValidationError | DependencyError}
 */
export async function runExperiment(experiment: Experiment): Promise<Summary> {
  const { folder, cells, observer } = experiment;
  const startMs = experiment.nowMs();
  const elapsedSeconds = (): number => (experiment.nowMs() - startMs) / 1000;
  const outcomes: Outcome[] = [...folder.outcomes];
  const have = new Set(outcomes.map((outcome) => `${outcome.cell}.r${outcome.replication}`));
  const all = planTasks(cells, experiment.seed, experiment.replications);
  const missing = all.filter((task) => !have.has(taskName(task)));
  observer.planned(missing, outcomes.length);
  try {
    await runSchedule<Task, RunOutput>({
      tasks: missing,
      jobs: experiment.jobs,
      createRunner: () =>
        experiment.createRunner((task, progress) => observer.progress(task, progress)),
      finished: (task, output) => {
        outcomes.push(folder.save(recordOf(task, output)));
        observer.finished(task, output);
      },
      ...(experiment.signal === undefined ? {} : { signal: experiment.signal }),
    });
    const summary = summarise({ ...experiment, outcomes });
    const lines = cells.map(({ id, parameters }) => ({ id, parameters }));
    const csv = measurementsCsv(lines, inOrder(cells, outcomes), experiment.unitOf);
    folder.complete(summary, csv, elapsedSeconds());
    return summary;
  } catch (error) {
    const interrupted = experiment.signal?.aborted === true;
    folder.stop(interrupted ? 'interrupted' : 'failed', elapsedSeconds());
    throw error;
  }
}

/** @throws {TaskError} when the model returned what no file may hold, such as a NaN. */
export function recordOf(task: Task, output: RunOutput): CellRecord {
  const checked = replicationResultSchema.safeParse(output.result);
  if (!checked.success) {
    const issues = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new TaskError(
      `${taskName(task)} (seed ${task.seed}) returned a result that breaks the contract\n  ` +
        issues.join('\n  '),
    );
  }
  return {
    schema: 'stormglass.cell/1',
    cell: task.cell.id,
    parameters: task.cell.parameters,
    replication: task.replication,
    seed: task.seed,
    result: output.result,
    performance: output.performance,
  };
}
