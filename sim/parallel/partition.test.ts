import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { imbalanceOf, ownedLps, partition } from './partition.ts';

it('gives every LP to one worker and every worker an LP', () => {
  const weights = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), {
    minLength: 8,
    maxLength: 200,
  });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 8 }), (list, workers) => {
      const owner = partition(Float64Array.from(list), workers);
      const parts = Array.from({ length: workers }, (_, worker) => [...ownedLps(owner, worker)]);
      expect(parts.flat().sort((p, q) => p - q)).toEqual(list.map((_, lp) => lp));
      for (const part of parts) expect(part.length).toBeGreaterThan(0);
    }),
    { seed: 1 },
  );
});

it('keeps equal LPs in contiguous blocks', () => {
  expect([...partition(new Float64Array(8).fill(1), 4)]).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
});

it('balances a Zipf federation to a few percent where blocks cannot', () => {
  const weights = Float64Array.from({ length: 100 }, (_, rank) => 1 / (rank + 1));
  expect(imbalanceOf(weights, partition(weights, 4), 4)).toBeLessThan(1.03);
});
