/**
 * Runs a model to its end, in this thread or on worker threads. **Invariant: results and digest are
 * equal for any number of workers and any queue.**
 */

import type { Plan } from '../kernel/engine.ts';
import { PlanError } from '../kernel/errors.ts';
import { runInline } from './inline.ts';
import type { SimulateOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { runOnWorkers } from './workers.ts';

/** Largest number of workers; every two workers share a message channel. */
const WORKERS_MAX = 64;

/**
 * Runs a model.
 *
 * @throws {PlanError} for a plan that cannot run as asked
 * @throws {SimulationError} for a model that breaks the rules of the engine
 */
export async function simulate<Options, Shared, Result>(
  options: SimulateOptions<Options, Shared, Result>,
): Promise<Outcome<Result>> {
  const workers = options.workers ?? 1;
  if (!(Number.isInteger(workers) && workers >= 1 && workers <= WORKERS_MAX)) {
    throw new PlanError(`${workers} workers: give an integer in 1..${WORKERS_MAX}`);
  }
  options.signal?.throwIfAborted();
  const plan = options.module.plan(options.options);
  if (plan.weights.length !== plan.lps) {
    throw new PlanError(
      `the plan has ${plan.lps} LPs but ${plan.weights.length} weights; give one each`,
    );
  }
  checkRehearsal(options, plan);
  const useful = Math.min(workers, plan.lps);
  if (useful === 1) return runInline(options, plan);
  if (options.moduleUrl === undefined) {
    throw new PlanError('several workers need moduleUrl, from which they import the model');
  }
  if (plan.lookaheadNs === 0) {
    throw new PlanError(
      `${workers} workers need a lookahead: the plan declares that LPs may act on each other ` +
        'without delay. ' +
        'Run with one worker, or declare the smallest latency between LPs as lookaheadNs',
    );
  }
  return runOnWorkers(options, options.moduleUrl, plan, useful);
}

/** Mailboxes and partition are those of the run. */
function checkRehearsal<Options, Shared, Result>(
  { module, rehearsal }: SimulateOptions<Options, Shared, Result>,
  plan: Plan<Shared>,
): void {
  if (rehearsal === undefined) return;
  const other = module.plan(rehearsal);
  for (const key of ['lps', 'lookaheadNs', 'payloadWords'] as const) {
    if (other[key] === plan[key]) continue;
    throw new PlanError(
      `the rehearsal plans ${key} ${other[key]} but the run ${plan[key]}: make them equal`,
    );
  }
}
