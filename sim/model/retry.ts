/**
 * Retry policies as pure functions on a random source, with the definitions of the AWS Architecture
 * Blog ("Exponential Backoff And Jitter", M. Brooker 2015). The k-th failure (k = 1, 2, ...) is
 * followed by `backoff(policy, k, previous, source)` of waiting.
 */
import type { RetryPolicy } from '../../src/workload/types.ts';
import { double, type RandomSource } from '../kernel/random.ts';

/** min(cap, base 2^k); 2^k by repeated doubling so that it is exact. */
function exponentialMs(base: number, cap: number, failures: number): number {
  let delay = base;
  for (let k = 0; k < failures && delay < cap; k++) delay *= 2;
  return Math.min(cap, delay);
}

/**
 * Waiting time after a failure.
 *
 * @param failures - failures of this request so far, at least 1
 * @param previousMs - the waiting time after the failure before, 0 after the first (decorrelated jitter)
 * @returns milliseconds, at least 0
 */
export function backoffMs(
  policy: RetryPolicy,
  failures: number,
  previousMs: number,
  source: RandomSource,
): number {
  switch (policy.kind) {
    case 'exponential':
      return exponentialMs(policy.base, policy.cap, failures);
    case 'full-jitter':
      return double(source) * exponentialMs(policy.base, policy.cap, failures);
    case 'equal-jitter': {
      const half = exponentialMs(policy.base, policy.cap, failures) / 2;
      return half + half * double(source);
    }
    case 'decorrelated-jitter': {
      const high = 3 * Math.max(policy.base, previousMs);
      return Math.min(policy.cap, policy.base + (high - policy.base) * double(source));
    }
    case 'fixed':
      return policy.delay;
    case 'random-delay':
      return policy.spread * double(source);
    case 'none':
    case 'immediate':
    case 'elected-committer':
      return 0;
  }
}

/** Waiting time before the first attempt: only `random-delay` has one. */
export function initialDelayMs(policy: RetryPolicy, source: RandomSource): number {
  return policy.kind === 'random-delay' ? policy.spread * double(source) : 0;
}

/** How many attempts the policy allows, the first included. */
export function maxAttempts(policy: RetryPolicy): number {
  switch (policy.kind) {
    case 'none':
      return 1;
    case 'elected-committer':
      return Infinity;
    default:
      return policy.attempts;
  }
}
