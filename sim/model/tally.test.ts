import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heat, seriesData } from './tally.ts';
import { nsPerMs } from './units.ts';

const minute = 60_000 * nsPerMs;

describe('a heat map', () => {
  const span = { warmUpNs: 0, endNs: 10 * minute, binNs: 4 * minute };

  it('puts a value between the edges of its row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), (valueNs) => {
        const heat = new Heat(span);
        heat.add(minute, valueNs);
        const { edges, counts } = heat.data();
        const row = counts[0]?.indexOf(1) ?? -1;
        const ms = valueNs / nsPerMs;
        expect(ms).toBeGreaterThanOrEqual(edges[row] ?? Infinity);
        if (row < edges.length - 2) expect(ms).toBeLessThan(edges[row + 1] ?? 0);
      }),
    );
  });

  it('has six to seven rows per decade', () => {
    const { edges } = new Heat(span).data();
    const perDecade = edges.filter((edge) => edge >= 100 && edge < 10_000).length / 2;
    expect(perDecade).toBeGreaterThanOrEqual(6);
    expect(perDecade).toBeLessThanOrEqual(7);
    expect(edges).toEqual(edges.toSorted((a, b) => a - b));
  });

  it('leaves out the bin that the run ends in', () => {
    const heat = new Heat(span);
    heat.add(9 * minute, 0);
    heat.add(7 * minute, 0);
    expect(heat.data().counts.map((column) => column[0])).toEqual([0, 1]);
  });
});

describe('a series', () => {
  const spanOf = (end: number) => ({ warmUpNs: 0, endNs: end * minute, binNs: 4 * minute });
  const valuesOf = (end: number) => seriesData(spanOf(end), 'count', [1, 2, 3]).values;

  it('has the bins that the run fills, and one of a run shorter than a bin', () => {
    expect(valuesOf(8)).toEqual([1, 2]);
    expect(valuesOf(10)).toEqual([1, 2]);
    expect(valuesOf(3)).toEqual([1]);
  });
});
