/**
 * A stand-in for a tier's `runModel`: instant, deterministic, and disobedient on request.
 * `commits.contenders` chooses: 13 crashes, 14 blocks its thread until it is terminated, 15 returns
 * a NaN, 16 fails as a user's mistake, 17 ends its thread; any other number gives metrics.
 */
import { UsageError } from '../../../src/errors.ts';
import type { ReplicationResult } from '../../../src/results/types.ts';
import type { Workload } from '../../../src/workload/types.ts';
import type { RunOptions, RunOutput } from '../messages.ts';

/** Runs of this thread: another number on every distribution of tasks over threads. */
let runs = 0;

export async function runModel(workload: Workload, options: RunOptions): Promise<RunOutput> {
  const { contenders } = workload.commits;
  options.onProgress?.({ simulatedMs: workload.duration / 2, events: 100 });
  if (contenders === 13) throw new Error('the model broke');
  if (contenders === 14) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (contenders === 16) throw new UsageError('no such region', 'Use EU');
  if (contenders === 17) process.exit(3);
  const result = resultOf(contenders, options.seed);
  const performance = {
    // Wall figures differ from run to run; a summary must not show it.
    wallSeconds: (runs += 1),
    eventsPerSecond: runs,
    workers: options.workers,
    queue: 'window',
  };
  return { result, performance };
}

function resultOf(contenders: number, seed: number): ReplicationResult {
  const noise = (seed % 1000) / 1000;
  const rejected = contenders === 15 ? Number.NaN : 1 - 1 / (contenders + noise);
  return {
    metrics: { rejected_share: rejected, commit_latency_mean: 100 * contenders + 10 * noise },
    histograms: {},
    series: {},
    heat: {},
    checks: [{ name: 'conservation', ok: contenders !== 18, detail: `${contenders} = 0` }],
    digest: `${seed.toString(16)}-${contenders}`,
    events: 1000,
  };
}
