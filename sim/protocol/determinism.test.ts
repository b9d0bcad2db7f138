/** Equal seeds give equal bytes on the wire, on any number of workers. */
import { expect, test } from 'vitest';
import { simulateProtocol } from './run.ts';
import { faulty, smallWorld, storm } from './testdata/scenario.ts';

const settings = faulty(storm);
const run = (seed: number, workers: number) =>
  simulateProtocol(smallWorld({ durationMs: 360_000 }), { seed, workers, settings });

test('the same seed twice, and on two workers: the same bytes in every message', async () => {
  const [first, again, parallel] = await Promise.all([run(7, 1), run(7, 1), run(7, 2)]);
  expect(again.wireDigest).toBe(first.wireDigest);
  expect(parallel.wireDigest).toBe(first.wireDigest);
  expect(parallel.performance.workers).toBe(2);
  expect(again.result).toEqual(first.result);
  expect(parallel.result).toEqual(first.result);
});

test('another seed gives other bytes', async () => {
  const other = async (seed: number) =>
    (await simulateProtocol(smallWorld({ durationMs: 150_000 }), { seed, workers: 1 })).wireDigest;
  expect(await other(8)).not.toBe(await other(7));
});

test('frozen: a change of these digests is a change of what travels', async () => {
  const { wireDigest } = await simulateProtocol(smallWorld({ durationMs: 300_000 }), {
    seed: 1,
    workers: 1,
  });
  expect(wireDigest.slice(0, 32)).toMatchInlineSnapshot(`"fec63faad021cfe894601e9a7dc7218d"`);
});
