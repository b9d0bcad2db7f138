import { describe, expect, it } from 'vitest';
import type { Mark, Series } from '../plot/spec.ts';
import { extremes, nearMarks, niceAbove, niceBelow, placeMarks, yAxis } from './kind.ts';

const rising: Series = {
  label: 'a',
  style: 0,
  points: [
    [0, 1],
    [1, 10],
  ],
  ci95: [
    [-2, 4],
    [9, 11],
  ],
};

function bound(value: number): Mark {
  return { axis: 'y', value, label: `expected ≤ ${value}`, tone: 'limit' };
}

describe('the y axis', () => {
  it('holds intervals and bounds, but does not go below zero for what never does', () => {
    expect(extremes([rising], [bound(15)])).toEqual([0, 15]);
    const sinking: Series = { label: 'b', style: 0, points: [[0, -1]], ci95: [[-2, 0]] };
    expect(extremes([sinking], [])).toEqual([-2, 0]);
    expect(extremes([], [])).toBeNull();
  });

  it('ends at 100 % for shares and at round numbers on log scales', () => {
    const share = { title: '', unit: 'share', scale: 'linear', range: [0, 1.2] } as const;
    expect(yAxis(share).max).toBe(1);
    const log = { title: '', unit: 'ms', scale: 'log', range: [0.9, 480] } as const;
    expect(yAxis(log)).toMatchObject({ min: 0.7, max: 500 });
    expect([niceBelow(420), niceAbove(420)]).toEqual([300, 500]);
  });
});

describe('bounds', () => {
  it('far above the data are said, not drawn', () => {
    const { marks, far } = nearMarks([bound(20), bound(200)], [rising]);
    expect(marks.map((mark) => mark.value)).toEqual([20]);
    expect(far).toBe('Expected ≤ 200 (beyond the axis).');
  });

  it('carry their label where the data are far away', () => {
    expect(placeMarks([bound(9)], [rising], false)[0]?.place).toBe('start');
    expect(placeMarks([bound(2)], [rising], false)[0]?.place).toBe('end');
  });
});
