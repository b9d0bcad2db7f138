import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisTitle, linearStep, logTickLabel, logTicks, spreadTicks } from './ticks.ts';

describe('logTicks', () => {
  it('counts time as a clock does', () => {
    const labels = logTicks(1000, 1e8, 'ms').map((tick) => logTickLabel(tick, 'ms'));
    expect(labels).toContain('1 min');
    expect(labels).toContain('1 d');
    expect(labels).not.toContain('1,000 s');
  });

  it('has two to nine ticks inside any range', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -9, max: 9, noNaN: true }),
        fc.double({ min: 0.05, max: 14, noNaN: true }),
        fc.constantFrom('ms', 'count', 'share', 'B'),
        (exponent, decades, unit) => {
          const min = 10 ** exponent;
          const max = min * 10 ** decades;
          const ticks = logTicks(min, max, unit);
          expect(ticks.length).toBeGreaterThanOrEqual(2);
          expect(ticks.length).toBeLessThanOrEqual(9);
          for (const tick of ticks) expect(tick >= min * 0.99 && tick <= max * 1.01).toBe(true);
        },
      ),
    );
  });
});

describe('linear axes', () => {
  it('steps hours in parts of a day', () => {
    expect(linearStep(24, ' h')).toBe(6);
    expect(linearStep(60, ' min')).toBe(10);
  });

  it('leaves out swept values that would overlap', () => {
    const axis = { title: '', unit: '', scale: 'linear' } as const;
    expect(spreadTicks([10, 20, 1000, 1020], axis)).toEqual([10, 1000]);
    expect(spreadTicks([10, 30, 1000], { ...axis, scale: 'log' })).toEqual([10, 30, 1000]);
  });

  it('puts the unit into the title, or leaves it to the ticks of a log axis', () => {
    expect(axisTitle({ title: 'Delay', unit: 'ms', scale: 'linear' }, ' h')).toBe('Delay (h)');
    expect(axisTitle({ title: 'Delay', unit: 'ms', scale: 'log' }, '')).toBe('Delay');
    const rate = { title: 'Commits per second', unit: '1/s', scale: 'log' } as const;
    expect(axisTitle(rate, '')).toBe('Commits per second');
    expect(axisTitle({ ...rate, title: 'Commits' }, '')).toBe('Commits (1/s)');
  });
});
