import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { allowedWakeMs, recentWakes, wakeBudgets, type Wake } from './wake-budget.ts';

const minuteMs = 60_000;

test('iOS: three wakes of 30 s an hour', () => {
  const wakes: Wake[] = [];
  const allowed: number[] = [];
  for (let at = 0; at < 4; at++) {
    const startMs = at * minuteMs;
    allowed.push(allowedWakeMs(wakeBudgets.ios, wakes, startMs));
    wakes.push({ startMs, usedMs: 20_000 });
  }
  expect(allowed).toEqual([30_000, 30_000, 30_000, 0]);
  expect(allowedWakeMs(wakeBudgets.ios, wakes.slice(0, 3), 61 * minuteMs)).toBe(30_000);
});

test('Android: what is left of ten minutes, then nothing', () => {
  const used = [{ startMs: 0, usedMs: 9 * minuteMs }];
  expect(allowedWakeMs(wakeBudgets.androidFrequent, used, minuteMs)).toBe(minuteMs);
  expect(allowedWakeMs(wakeBudgets.androidRare, used, 9 * 60 * minuteMs)).toBe(minuteMs);
  expect(allowedWakeMs(wakeBudgets.androidFrequent, used, 9 * 60 * minuteMs)).toBe(10 * minuteMs);
});

test('no window ever holds more wakes or time than it grants', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 90 * minuteMs }), { maxLength: 60 });
  const budget = fc.constantFrom(...Object.values(wakeBudgets));
  fc.assert(
    fc.property(budget, gaps, (chosen, pauses) => {
      let wakes: Wake[] = [];
      const all: Wake[] = [];
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        wakes = recentWakes(chosen, wakes, now);
        const usedMs = Math.min(allowedWakeMs(chosen, wakes, now), 3_600_000);
        if (usedMs <= 0) continue;
        wakes = [...wakes, { startMs: now, usedMs }];
        all.push({ startMs: now, usedMs });
        for (const { windowMs, wakes: most, totalMs } of chosen.windows) {
          const seen = all.filter(({ startMs }) => startMs > now - windowMs);
          expect(seen.length).toBeLessThanOrEqual(most);
          expect(seen.reduce((sum, wake) => sum + wake.usedMs, 0)).toBeLessThanOrEqual(totalMs);
        }
      }
    }),
  );
});
