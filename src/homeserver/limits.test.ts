import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../crypto/random.ts';
import { afterFailure, isDue, noBackoff } from './backoff.ts';
import { makeRateLimiter } from './limiter.ts';

const hourMs = 3_600_000;

describe('rate limiter', () => {
  test('admits an hour at once, then one by one, and says how long to wait', () => {
    const limiter = makeRateLimiter(10);
    const take = (nowMs: number): number => limiter.take('k', 4, nowMs);
    expect([0, 0, 0, 0].map(take)).toEqual([0, 0, 0, 0]);
    const waitMs = take(0);
    expect(waitMs).toBe(hourMs / 4);
    expect(take(waitMs - 1)).toBe(1);
    expect(take(waitMs)).toBe(0);
    expect(limiter.take('other', 4, 0)).toBe(0);
    expect(limiter.take('none', Infinity, 0)).toBe(0);
  });

  test('never admits more than twice the allowance within any hour', () => {
    const gaps = fc.array(fc.nat(hourMs / 4), { maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 9 }), (waits, perHour) => {
        const limiter = makeRateLimiter(10);
        let nowMs = 0;
        const admitted: number[] = [];
        for (const wait of waits) {
          nowMs += wait;
          if (limiter.take('k', perHour, nowMs) === 0) admitted.push(nowMs);
        }
        for (const start of admitted) {
          const within = admitted.filter((at) => at >= start && at < start + hourMs);
          expect(within.length).toBeLessThanOrEqual(2 * perHour);
        }
      }),
    );
  });

  test('remembers a bounded number of keys, and forgets whole allowances first', () => {
    const limiter = makeRateLimiter(100);
    limiter.take('busy', 1, hourMs);
    for (let i = 0; i < 99; i++) limiter.take(`k${i}`, 1000, 0);
    for (let i = 0; i < 50; i++) limiter.take(`late ${i}`, 1000, hourMs);
    expect(limiter.size).toBeLessThanOrEqual(100);
    expect(limiter.take('busy', 1, hourMs)).toBeGreaterThan(0);
  });
});

describe('backoff', () => {
  const random = seededRandom('backoff');

  test('doubles up to five minutes, half of it random', () => {
    let state = noBackoff;
    const delays: number[] = [];
    for (let i = 0; i < 12; i++) {
      state = afterFailure(state, 1000, random);
      delays.push(state.notBeforeMs - 1000);
    }
    for (const [i, delay] of delays.entries()) {
      const full = Math.min(1000 * 2 ** i, 300_000);
      expect(delay).toBeGreaterThanOrEqual(full / 2);
      expect(delay).toBeLessThan(full);
    }
    expect(isDue(state, state.notBeforeMs)).toBe(true);
    expect(isDue(state, state.notBeforeMs - 1)).toBe(false);
    expect(state.failures).toBe(12);
  });

  test('waits as long as the other side asks', () => {
    expect(afterFailure(noBackoff, 0, random, 7_200_000).notBeforeMs).toBe(7_200_000);
  });
});
