import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { replicationSeed } from './seed.ts';

const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe('replicationSeed', () => {
  test('is frozen: results of earlier versions stay reproducible', () => {
    expect([0, 1, 2].map((replication) => replicationSeed(1, replication))).toEqual([
      119657258, 1973209380, 794437319,
    ]);
  });

  test('is an unsigned 32-bit integer and a function of its arguments', () => {
    fc.assert(
      fc.property(seeds, fc.nat(10_000), (seed, replication) => {
        const value = replicationSeed(seed, replication);
        expect(value).toBe(replicationSeed(seed, replication));
        expect(value >>> 0).toBe(value);
      }),
    );
  });

  test('never repeats among the replications of a run', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const values = Array.from({ length: 1000 }, (_, index) => replicationSeed(seed, index));
        expect(new Set(values).size).toBe(1000);
      }),
      { numRuns: 20 },
    );
  });

  test('uses the upper half of large seeds', () => {
    expect(replicationSeed(7, 0)).not.toBe(replicationSeed(7 + 2 ** 32, 0));
  });
});
