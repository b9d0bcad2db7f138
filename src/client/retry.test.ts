import { expect, test } from 'vitest';
import {
  backoffMs,
  deployedReconnect,
  deployedSend,
  earnRetry,
  maxAttempts,
  spendRetry,
  type Backoff,
} from './retry.ts';

const half = (): number => 0.5;
const delays = (policy: Backoff, failures: number) =>
  Array.from({ length: failures }, (_, k) => backoffMs(policy, k + 1, 0, half));

test('Fibonacci as deployed: 1 2 3 5 8 ... 55 s, without a draw', () => {
  const never = (): number => {
    throw new Error('no draw is due');
  };
  const seconds = Array.from(
    { length: 11 },
    (_, k) => backoffMs(deployedReconnect, k + 1, 0, never) / 1000,
  );
  expect(seconds).toEqual([1, 2, 3, 5, 8, 13, 21, 34, 55, 55, 55]);
});

test('exponential and its jitters at the middle of their range', () => {
  const growing = { base: 10, cap: 100, attempts: 9 };
  expect(delays({ kind: 'exponential', ...growing }, 5)).toEqual([20, 40, 80, 100, 100]);
  expect(delays({ kind: 'full-jitter', ...growing }, 3)).toEqual([10, 20, 40]);
  expect(delays({ kind: 'equal-jitter', ...growing }, 3)).toEqual([15, 30, 60]);
  const decorrelated = { kind: 'decorrelated-jitter', ...growing } as const;
  expect(backoffMs(decorrelated, 1, 0, half)).toBe(20);
  expect(backoffMs(decorrelated, 2, 20, half)).toBe(35);
  expect(backoffMs(decorrelated, 3, 90, () => 0.99)).toBe(100);
});

test('attempts count the first one', () => {
  expect(maxAttempts({ kind: 'none' })).toBe(1);
  expect(maxAttempts(deployedSend)).toBe(3);
  expect(maxAttempts(deployedReconnect)).toBe(Infinity);
});

test('a retry budget bounds retries to its share of first attempts', () => {
  const budget = { ratio: 0.1, cap: 2 };
  let saved = 0;
  let retries = 0;
  for (let i = 0; i < 100; i++) {
    saved = earnRetry(budget, saved);
    const left = spendRetry(saved);
    if (left === undefined) continue;
    saved = left;
    retries++;
  }
  expect(retries).toBeGreaterThanOrEqual(9);
  expect(retries).toBeLessThanOrEqual(10);
  for (let i = 0; i < 100; i++) saved = earnRetry(budget, saved);
  expect(saved).toBe(2);
});
