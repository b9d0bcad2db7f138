import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from './suggest.ts';

describe('did-you-mean', () => {
  test.each([
    ['clientz', 'clients', 1],
    ['', 'abc', 3],
    ['ab', 'ba', 1],
    ['kitten', 'sitting', 3],
    ['same', 'same', 0],
  ])('%s is so far from %s: %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  test('the distance is symmetric, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance === 0).toBe(a === b);
      }),
    );
  });

  test('suggests slips of the fingers only', () => {
    const words = ['clients', 'homeservers', 'skew'];
    expect(nearest('cleints', words)).toBe('clients');
    expect(nearest('HOMESERVER', words)).toBe('homeservers');
    expect(nearest('colour', words)).toBeUndefined();
    expect(nearest('', words)).toBeUndefined();
  });
});
