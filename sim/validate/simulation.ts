/** One replication on the real kernel, run to its end on the calling thread. */
import type { Engine, Model } from '../kernel/engine.ts';
import { Kernel } from '../kernel/kernel.ts';

export interface Setting {
  readonly lps: number;
  /** Simulated length; events after it are not run. */
  readonly endNs: number;
  readonly payloadWords: 0 | 1 | 2 | 3;
}

/**
 * Runs a model of a few entities in the ordered form of the kernel, which needs no lookahead, and
 * returns what its `finish` yields. A replication is one task of a thread that does nothing else,
 * so there is no reason to yield in between.
 */
export function simulate<Result>(
  setting: Setting,
  create: (engine: Engine) => Model<Result>,
): Result {
  const kernel = new Kernel({ ...setting, lookaheadNs: 0, form: 'heap' });
  const model = create(kernel);
  kernel.start(
    model,
    Int32Array.from({ length: setting.lps }, (_, lp) => lp),
  );
  kernel.runOrdered(setting.endNs + 1, Number.POSITIVE_INFINITY);
  return model.finish();
}

/** End of replications that run until nothing is left to do: 104 days, the kernel's horizon. */
export const untilQuietNs = Number.MAX_SAFE_INTEGER - 1;
