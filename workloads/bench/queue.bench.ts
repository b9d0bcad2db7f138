/**
 * The hold model (pop one event, push one) on the ordered queues, by size and delay distribution.
 * Run `node workloads/bench/queue.bench.ts`.
 */

import { Bench } from 'tinybench';

import { BucketedQueue } from '../../sim/kernel/queue/bucketed-queue.ts';
import { HeapQueue } from '../../sim/kernel/queue/heap-queue.ts';
import type { OrderedQueue } from '../../sim/kernel/queue/ordered-queue.ts';
import { type RandomSource, Sfc32, stream } from '../../sim/kernel/random.ts';
import { exponential } from '../../sim/kernel/samplers.ts';

/** Holds per measured call, so that the clock's resolution does not matter. */
const HOLDS = 10_000;

const queues: Readonly<Record<string, () => OrderedQueue>> = {
  heap: () => new HeapQueue(0),
  bucketed: () => new BucketedQueue(0),
};

const delays: Readonly<Record<string, (source: RandomSource) => number>> = {
  exponential: (source) => Math.floor(exponential(source) * 1e9),
  constant: () => 1e9,
  bimodal: (source) => Math.floor(exponential(source) * (source.u32() % 10 === 0 ? 1e12 : 1e6)),
};

/** A queue of `size` events in its steady state, as a function that holds. */
function prepare(
  create: () => OrderedQueue,
  size: number,
  delay: (source: RandomSource) => number,
): () => void {
  const queue = create();
  const source = new Sfc32(stream(1, 0, 'hold'));
  for (let i = 0; i < size; i++) queue.push(delay(source), 0, 0, i, 0, 0, 0, 0);
  let sequence = size;
  const hold = (): void => {
    for (let i = 0; i < HOLDS; i++) {
      const now = queue.minTimeNs();
      queue.pop();
      queue.push(now + delay(source), 0, 0, sequence, 0, 0, 0, 0);
      sequence = (sequence + 1) | 0;
    }
  };
  for (let i = 0; i < (3 * size) / HOLDS; i++) hold();
  return hold;
}

console.log('queue      pending   delays         ns per hold');
for (const size of [1e3, 1e5, 1e6]) {
  for (const [delayName, delay] of Object.entries(delays)) {
    for (const [name, create] of Object.entries(queues)) {
      const bench = new Bench({ time: 200, warmup: false });
      bench.add(name, prepare(create, size, delay));
      await bench.run();
      const result = bench.tasks[0]?.result;
      if (result === undefined || !('latency' in result)) throw new Error(`${name}: no result`);
      const ns = ((result.latency.p50 * 1e6) / HOLDS).toFixed(1);
      console.log(
        `${name.padEnd(10)}${String(size).padEnd(10)}${delayName.padEnd(14)}${ns.padStart(8)}`,
      );
    }
  }
}
