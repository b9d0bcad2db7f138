/**
 * What the operating system grants an app in the background: so many wakes, so much time. The
 * device keeps the books and refuses wakes that would exceed them; the shell asks before it wakes.
 */

/** At most `wakes` and `totalMs` in any stretch of `windowMs`. */
export interface WakeWindow {
  readonly windowMs: number;
  readonly wakes: number;
  readonly totalMs: number;
}

export interface WakeBudget {
  /** Longest single wake. */
  readonly perWakeMs: number;
  readonly windows: readonly WakeWindow[];
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export const wakeBudgets = {
  /** 30 s per wake, throttled above 3 pushes an hour (Apple developer forum). */
  ios: { perWakeMs: 30_000, windows: [{ windowMs: hourMs, wakes: 3, totalMs: 90_000 }] },
  /** Standby bucket "frequent": 10 min of work in 8 h, 10 high-priority pushes a day. */
  androidFrequent: {
    perWakeMs: 10 * minuteMs,
    windows: [
      { windowMs: 8 * hourMs, wakes: Infinity, totalMs: 10 * minuteMs },
      { windowMs: 24 * hourMs, wakes: 10, totalMs: Infinity },
    ],
  },
  /** Standby bucket "rare": 10 min of work in 24 h, 5 high-priority pushes a day. */
  androidRare: {
    perWakeMs: 10 * minuteMs,
    windows: [{ windowMs: 24 * hourMs, wakes: 5, totalMs: 10 * minuteMs }],
  },
  /** Desktop, or always on power. */
  unlimited: { perWakeMs: Infinity, windows: [] },
} as const satisfies Readonly<Record<string, WakeBudget>>;

/** One wake of the past; times in milliseconds. */
export interface Wake {
  readonly startMs: number;
  readonly usedMs: number;
}

/** Wakes that some window still sees, oldest first. */
export function recentWakes(budget: WakeBudget, wakes: readonly Wake[], nowMs: number): Wake[] {
  const longest = budget.windows.reduce((most, { windowMs }) => Math.max(most, windowMs), 0);
  return wakes.filter(({ startMs }) => startMs > nowMs - longest);
}

/**
 * How long a wake that begins now may last, in milliseconds; 0 when none is left.
 *
 * @param wakes - past wakes, as `recentWakes` keeps them
 */
export function allowedWakeMs(budget: WakeBudget, wakes: readonly Wake[], nowMs: number): number {
  return budget.windows.reduce((allowed, window) => {
    const seen = wakes.filter(({ startMs }) => startMs > nowMs - window.windowMs);
    const usedMs = seen.reduce((sum, wake) => sum + wake.usedMs, 0);
    if (seen.length >= window.wakes) return 0;
    return Math.max(0, Math.min(allowed, window.totalMs - usedMs));
  }, budget.perWakeMs);
}
