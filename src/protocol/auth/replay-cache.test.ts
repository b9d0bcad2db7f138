import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeReplayCache } from './replay-cache.ts';

const windowMs = 100;

describe('the replay cache', () => {
  test('admits once, for as long as the request could be admitted', () => {
    const cache = makeReplayCache({ windowMs, capacity: 10 });
    expect(cache.admit('a', 1000, 1000)).toBe('fresh');
    for (let nowMs = 1000; nowMs <= 1100; nowMs++) {
      expect(cache.admit('a', 1000, nowMs)).toBe('replayed');
    }
    expect(cache.admit('b', 1000, 1000)).toBe('fresh');
  });

  test('check changes nothing', () => {
    const cache = makeReplayCache({ windowMs, capacity: 10 });
    expect(cache.check('a', 0, 0)).toBe('fresh');
    expect(cache.admit('a', 0, 0)).toBe('fresh');
  });

  // The property that matters, under any clock: forward, paused, set back.
  test('never admits a key twice while its timestamp is within the window', () => {
    const step = fc.record({
      advance: fc.oneof(fc.nat(30), fc.nat(500), fc.integer({ min: -1000, max: 0 })),
      key: fc.nat(8),
      skew: fc.integer({ min: -windowMs, max: windowMs }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        fc.integer({ min: 1, max: 6 }),
        (steps, capacity) => {
          const cache = makeReplayCache({ windowMs, capacity });
          const stamped = new Map<number, number>();
          const admitted = new Set<number>();
          let nowMs = 10_000;
          for (const { advance, key, skew } of steps) {
            nowMs += advance;
            // A replay carries the timestamp of the original.
            const timestamp = stamped.get(key) ?? nowMs + skew;
            if (Math.abs(nowMs - timestamp) > windowMs) continue;
            stamped.set(key, timestamp);
            if (cache.admit(String(key), timestamp, nowMs) === 'fresh') {
              expect(admitted.has(key)).toBe(false);
              admitted.add(key);
            }
            expect(cache.size).toBeLessThanOrEqual(2 * capacity);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('an honest clock is never refused by the horizon', () => {
    const cache = makeReplayCache({ windowMs, capacity: 1000 });
    for (let nowMs = 0, i = 0; nowMs < 5000; nowMs += 7, i++) {
      expect(cache.admit(`late ${i}`, nowMs - windowMs, nowMs)).toBe('fresh');
      expect(cache.admit(`early ${i}`, nowMs + windowMs, nowMs)).toBe('fresh');
    }
  });

  test('full: refuses, remembers, and takes entries again later', () => {
    const cache = makeReplayCache({ windowMs, capacity: 2 });
    expect(cache.admit('a', 0, 0)).toBe('fresh');
    expect(cache.admit('b', 0, 0)).toBe('fresh');
    expect(cache.admit('c', 0, 0)).toBe('full');
    expect(cache.admit('a', 0, 0)).toBe('replayed');
    const later = cache.retryAfterMs(0);
    expect(later).toBe(200);
    expect(cache.admit('c', later, later)).toBe('fresh');
  });

  test('after a long pause the cache is empty, and old timestamps stay refused', () => {
    const cache = makeReplayCache({ windowMs, capacity: 2 });
    expect(cache.admit('a', 100, 0)).toBe('fresh');
    expect(cache.admit('b', 5000, 5000)).toBe('fresh');
    expect(cache.size).toBe(1);
    expect(cache.retryAfterMs(5000)).toBe(200);
    expect(cache.admit('a', 100, 100)).toBe('before-horizon');
  });

  test('after a restart, what an earlier life may have admitted is refused', () => {
    const cache = makeReplayCache({ windowMs, capacity: 2, restartedAtMs: 1000 });
    expect(cache.admit('a', 1100, 1001)).toBe('before-horizon');
    expect(cache.admit('a', 1101, 1001)).toBe('fresh');
  });

  test('needs a window and a capacity', () => {
    expect(() => makeReplayCache({ windowMs: 0, capacity: 1 })).toThrow(RangeError);
    expect(() => makeReplayCache({ windowMs: 1, capacity: 0 })).toThrow(RangeError);
  });
});
