/** How a task's error crosses from its thread to the user without losing its kind. */
import { DependencyError, UsageError, ValidationError, type Problem } from '../../src/errors.ts';
import { taskName, type Task } from './plan.ts';

/** The run was stopped from outside; what was complete is kept. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** A task crashed: a bug, in the model or below. Names what is needed to see it again. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
}

/** An error as plain data, for a message between threads. */
export interface PortableError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly remedy: string | undefined;
  readonly problems: readonly Problem[] | undefined;
  /** System or V8 error code, such as ERR_WORKER_OUT_OF_MEMORY. */
  readonly code: string | undefined;
}

export function toPortable(error: unknown): PortableError {
  const { name, message, stack, remedy, problems, code } = (
    error instanceof Error ? error : new Error(String(error))
  ) as Error & { remedy?: string; problems?: readonly Problem[]; code?: string };
  return { name, message, stack, remedy, problems, code };
}

/**
 * The error that ends the run: of the same kind when the user can act on it, otherwise a TaskError.
 *
 * @param reproduce command that runs this task alone.
 */
export function taskFailure(task: Task, error: PortableError, reproduce: string): Error {
  const place = `${taskName(task)} (seed ${task.seed})`;
  const again = `Reproduce with: ${reproduce}`;
  if (error.problems !== undefined) return new ValidationError(error.problems);
  if (error.name === 'UsageError')
    return new UsageError(`${place}: ${error.message}`, error.remedy);
  if (error.name === 'DependencyError') {
    return new DependencyError(`${place}: ${error.message}`, error.remedy);
  }
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY' || /Array buffer allocation/.test(error.message)) {
    return new DependencyError(
      `${place}: not enough memory (${error.message})`,
      `Use fewer --jobs or a smaller population. ${again}`,
    );
  }
  const failure = new TaskError(`${place} crashed: ${error.name}: ${error.message}\n  ${again}`);
  if (error.stack !== undefined) failure.stack = `${failure.message}\n${error.stack}`;
  return failure;
}
