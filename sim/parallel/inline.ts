/** A run in the calling thread, which yields to the event loop every 50 ms. */

import { formatDigest } from '../kernel/digest.ts';
import type { Model, ModelModule, Plan } from '../kernel/engine.ts';
import { Kernel } from '../kernel/kernel.ts';
import { FormChooser } from './form-chooser.ts';
import { InlineLoop } from './inline-loop.ts';
import type { Outcome } from './outcome.ts';
import type { SimulateOptions } from './run.ts';
import { wallNowMs, yieldToEventLoop } from './wall-clock.ts';

const SLICE_MS = 50;

/** Runs all LPs here. Same results as on any number of workers. */
export async function runInline<Options, Shared, Result>(
  options: SimulateOptions<Options, Shared, Result>,
  plan: Plan<Shared>,
): Promise<Outcome<Result>> {
  const { module } = options;
  const chooser = new FormChooser(options.queue ?? 'auto', plan);
  const kernel = new Kernel({
    lps: plan.lps,
    lookaheadNs: plan.lookaheadNs,
    endNs: plan.endNs,
    payloadWords: plan.payloadWords,
    form: chooser.form,
  });
  const model = createModel(module, options.options, plan, kernel);
  const loop = new InlineLoop(kernel, chooser, plan);
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

function createModel<Options, Shared, Result>(
  module: ModelModule<Options, Shared, Result>,
  options: Options,
  plan: Plan<Shared>,
  kernel: Kernel,
): Model<Result> {
  const ownedLps = Int32Array.from({ length: plan.lps }, (_, lp) => lp);
  const model = module.create({ engine: kernel, options, shared: plan.shared, ownedLps });
  kernel.start(model, ownedLps);
  return model;
}
