/**
 * Retry policies of a workload. The definitions are those of the device (src/client/retry.ts), so
 * that all tiers mean the same by a name; `elected-committer`, which is no backoff, is the model's
 * own.
 */
import * as device from '../../src/client/retry.ts';
import type { RetryPolicy } from '../../src/workload/types.ts';
import { double, type RandomSource } from '../kernel/random.ts';

/**
 * Waiting time after a failure.
 *
 * @param failures - failures of this request so far, at least 1
 * @param previousMs - the waiting time after the failure before, 0 after the first (decorrelated
 *   jitter)
 * @returns milliseconds, at least 0
 */
export function backoffMs(
  policy: RetryPolicy,
  failures: number,
  previousMs: number,
  source: RandomSource,
): number {
  if (policy.kind === 'elected-committer') return 0;
  return device.backoffMs(policy, failures, previousMs, () => double(source));
}

/** Waiting time before the first attempt: only `random-delay` has one. */
export function initialDelayMs(policy: RetryPolicy, source: RandomSource): number {
  return policy.kind === 'random-delay' ? policy.spread * double(source) : 0;
}

/** How many attempts the policy allows, the first included. */
export function maxAttempts(policy: RetryPolicy): number {
  return policy.kind === 'elected-committer' ? Infinity : device.maxAttempts(policy);
}
