/**
 * Determinism, tested twice over: the same seed twice, and one thread against several with every
 * event queue. Covers whatever workload there is; a new one needs no line here.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runModel } from '../sim/model/run.ts';
import type { ReplicationResult } from '../src/results/types.ts';
import { cells } from '../src/workload/cells.ts';
import { loadWorkload } from '../src/workload/load.ts';
import type { Workload } from '../src/workload/types.ts';
import { root } from './source-files.ts';

const folder = join(root, 'workloads');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

const variants = [
  { workers: 1, queue: 'heap' },
  { workers: 1, queue: 'bucketed' },
  { workers: 2, queue: 'window' },
  { workers: 4, queue: 'auto' },
] as const;

/** First and last cell: the sweeps' ends differ most. */
function someCells(file: string): Workload[] {
  const { workload } = loadWorkload(join(folder, file));
  const all = cells(workload).map((cell) => shortened(cell.workload));
  return [...new Set([all[0]!, all.at(-1)!])];
}

/** Small enough for a unit test, large enough that every partition has work. */
function shortened(workload: Workload): Workload {
  const duration = Math.min(workload.duration, 300_000);
  return {
    ...workload,
    duration,
    warmUp: Math.min(workload.warmUp, duration / 5),
    population: { ...workload.population, homeservers: 8, clients: 1200 },
  };
}

async function run(
  workload: Workload,
  seed: number,
  variant: (typeof variants)[number] = variants[0],
): Promise<ReplicationResult> {
  return (await runModel(workload, { seed, ...variant })).result;
}

describe.each(files)('%s', (file) => {
  test('gives equal results for equal seeds, on any number of threads and any event queue', async () => {
    for (const workload of someCells(file)) {
      const reference = await run(workload, 7);
      expect(reference.events).toBeGreaterThan(0);
      expect(await run(workload, 7)).toEqual(reference);
      for (const variant of variants.slice(1)) {
        expect(await run(workload, 7, variant), JSON.stringify(variant)).toEqual(reference);
      }
    }
  });

  test('gives other results for another seed', async () => {
    const [workload] = someCells(file);
    const digests = [await run(workload!, 7), await run(workload!, 8)].map((one) => one.digest);
    expect(new Set(digests).size).toBe(2);
  });
});
