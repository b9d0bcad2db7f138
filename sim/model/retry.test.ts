import { expect, test } from 'vitest';
import type { RetryPolicy } from '../../src/workload/types.ts';
import { stream } from '../kernel/random.ts';
import { backoffMs, initialDelayMs, maxAttempts } from './retry.ts';

const base = { base: 5, cap: 2000, attempts: 7 } as const;
const source = stream(1, 0, 'retry');

/** Smallest, largest and mean of many draws. */
function draws(policy: RetryPolicy, failures: number, previous = 0) {
  const values = Array.from({ length: 20_000 }, () =>
    backoffMs(policy, failures, previous, source),
  );
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { min: Math.min(...values), max: Math.max(...values), mean };
}

test('exponential: min(cap, base 2^k)', () => {
  const policy = { kind: 'exponential', ...base } as const;
  const delays = [1, 2, 3, 8, 9, 60].map((k) => backoffMs(policy, k, 0, source));
  expect(delays).toEqual([10, 20, 40, 1280, 2000, 2000]);
});

test('full jitter is uniform from 0, equal jitter in the upper half', () => {
  const full = draws({ kind: 'full-jitter', ...base }, 3);
  expect(full.min).toBeLessThan(1);
  expect(full.max).toBeLessThanOrEqual(40);
  expect(full.mean).toBeCloseTo(20, 0);
  const equal = draws({ kind: 'equal-jitter', ...base }, 3);
  expect(equal.min).toBeGreaterThanOrEqual(20);
  expect(equal.max).toBeLessThanOrEqual(40);
  expect(equal.mean).toBeCloseTo(30, 0);
});

test('decorrelated jitter is uniform from base to three times the previous delay, capped', () => {
  const policy = { kind: 'decorrelated-jitter', ...base } as const;
  const first = draws(policy, 1);
  expect(first.min).toBeGreaterThanOrEqual(5);
  expect(first.mean).toBeCloseTo(10, 0);
  const later = draws(policy, 4, 100);
  expect(later.max).toBeLessThanOrEqual(300);
  expect(later.mean / 152.5).toBeCloseTo(1, 1);
  expect(draws(policy, 9, 2000).max).toBe(2000);
});

test('fixed, immediate, random delay, none', () => {
  expect(backoffMs({ kind: 'fixed', delay: 5000, attempts: 5 }, 3, 0, source)).toBe(5000);
  expect(backoffMs({ kind: 'immediate', attempts: 5 }, 3, 0, source)).toBe(0);
  const random = { kind: 'random-delay', spread: 1000, attempts: 5 } as const;
  expect(draws(random, 1).mean / 500).toBeCloseTo(1, 1);
  expect(initialDelayMs(random, source)).toBeGreaterThan(0);
  expect(initialDelayMs({ kind: 'none' }, source)).toBe(0);
  expect(maxAttempts({ kind: 'none' })).toBe(1);
  expect(maxAttempts(random)).toBe(5);
  expect(maxAttempts({ kind: 'elected-committer', timeout: 1 })).toBe(Infinity);
});
