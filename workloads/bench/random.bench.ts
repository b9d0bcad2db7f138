/**
 * Cost of one draw and of one recorded value, in ns. Run `node workloads/bench/random.bench.ts`.
 */

import { Bench } from 'tinybench';

import { exp, log, pow } from '../../sim/kernel/math.ts';
import { below, double, floatOpen, Sfc32, stream, StreamTable } from '../../sim/kernel/random.ts';
import { exponential, lognormal, normal, zipf } from '../../sim/kernel/samplers.ts';
import { Histogram } from '../../sim/kernel/statistics/histogram.ts';

/** Draws per measured call. */
const DRAWS = 10_000;

const plain = stream(1, 0, 'bench');
const heavy = new Sfc32(stream(1, 0, 'bench'));
const table = new StreamTable(1, 'bench', new Int32Array(65536));
const ranks = zipf(10_000, 1.1);
const histogram = new Histogram();

let sink = 0;
const draws: Readonly<Record<string, (i: number) => number>> = {
  'stream u32': () => plain.u32(),
  'stream of a table': (i) => table.u32Of(i & 65535),
  'sfc32 u32': () => heavy.u32(),
  'double (53 bits)': () => double(heavy),
  'below(1000)': () => below(heavy, 1000),
  log: () => log(floatOpen(heavy)),
  exp: () => exp(floatOpen(heavy)),
  pow: (i) => pow(1 + i * 1e-4, 1.1),
  exponential: () => exponential(heavy),
  normal: () => normal(heavy),
  lognormal: () => lognormal(heavy, 1, 0.5),
  'Zipf, 10,000 ranks': () => ranks.sample(heavy),
};

const bench = new Bench({ time: 200 });
for (const [name, draw] of Object.entries(draws)) {
  // A function per task, so that each has its own inline caches.
  const loop = new Function(
    'draw',
    'n',
    'let s = 0; for (let i = 0; i < n; i++) s += draw(i); return s;',
  );
  bench.add(name, () => {
    sink += loop(draw, DRAWS) as number;
  });
}
bench.add('histogram record', () => {
  for (let i = 0; i < DRAWS; i++) histogram.record((i * 7919) & 0xfffff);
});
await bench.run();
for (const { name, result } of bench.tasks) {
  if (!('latency' in result)) throw new Error(`${name}: no result`);
  const ns = ((result.latency.p50 * 1e6) / DRAWS).toFixed(2);
  console.log(`${name.padEnd(22)}${ns.padStart(8)} ns`);
}
if (Number.isNaN(sink)) console.log('a draw was no number');
