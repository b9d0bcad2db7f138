/** Runs tasks on a fixed number of runners. The first error, or a stop from outside, ends all. */
import { Interrupted } from './failure.ts';

/** Something that runs one task at a time: a worker thread, or a function in a test. */
export interface Runner<Task, Output> {
  /** Rejects when the task fails, and soon after `signal` aborts. */
  run(task: Task, signal: AbortSignal): Promise<Output>;
  close(): Promise<void>;
}

export interface Schedule<Task, Output> {
  readonly tasks: readonly Task[];
  /** Runners at the same time. */
  readonly jobs: number;
  createRunner(): Runner<Task, Output>;
  /** Called once per finished task, in the order of finishing. Its error ends the run, too. */
  finished(task: Task, output: Output): void;
  readonly signal?: AbortSignal;
}

/**
 * Resolves when every task has finished.
 *
 * @throws {Interrupted} when `signal` aborted, or the first error of a task or of `finished`; in
 *   both cases only after all other runners have stopped.
 */
export async function runSchedule<Task, Output>(schedule: Schedule<Task, Output>): Promise<void> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Interrupted('stopped'));
  const { signal } = schedule;
  if (signal?.aborted === true) interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  const waiting = schedule.tasks[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    const runner = schedule.createRunner();
    try {
      for (const task of waiting) {
        stop.signal.throwIfAborted();
        const output = await runner.run(task, stop.signal);
        stop.signal.throwIfAborted();
        schedule.finished(task, output);
      }
    } catch (error) {
      // Only the first counts: what the others say is that they were stopped.
      stop.abort(error);
    } finally {
      await runner.close();
    }
  };
  const lanes = Math.min(schedule.jobs, schedule.tasks.length);
  await Promise.all(Array.from({ length: lanes }, lane));
  signal?.removeEventListener('abort', interrupt);
  stop.signal.throwIfAborted();
}
