/** A runner that keeps one worker thread and gives it task after task. */
import { Worker } from 'node:worker_threads';
import { taskFailure, toPortable } from './failure.ts';
import type { CellWorkerData, Job, Reply, RunOutput, RunProgress } from './messages.ts';
import type { Task } from './plan.ts';
import type { Runner } from './schedule.ts';

export interface CellRunnerOptions {
  /** Module that exports `runModel`. */
  readonly moduleUrl: string;
  /** Threads of one task. */
  readonly workers: number;
  readonly onProgress: (task: Task, progress: RunProgress) => void;
  /** Command that runs a task alone, for the message of its failure. */
  readonly reproduce: (task: Task) => string;
}

/** The thread starts with the first task and stays warm for the next ones. */
export function createCellRunner(options: CellRunnerOptions): Runner<Task, RunOutput> {
  let worker: Worker | undefined;
  return {
    run(task, signal) {
      worker ??= startWorker(options.moduleUrl);
      return runOn(worker, task, signal, options);
    },
    async close() {
      await worker?.terminate();
      worker = undefined;
    },
  };
}

function startWorker(moduleUrl: string): Worker {
  const workerData: CellWorkerData = { moduleUrl };
  return new Worker(new URL('./cell-worker.ts', import.meta.url), { workerData });
}

function runOn(
  worker: Worker,
  task: Task,
  signal: AbortSignal,
  options: CellRunnerOptions,
): Promise<RunOutput> {
  const { promise, resolve, reject } = Promise.withResolvers<RunOutput>();
  const fail = (error: unknown): void =>
    reject(taskFailure(task, toPortable(error), options.reproduce(task)));
  const onExit = (code: number): void =>
    fail(new Error(`its thread ended with code ${code} in the middle of the run`));
  const onAbort = (): void => reject(signal.reason as Error);
  const onMessage = (reply: Reply): void => {
    if (reply.kind === 'progress') options.onProgress(task, reply.progress);
    else if (reply.kind === 'done') resolve(reply.output);
    else reject(taskFailure(task, reply.error, options.reproduce(task)));
  };
  worker.on('message', onMessage);
  worker.on('error', fail);
  worker.on('exit', onExit);
  signal.addEventListener('abort', onAbort, { once: true });
  const job: Job = {
    workload: task.cell.workload,
    seed: task.seed,
    workers: options.workers,
    reproduce: options.reproduce(task),
  };
  worker.postMessage(job);
  return promise.finally(() => {
    worker.off('message', onMessage);
    worker.off('error', fail);
    worker.off('exit', onExit);
    signal.removeEventListener('abort', onAbort);
  });
}
