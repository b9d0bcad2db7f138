/**
 * Rate limits as a generic cell rate algorithm: one number per key, the time at which its allowance
 * would be whole again. An hour's allowance may come at once. Soft state: a restart forgives.
 */
export interface RateLimiter {
  /**
   * Takes `cost` from the allowance of `key` and returns 0, or takes nothing and returns the
   * milliseconds until there is enough.
   */
  take(key: string, perHour: number, nowMs: number, cost?: number): number;
  /** Keys remembered. */
  readonly size: number;
}

const hourMs = 3_600_000;

/**
 * At most `capacity` keys (about 100 bytes each). When full, whole allowances are forgotten, which
 * changes nothing; when there are none, all are, which forgives.
 */
export function makeRateLimiter(capacity: number): RateLimiter {
  const wholeAt = new Map<string, number>();
  const makeRoom = (nowMs: number): void => {
    for (const [key, at] of wholeAt) if (at <= nowMs) wholeAt.delete(key);
    if (wholeAt.size >= capacity) wholeAt.clear();
  };
  return {
    take(key, perHour, nowMs, cost = 1) {
      if (perHour === Infinity) return 0;
      const at = Math.max(wholeAt.get(key) ?? 0, nowMs) + (hourMs / perHour) * cost;
      const excessMs = at - nowMs - hourMs;
      // Rounding must not refuse the last message of a whole allowance.
      if (excessMs > 1e-3) return Math.ceil(excessMs);
      if (!wholeAt.has(key) && wholeAt.size >= capacity) makeRoom(nowMs);
      wholeAt.set(key, at);
      return 0;
    },
    get size() {
      return wholeAt.size;
    },
  };
}
