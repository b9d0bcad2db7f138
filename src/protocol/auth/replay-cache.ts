/**
 * Remembers admitted requests, so that none is admitted twice, in bounded memory.
 *
 * Derivation. A request with timestamp t is admitted while |now - t| <= W. It must be remembered as
 * long as it could be admitted again: until t + W <= received + 2W. With two generations of length
 * G = 2W, an entry made at time r in the generation that began at s <= r is forgotten at s + 2G at
 * the earliest, and s + 2G > r + G: late enough.
 *
 * What was forgotten can still not come back when the clock is set back: entries of a
 * generation that began at s were made before s + G, so their timestamps lie before s + G + W. When
 * that generation is dropped, the horizon moves there, and whatever is older is refused. (At that
 * time now >= s + 2G = s + G + 2W, so honest requests, t >= now - W, lie beyond the horizon.)
 *
 * Full means refused, never forgotten: an attacker needs valid signatures to fill it.
 */
export type ReplayVerdict = 'fresh' | 'replayed' | 'before-horizon' | 'full';

export interface ReplayCacheOptions {
  /** Half of the acceptance window in milliseconds: the skew allowed either way. */
  readonly windowMs: number;
  /** Most entries of one generation (about 120 bytes each); two are held. */
  readonly capacity: number;
  /**
   * After a restart that lost the cache: the time of the restart. Requests that an earlier life
   * may have admitted, those stamped up to one window later, are refused. Without it, the caller
   * states that there was no earlier life.
   */
  readonly restartedAtMs?: number;
}

export interface ReplayCache {
  /** Whether a request with this timestamp and key could be admitted now. Changes nothing. */
  check(key: string, timestampMs: number, nowMs: number): ReplayVerdict;
  /** Admits: `fresh` exactly once per key; remembers it only then. */
  admit(key: string, timestampMs: number, nowMs: number): ReplayVerdict;
  /** Milliseconds until a full cache takes entries again. */
  retryAfterMs(nowMs: number): number;
  /** Entries held. */
  readonly size: number;
}

export function makeReplayCache(options: ReplayCacheOptions): ReplayCache {
  const { windowMs, capacity, restartedAtMs } = options;
  if (!(windowMs > 0) || !(capacity >= 1)) {
    throw new RangeError(`window ${windowMs} ms and capacity ${capacity} must be positive`);
  }
  const generationMs = 2 * windowMs;
  let current = new Set<string>();
  let previous = new Set<string>();
  let startMs = Number.NEGATIVE_INFINITY;
  let horizonMs =
    restartedAtMs === undefined ? Number.NEGATIVE_INFINITY : restartedAtMs + windowMs + 1;

  const rotate = (nowMs: number): void => {
    if (nowMs < startMs + generationMs) return;
    // The dropped generation began at startMs - G; after a long pause both are dropped.
    const dropped = nowMs >= startMs + 2 * generationMs ? startMs : startMs - generationMs;
    if (Number.isFinite(dropped)) {
      horizonMs = Math.max(horizonMs, dropped + generationMs + windowMs);
    }
    previous = dropped === startMs ? new Set() : current;
    current = new Set();
    startMs = Number.isFinite(startMs) && dropped !== startMs ? startMs + generationMs : nowMs;
  };

  const check = (key: string, timestampMs: number, nowMs: number): ReplayVerdict => {
    rotate(nowMs);
    if (timestampMs < horizonMs) return 'before-horizon';
    if (current.has(key) || previous.has(key)) return 'replayed';
    return current.size >= capacity ? 'full' : 'fresh';
  };

  return {
    check,
    admit(key, timestampMs, nowMs) {
      const verdict = check(key, timestampMs, nowMs);
      if (verdict === 'fresh') current.add(key);
      return verdict;
    },
    retryAfterMs: (nowMs) => Math.max(1, startMs + generationMs - nowMs),
    get size() {
      return current.size + previous.size;
    },
  };
}
