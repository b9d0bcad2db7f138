import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { below, double, float, floatOpen, Sfc32, stream, StreamTable } from './random.ts';

function take(n: number, draw: () => number): number[] {
  return Array.from({ length: n }, draw);
}

/** Chi-square of counts against equal expectation. */
function chiSquare(counts: ArrayLike<number>): number {
  const all = Array.from(counts);
  const expected = all.reduce((sum, count) => sum + count, 0) / all.length;
  return all.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('streams', () => {
  it('differ by seed, entity and purpose, and repeat by all three', () => {
    const of = (seed: number, entity: number, purpose: string): string =>
      ((source) => take(4, () => source.u32()).join())(stream(seed, entity, purpose));
    const reference = of(1, 2, 'jitter');
    expect(of(1, 2, 'jitter')).toBe(reference);
    const others = [
      of(2, 2, 'jitter'),
      of(1, 3, 'jitter'),
      of(1, 2, 'loss'),
      of(1 + 2 ** 32, 2, 'jitter'),
    ];
    expect(new Set([reference, ...others]).size).toBe(5);
  });

  it('refuses seeds that are not exact', () => {
    for (const seed of [-1, 0.5, 2 ** 53, NaN])
      expect(() => stream(seed, 0, 'x')).toThrow(RangeError);
    expect(() => stream(Number.MAX_SAFE_INTEGER, 0, 'x')).not.toThrow();
  });

  it('of a table are those of the entities', () => {
    const table = new StreamTable(7, 'clients', new Int32Array(10));
    const streams = take(10, () => 0).map((_, entity) => stream(7, entity, 'clients'));
    fc.assert(
      fc.property(fc.array(fc.nat(9)), (order) => {
        for (const entity of order) {
          expect(table.select(entity).u32()).toBe(streams[entity]!.u32());
        }
      }),
      { seed: 1 },
    );
  });

  it.each([
    ['one stream', (n: number) => ((s) => take(n, () => s.u32()))(stream(5, 0, 'uniform'))],
    [
      'first draws of many',
      (n: number) => take(n, () => 0).map((_, e) => stream(5, e, 'first').u32()),
    ],
    ['sfc32', (n: number) => ((s) => take(n, () => s.u32()))(new Sfc32(stream(5, 0, 'heavy')))],
  ])('is uniform in every byte: %s', (_name, draw) => {
    const draws = draw(200_000);
    for (const shift of [0, 8, 16, 24]) {
      const counts = new Float64Array(256);
      for (const x of draws) counts[(x >>> shift) & 255]! += 1;
      // 255 degrees of freedom: beyond 350 lies a share of 0.0001.
      expect(chiSquare(counts)).toBeLessThan(350);
    }
  });

  it('has uncorrelated neighbours', () => {
    const n = 100_000;
    let sum = 0;
    for (let e = 0; e < n; e++) {
      const a = float(stream(9, e, 'neighbour')) - 0.5;
      const b = float(stream(9, e + 1, 'neighbour')) - 0.5;
      sum += a * b * 12;
    }
    expect(Math.abs(sum / Math.sqrt(n))).toBeLessThan(4);
  });

  it('keeps floats in their intervals', () => {
    const extremes = { all0: { u32: () => 0 }, all1: { u32: () => 4294967295 } };
    expect(float(extremes.all0)).toBe(0);
    expect(float(extremes.all1)).toBeLessThan(1);
    expect(floatOpen(extremes.all0)).toBeGreaterThan(0);
    expect(floatOpen(extremes.all1)).toBeLessThan(1);
    expect(double(extremes.all1)).toBe(1 - 2 ** -53);
  });

  it('draws integers below n without bias', () => {
    const source = stream(3, 0, 'below');
    for (const n of [1, 2, 3, 10, 97]) {
      const counts = new Float64Array(n);
      for (let i = 0; i < 50_000; i++) counts[below(source, n)]! += 1;
      expect(chiSquare(counts)).toBeLessThan(n + 5 * Math.sqrt(2 * n));
    }
    // 3 * 2^30 rejects a quarter of the draws; without rejection the lowest third would be twice as
    // likely.
    const thirds = new Float64Array(3);
    for (let i = 0; i < 30_000; i++) thirds[Math.floor(below(source, 3 * 2 ** 30) / 2 ** 30)]! += 1;
    expect(chiSquare(thirds)).toBeLessThan(20);
    expect(() => below(source, 0)).toThrow(RangeError);
    expect(() => below(source, 2 ** 33)).toThrow(RangeError);
  });

  it('has frozen first outputs', () => {
    const plain = stream(42, 7, 'frozen');
    const heavy = new Sfc32(stream(42, 7, 'frozen'));
    expect(take(4, () => plain.u32())).toEqual(FROZEN_STREAM);
    expect(take(4, () => heavy.u32())).toEqual(FROZEN_SFC);
    expect(stream(Number.MAX_SAFE_INTEGER, 2147483647, 'frozen').u32()).toBe(FROZEN_LARGE);
  });
});

const FROZEN_STREAM = [2333784091, 783592011, 1647077285, 4085137178];
const FROZEN_SFC = [2883398490, 2514577551, 3203445308, 4009713078];
const FROZEN_LARGE = 1263202415;
