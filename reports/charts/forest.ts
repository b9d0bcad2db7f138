/** Deviations of validation cases from theory, in units of their tolerance: one row per case. */
import { fixed, formatNumber } from '../../src/results/format.ts';
import type { ValidationCase } from '../input/validation.ts';
import type { Point, Series } from '../plot/spec.ts';
import type { FigureBody } from './kind.ts';

/** Beyond this many tolerances a case is drawn at the edge. */
const edge = 3;

interface Row {
  readonly name: string;
  readonly verdict: ValidationCase['verdict'];
  readonly deviation: number;
  readonly interval: readonly [number, number] | null;
}

/** Null when no case of the group can be put on the scale (all exact or without a number). */
export function forestFigure(group: string, cases: readonly ValidationCase[]): FigureBody | null {
  const rows = cases.flatMap((one) => toRow(group, one) ?? []);
  if (rows.length === 0) return null;
  const left = cases.length - rows.length;
  const exact = left === 0 ? '' : ` ${left} exact cases are in the table only.`;
  return {
    title: `Deviation from theory: ${group}`,
    caption:
      'Simulated minus expected, in units of the tolerance of each case (±1 is the most that is ' +
      `allowed). Whiskers: confidence interval of the simulated value.${exact}`,
    aspect: Math.min(1, Math.max(0.2, 0.14 + rows.length * 0.032)),
    plot: {
      type: 'xy',
      look: 'dots',
      x: { title: 'Deviation (tolerances)', unit: '', scale: 'linear', ...range(rows) },
      y: { title: '', unit: '', scale: 'category', categories: rows.map((row) => row.name) },
      series: verdicts.flatMap((verdict) => toSeries(rows, verdict) ?? []),
      marks: [
        { axis: 'x', value: 0, label: '', tone: 'hint' },
        { axis: 'x', value: -1, label: '', tone: 'limit' },
        { axis: 'x', value: 1, label: '', tone: 'limit' },
      ],
    },
    table: {
      columns: ['Case', 'Deviation', 'Interval', 'Verdict'],
      rows: rows.map((row) => [
        row.name,
        formatNumber(row.deviation),
        row.interval === null ? '–' : row.interval.map((one) => fixed(one, 2)).join(' to '),
        row.verdict,
      ]),
    },
  };
}

const verdicts = ['ok', 'violated', 'unknown'] as const;
const styles = { ok: 0, violated: 1, unknown: 7 } as const;

/** `queue/mm1/wait` in the group `queue` is `mm1/wait`. */
export function caseName(group: string, one: ValidationCase): string {
  const prefix = `${group}/`;
  return one.name.startsWith(prefix) ? one.name.slice(prefix.length) : one.name;
}

function toRow(group: string, one: ValidationCase): Row | null {
  const { actual, expected, interval, tolerance, verdict } = one;
  if (actual === null || !(tolerance > 0)) return null;
  const scaled = (value: number): number => (value - expected) / tolerance;
  return {
    name: caseName(group, one),
    verdict,
    deviation: scaled(actual),
    interval: interval === null ? null : [scaled(interval[0]), scaled(interval[1])],
  };
}

function range(rows: readonly Row[]): { min: number; max: number } {
  const reach = rows.map((row) =>
    Math.max(Math.abs(row.deviation), ...(row.interval ?? []).map(Math.abs)),
  );
  const bound = Math.min(edge, Math.max(1.15, ...reach) * 1.05);
  return { min: -bound, max: bound };
}

function toSeries(rows: readonly Row[], verdict: Row['verdict']): Series | null {
  const points: Point[] = [];
  const ci95: (readonly [number, number] | null)[] = [];
  rows.forEach((row, index) => {
    if (row.verdict !== verdict) return;
    points.push([Math.max(-edge, Math.min(edge, row.deviation)), index]);
    ci95.push(row.interval);
  });
  return points.length === 0 ? null : { label: verdict, style: styles[verdict], points, ci95 };
}
