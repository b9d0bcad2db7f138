/**
 * PHOLD: events per second by size and queue, then by workers. Run `node
 * workloads/bench/phold.bench.ts [events]`. Compare the ratios: all sides of each were measured
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

interface How {
  readonly queue: QueueForm;
  readonly workers: number;
}

/**
 * Best of five for each, in million events per second. The rounds alternate between all, so that
 * each meets the machine in its quiet moments.
 */
async function rates(setting: Setting, hows: readonly How[]): Promise<number[]> {
  const best = hows.map(() => 0);
  const perEvent = 1e9 / (setting.lps * setting.population);
  const base = { ...setting, seed: 1, lookaheadNs: 1e8, meanNs: 9e8 };
  const options = { ...base, endNs: Math.round(events * perEvent) };
  const rehearsal = { ...base, endNs: Math.round(Math.min(events, 5e5) * perEvent) };
  for (let round = 0; round < 5; round++) {
    for (const [i, how] of hows.entries()) {
      const run = await simulate({ module: phold, moduleUrl, options, rehearsal, ...how });
      best[i] = Math.max(best[i]!, run.events / run.wallSeconds / 1e6);
    }
  }
  return best;
}

async function compareQueues(): Promise<void> {
  console.log(
    'LPs x population   window  bucketed    heap   window : heap   (M events/s, remote 1.0)',
  );
  const hows = (['window', 'bucketed', 'heap'] as const).map((queue) => ({ queue, workers: 1 }));
  for (const [lps, population] of [
    [1024, 1],
    [1024, 16],
    [65536, 1],
    [65536, 16],
  ] as const) {
    const found = await rates({ lps, population, remoteShare: 1 }, hows);
    const cells = found.map((rate) => rate.toFixed(2).padStart(9)).join('');
    const ratio = (found[0]! / found[2]!).toFixed(2);
    console.log(`${`${lps} x ${population}`.padEnd(16)}${cells}   ${ratio}`);
  }
}

async function compareWorkers(): Promise<void> {
  const cores = availableParallelism();
  const setting = { lps: 65536, population: 16, remoteShare: 0.1 };
  console.log(`\nworkers   M events/s   against 1   (65536 x 16, remote 0.1, ${cores} cores)`);
  const crews = [1, 2, 4];
  const hows = crews.map((workers) => ({ queue: 'window' as const, workers }));
  const found = await rates(setting, hows);
  for (const [i, workers] of crews.entries()) {
    const ratio = (found[i]! / found[0]!).toFixed(2);
    const rate = found[i]!.toFixed(2).padStart(10);
    console.log(`${String(workers).padEnd(10)}${rate}${ratio.padStart(12)}`);
  }
}

await compareQueues();
await compareWorkers();
