/**
 * Retry policies as pure functions, with the definitions of the AWS Architecture Blog
 * ("Exponential Backoff And Jitter", M. Brooker 2015) and the deployed client's Fibonacci backoff.
 * The k-th failure (k = 1, 2, ...) is followed by `backoffMs(policy, k, previous, uniform)` of
 * waiting. This file imports nothing, so that the model tier shares it.
 */

/** All times in milliseconds; `attempts` counts the first one too and may be `Infinity`. */
export type Backoff =
  | { readonly kind: 'none' }
  /** 1, 2, 3, 5, 8, ... times `base`, at most `cap`, without jitter: the deployed client. */
  | FibonacciBackoff
  /** min(cap, base 2^k). */
  | (Growing & { readonly kind: 'exponential' })
  /** uniform(0, min(cap, base 2^k)). */
  | (Growing & { readonly kind: 'full-jitter' })
  /** Half of it fixed, half uniform. */
  | (Growing & { readonly kind: 'equal-jitter' })
  /** min(cap, uniform(base, 3 x previous)). */
  | (Growing & { readonly kind: 'decorrelated-jitter' })
  | { readonly kind: 'fixed'; readonly delay: number; readonly attempts: number }
  | { readonly kind: 'immediate'; readonly attempts: number }
  /** uniform(0, spread), before the first attempt too. */
  | { readonly kind: 'random-delay'; readonly spread: number; readonly attempts: number };

interface Growing {
  readonly base: number;
  readonly cap: number;
  readonly attempts: number;
}
interface FibonacciBackoff extends Growing {
  readonly kind: 'fibonacci';
}

/** min(cap, base 2^k); 2^k by repeated doubling so that it is exact. */
function exponentialMs({ base, cap }: Growing, failures: number): number {
  let delay = base;
  for (let k = 0; k < failures && delay < cap; k++) delay *= 2;
  return Math.min(cap, delay);
}

function fibonacciMs({ base, cap }: Growing, failures: number): number {
  let [current, next] = [base, 2 * base];
  for (let k = 1; k < failures && current < cap; k++) [current, next] = [next, current + next];
  return Math.min(cap, current);
}

/**
 * Waiting time after a failure.
 *
 * @param failures - failures of this request so far, at least 1
 * @param previousMs - waiting time after the failure before, 0 after the first
 * @param uniform - draws from [0, 1); called only by policies with jitter, once
 * @returns milliseconds, at least 0
 */
export function backoffMs(
  policy: Backoff,
  failures: number,
  previousMs: number,
  uniform: () => number,
): number {
  switch (policy.kind) {
    case 'fibonacci':
      return fibonacciMs(policy, failures);
    case 'exponential':
      return exponentialMs(policy, failures);
    case 'full-jitter':
      return uniform() * exponentialMs(policy, failures);
    case 'equal-jitter': {
      const half = exponentialMs(policy, failures) / 2;
      return half + half * uniform();
    }
    case 'decorrelated-jitter': {
      const high = 3 * Math.max(policy.base, previousMs);
      return Math.min(policy.cap, policy.base + (high - policy.base) * uniform());
    }
    case 'fixed':
      return policy.delay;
    case 'random-delay':
      return policy.spread * uniform();
    case 'none':
    case 'immediate':
      return 0;
  }
}

/** How many attempts the policy allows, the first included. */
export function maxAttempts(policy: Backoff): number {
  return policy.kind === 'none' ? 1 : policy.attempts;
}

/** As deployed: sends are tried three times, a second apart. */
export const deployedSend: Backoff = { kind: 'fixed', delay: 1000, attempts: 3 };

/** As deployed: reconnect after 1, 2, 3, 5, ... 55 s, for ever, without jitter. */
export const deployedReconnect: Backoff = {
  kind: 'fibonacci',
  base: 1000,
  cap: 55_000,
  attempts: Infinity,
};

/**
 * A retry budget: every first attempt earns `ratio` retries, at most `cap` are saved. It bounds the
 * load that retries add to `ratio` of the load without them (Google SRE book, chapter 21).
 */
export interface RetryBudget {
  readonly ratio: number;
  readonly cap: number;
}

/** Saved retries after a first attempt. */
export const earnRetry = (budget: RetryBudget, saved: number): number =>
  Math.min(budget.cap, saved + budget.ratio);

/** Saved retries after one is spent, or undefined when there is none to spend. */
export const spendRetry = (saved: number): number | undefined =>
  saved >= 1 ? saved - 1 : undefined;
