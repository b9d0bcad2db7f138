/**
 * Cost of the ratchet-tree model: operations on random groups of a population, so that caches are
 * as cold as in a simulation. Run: `node workloads/bench/tree.bench.ts`.
 */
import { Bench } from 'tinybench';
import { pathNodeBytes, sizes } from '../../sim/model/tree/sizes.ts';
import { RatchetTree } from '../../sim/model/tree/ratchet-tree.ts';
import { suites } from '../../src/suites/registry.ts';

const table = sizes(suites['0x0001']);
/** Operations per task call, so that the timer's own cost does not count. */
const batch = 1000;

/** A small generator of its own: the benchmark must draw the same groups on every machine. */
function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

function population(groups: number, members: number): RatchetTree[] {
  return Array.from({ length: groups }, () => RatchetTree.healed(members, table));
}

const bench = new Bench({ time: 600, warmupTime: 200 });
let sink = 0;

for (const [groups, members] of [
  [10_000, 10],
  [1000, 100],
  [1000, 1000],
  [1, 1_000_000],
] as const) {
  const trees = population(groups, members);
  const held = trees.reduce((sum, tree) => sum + tree.bytes, 0);
  const perMember = (held / groups / members).toFixed(1);
  const draw = draws(1);
  bench.add(`update, ${groups} groups of ${members} (${perMember} B/member)`, () => {
    for (let i = 0; i < batch; i++) {
      sink += trees[draw(groups)]!.update(draw(members)).commitBytes;
    }
  });
}

{
  const trees = population(1000, 100);
  const draw = draws(2);
  bench.add('remove and add, 1000 groups of 100', () => {
    for (let i = 0; i < batch; i++) {
      const tree = trees[draw(1000)]!;
      sink += tree.remove(0, 1 + draw(99)).commitBytes + tree.add(0).commitBytes;
    }
  });
}

{
  const draw = draws(3);
  bench.add('bulk group of 100', () => {
    for (let i = 0; i < batch; i++) sink += RatchetTree.bulk(100, table).members;
  });
  // What an update cannot go below: the sizes of the nodes of one path.
  bench.add('baseline: sizes of 7 path nodes', () => {
    for (let i = 0; i < batch; i++) {
      for (let level = 0; level < 7; level++) sink += pathNodeBytes(table, 1 + draw(3));
    }
  });
}

await bench.run();
for (const task of bench.tasks) {
  const { result } = task;
  if (result.state !== 'completed') throw new Error(`${task.name}: ${result.state}`);
  const ns = ((result.latency.p50 * 1e6) / batch).toFixed(0).padStart(7);
  process.stdout.write(`${ns} ns  ${task.name}\n`);
}
if (sink === 0) throw new Error('nothing was computed');
