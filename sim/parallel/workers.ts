import type { Plan } from '../kernel/engine.ts';
import { PlanError } from '../kernel/errors.ts';
import type { Outcome } from './outcome.ts';
import type { SimulateOptions } from './run.ts';

export async function runOnWorkers<Options, Shared, Result>(
  _options: SimulateOptions<Options, Shared, Result>,
  _moduleUrl: string | URL,
  _plan: Plan<Shared>,
  workers: number,
): Promise<Outcome<Result>> {
  await Promise.resolve();
  throw new PlanError(`${workers} workers: not yet`);
}
