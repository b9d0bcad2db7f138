import { describe, expect, it } from 'vitest';
import { parameterNumber, metricLabel, shortTexts } from './labels.ts';
import type { CellData, Parameters } from './run.ts';
import { cellNamer, linesOf, matches, maxLines, valuesOf } from './select.ts';

function cell(parameters: Parameters): CellData {
  return { id: JSON.stringify(parameters), parameters, metrics: {}, records: [] };
}

function grid(axes: Readonly<Record<string, readonly (string | number)[]>>): CellData[] {
  return Object.entries(axes)
    .reduce<Parameters[]>(
      (all, [path, values]) =>
        all.flatMap((one) => values.map((value) => ({ ...one, [path]: value }))),
      [{}],
    )
    .map((parameters) => cell(parameters));
}

describe('linesOf', () => {
  it('makes one line per value of the series', () => {
    const cells = grid({ size: [10, 100], policy: ['a', 'b'] });
    const { lines, note } = linesOf(cells, { x: 'size', series: 'policy', where: {} });
    expect(lines.map((line) => line.label)).toEqual(['a', 'b']);
    expect(lines.map((line) => line.cells.length)).toEqual([2, 2]);
    expect(note).toBe('');
  });

  it('fixes other parameters when lines would be too many, and says so', () => {
    const cells = grid({ size: [1, 2], policy: ['a', 'b', 'c'], loss: [0, 1, 2, 3] });
    const { lines, note } = linesOf(cells, { x: 'size', series: 'policy', where: {} });
    expect(lines).toHaveLength(3);
    expect(note).toBe('Shown for loss 0.');
  });

  it('keeps the ends of a long series', () => {
    const sizes = Array.from({ length: 20 }, (_, index) => index + 1);
    const { lines } = linesOf(grid({ size: sizes }), { series: 'size', where: {} });
    expect(lines).toHaveLength(maxLines);
    expect(lines[0]?.label).toBe('size 1');
    expect(lines.at(-1)?.label).toBe('size 20');
  });

  it('leaves out cells of another grid', () => {
    const cells = [...grid({ size: [1, 2] }), ...grid({ offline: [0.1, 0.9] })];
    const { lines } = linesOf(cells, { x: 'size', where: {} });
    expect(lines.flatMap((line) => line.cells)).toHaveLength(2);
  });
});

describe('cells', () => {
  it('match by the text of their values', () => {
    expect(matches(cell({ a: 100 }), { a: '100' })).toBe(true);
    expect(matches(cell({ a: 100 }), { a: 10 })).toBe(false);
  });

  it('sort numbers with units by size', () => {
    const cells = grid({ pause: ['2 h', '30 s', '5 min'] });
    expect(valuesOf(cells, 'pause')).toEqual(['30 s', '5 min', '2 h']);
  });

  it('are named by what varies', () => {
    const cells = grid({ 'groups.size': [10, 100], retry: ['none', 'full-jitter(base 1 s)'] });
    const name = cellNamer(cells);
    expect(cells.map((one) => name(one))).toEqual([
      'group size 10, none',
      'group size 10, full-jitter',
      'group size 100, none',
      'group size 100, full-jitter',
    ]);
  });
});

describe('labels', () => {
  it('reads parameters with units', () => {
    expect(parameterNumber('2 h')).toEqual({ value: 7_200_000, unit: 'ms' });
    expect(parameterNumber('constant(100)')).toEqual({ value: 100, unit: '' });
    expect(parameterNumber('sealed')).toBeNull();
  });

  it('shortens calls only while they stay different', () => {
    expect([...shortTexts(['f(1 s)', 'g(1 s)']).values()]).toEqual(['f', 'g']);
    expect([...shortTexts(['f(1 s)', 'f(2 s)']).values()]).toEqual(['f(1 s)', 'f(2 s)']);
    const skews = ['constant(1)', 'zipf(0.8)', 'zipf(1.2)'];
    expect([...shortTexts(skews).values()]).toEqual(skews);
    expect([...shortTexts(['constant(1)', 'constant(2)']).values()]).toEqual(['1', '2']);
    expect([...shortTexts(['0x0001', '0xf00d']).values()]).toEqual([
      '0x0001 (X25519, AES-128-GCM, Ed25519)',
      '0xf00d (X-Wing, AES-256-GCM, Ed25519)',
    ]);
  });

  it('words metric names', () => {
    expect(metricLabel('delivery_delay_p99')).toBe('Delivery delay, 99th percentile');
    expect(metricLabel('ds_wait_mean')).toBe('DS wait, mean');
  });
});
