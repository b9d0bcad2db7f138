/**
 * When a destination that failed is tried again: 1 s doubled with each failure up to 5 min, half of
 * it random, and never before the other side asked for. A function of its state.
 */
import type { Random } from '../crypto/random.ts';

export interface Backoff {
  readonly failures: number;
  /** Not before this time, in milliseconds since 1970. */
  readonly notBeforeMs: number;
}

export const noBackoff: Backoff = { failures: 0, notBeforeMs: 0 };

const firstMs = 1000;
const maxMs = 300_000;

export const isDue = (state: Backoff, nowMs: number): boolean => nowMs >= state.notBeforeMs;

/** The state after one more failure; `askedMs` is a delay the other side asked for. */
export function afterFailure(
  { failures }: Backoff,
  nowMs: number,
  random: Random,
  askedMs = 0,
): Backoff {
  const full = Math.min(firstMs * 2 ** Math.min(failures, 16), maxMs);
  const [high = 0, low = 0] = random.bytes(2);
  const half = full / 2;
  const delay = half + (half * (high * 256 + low)) / 65_536;
  return { failures: failures + 1, notBeforeMs: nowMs + Math.max(delay, askedMs) };
}
