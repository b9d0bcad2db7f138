/** A run in the calling thread, which yields to the event loop every 50 ms. */

import { formatDigest } from '../kernel/digest.ts';
import type { Model, Plan } from '../kernel/engine.ts';
import { Kernel } from '../kernel/kernel.ts';
import { FormChooser } from './form-chooser.ts';
import { InlineLoop } from './inline-loop.ts';
import type { Outcome } from './outcome.ts';
import type { SimulateOptions } from './options.ts';
import { wallNowMs, yieldToEventLoop } from './wall-clock.ts';

const SLICE_MS = 50;

/** Runs all LPs here. Same results as on any number of workers. */
export async function runInline<Options, Shared, Result>(
  options: SimulateOptions<Options, Shared, Result>,
  plan: Plan<Shared>,
): Promise<Outcome<Result>> {
  const { module } = options;
  if (options.rehearsal !== undefined) {
    const { loop } = build(options, options.rehearsal, module.plan(options.rehearsal));
    while (!loop.runSlice(Infinity));
  }
  const { kernel, model, loop } = build(options, options.options, plan);
  const startedMs = wallNowMs();
  while (!loop.runSlice(wallNowMs() + SLICE_MS)) {
    options.onProgress?.(loop.progress());
    await yieldToEventLoop();
    options.signal?.throwIfAborted();
  }
  const wallSeconds = (wallNowMs() - startedMs) / 1000;
  return {
    result: module.merge([model.finish()], options.options),
    digest: formatDigest(kernel.digest()),
    events: kernel.events,
    wallSeconds,
    figures: loop.figures(),
  };
}

interface Build<Result> {
  readonly kernel: Kernel;
  readonly model: Model<Result>;
  readonly loop: InlineLoop;
}

/** Engine and model with its first events scheduled. */
function build<Options, Shared, Result>(
  simulation: SimulateOptions<Options, Shared, Result>,
  options: Options,
  plan: Plan<Shared>,
): Build<Result> {
  const chooser = new FormChooser(simulation.queue ?? 'auto', plan);
  const kernel = new Kernel({
    lps: plan.lps,
    lookaheadNs: plan.lookaheadNs,
    endNs: plan.endNs,
    payloadWords: plan.payloadWords,
    form: chooser.form,
  });
  const ownedLps = Int32Array.from({ length: plan.lps }, (_, lp) => lp);
  const { shared } = plan;
  const model = simulation.module.create({ engine: kernel, options, shared, ownedLps });
  kernel.start(model, ownedLps);
  return { kernel, model, loop: new InlineLoop(kernel, chooser, plan) };
}
