import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatRetryPolicy, parseRetryPolicy, retryExample, retryKinds } from './retry.ts';
import type { RetryPolicy } from './types.ts';

describe('retry policies', () => {
  test.each<[string, RetryPolicy]>([
    ['none', { kind: 'none' }],
    [
      'full-jitter(base 100 ms, cap 10 s, attempts 5)',
      { kind: 'full-jitter', base: 100, cap: 10_000, attempts: 5 },
    ],
    ['fixed(5 s, 5)', { kind: 'fixed', delay: 5000, attempts: 5 }],
    ['elected-committer(timeout 10 s)', { kind: 'elected-committer', timeout: 10_000 }],
  ])('reads %s', (text, policy) => {
    expect(parseRetryPolicy(text)).toEqual(policy);
  });

  test.each<[unknown, RegExp]>([
    [5, /`5` is not a retry policy/],
    ['jitter', /there is no retry policy `jitter`/],
    ['fixed(delay 5, attempts 5)', /`5` is a duration without a unit/],
    ['fixed(delay 5 s, attempts 1.5)', /attempts `1.5` is not a whole number/],
    ['fixed(delay 5 s, attempts 0)', /attempts `0` is below `1`/],
    ['full-jitter(base 10 s, cap 1 s, attempts 5)', /base is longer than cap/],
    ['none(3)', /none: one argument too many/],
  ])('refuses %j', (raw, message) => {
    expect(() => parseRetryPolicy(raw)).toThrow(message);
  });

  test('what is printed is read back exactly', () => {
    const delay = fc.double({ min: 1e-3, max: 86_400_000, noNaN: true });
    const attempts = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(
        fc.constantFrom(...retryKinds),
        delay,
        delay,
        attempts,
        (kind, a, b, attempts) => {
          const labels = Object.keys(parseRetryPolicy(retryExample(kind)));
          const values: Record<string, unknown> = {
            kind,
            base: Math.min(a, b),
            cap: Math.max(a, b),
            delay: a,
            spread: a,
            timeout: a,
            attempts,
          };
          const policy = Object.fromEntries(labels.map((label) => [label, values[label]]));
          const text = formatRetryPolicy(policy as unknown as RetryPolicy);
          expect(parseRetryPolicy(text)).toEqual(policy);
        },
      ),
    );
  });
});
