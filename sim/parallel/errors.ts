/** Errors of runs on several threads. */

import {
  HorizonError,
  KernelBugError,
  LookaheadViolation,
  PlanError,
  SimulationError,
  TimeInPast,
  UnknownLp,
  ZeroDelayLoop,
} from '../kernel/errors.ts';

/** A worker thread ended without a word: `process.exit`, out of memory, a crash of the runtime. */
export class WorkerCrash extends SimulationError {
  override readonly name = 'WorkerCrash';
}

/** An error of the model's own that ended a worker; message and stack are the worker's. */
export class WorkerFailure extends SimulationError {
  override readonly name = 'WorkerFailure';
}

const kernelErrors = [
  HorizonError,
  KernelBugError,
  LookaheadViolation,
  PlanError,
  TimeInPast,
  UnknownLp,
  ZeroDelayLoop,
];

/** An error as a worker described it, with its class where the kernel knows it. */
export function reviveError(described: {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}): SimulationError {
  const known = kernelErrors.find((kernelError) => kernelError.name === described.name);
  const error =
    known !== undefined
      ? new known(described.message)
      : new WorkerFailure(`${described.name}: ${described.message}`);
  error.stack = described.stack;
  return error;
}
