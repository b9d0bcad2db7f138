/**
 * PHOLD: events per second by size and queue, then by workers. Run `node
 * workloads/bench/phold.bench.ts [events]`. Compare the ratios: both sides of each were measured
 * within seconds of each other.
 */

import { availableParallelism } from 'node:os';

import type { QueueForm } from '../../sim/kernel/kernel.ts';
import * as phold from '../../sim/parallel/phold.ts';
import { simulate } from '../../sim/parallel/run.ts';

const events = Number(process.argv[2] ?? 4e6);
const moduleUrl = new URL('../../sim/parallel/phold.ts', import.meta.url);

interface Setting {
  readonly lps: number;
  readonly population: number;
  readonly remoteShare: number;
}

/** Best of three, in million events per second. */
async function rate(setting: Setting, queue: QueueForm, workers: number): Promise<number> {
  const endNs = Math.round((events / (setting.lps * setting.population)) * 1e9);
  const options = { ...setting, seed: 1, lookaheadNs: 1e8, meanNs: 9e8, endNs };
  let best = 0;
  for (let i = 0; i < 3; i++) {
    const run = await simulate({ module: phold, moduleUrl, options, queue, workers });
    best = Math.max(best, run.events / run.wallSeconds / 1e6);
  }
  return best;
}

async function compareQueues(): Promise<void> {
  console.log(
    'LPs x population   window  bucketed    heap   window : heap   (M events/s, remote 1.0)',
  );
  for (const [lps, population] of [
    [1024, 1],
    [1024, 16],
    [65536, 1],
    [65536, 16],
  ] as const) {
    const setting = { lps, population, remoteShare: 1 };
    const window = await rate(setting, 'window', 1);
    const bucketed = await rate(setting, 'bucketed', 1);
    const heap = await rate(setting, 'heap', 1);
    const cells = [window, bucketed, heap].map((r) => r.toFixed(2).padStart(9)).join('');
    console.log(`${`${lps} x ${population}`.padEnd(16)}${cells}   ${(window / heap).toFixed(2)}`);
  }
}

async function compareWorkers(): Promise<void> {
  const cores = availableParallelism();
  const setting = { lps: 65536, population: 16, remoteShare: 0.1 };
  console.log(`\nworkers   M events/s   against 1   (65536 x 16, remote 0.1, ${cores} cores)`);
  const one = await rate(setting, 'window', 1);
  for (const workers of [1, 2, 4]) {
    const many = workers === 1 ? one : await rate(setting, 'window', workers);
    const ratio = (many / one).toFixed(2);
    console.log(
      `${String(workers).padEnd(10)}${many.toFixed(2).padStart(10)}${ratio.padStart(12)}`,
    );
  }
}

await compareQueues();
await compareWorkers();
