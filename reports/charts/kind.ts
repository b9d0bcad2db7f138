/** What every figure kind has in common: from a run and a request to a figure, or nothing. */
import { formatInterval } from '../../src/results/format.ts';
import type { RunData } from '../input/run.ts';
import type { Axis, DataTable, Figure, Mark, Series } from '../plot/spec.ts';
import { formatValue } from '../../src/results/format.ts';
import { axisValue } from '../plot/xy.ts';

/** Null when the run holds no data for it. */
export type FigureBody = Omit<Figure, 'id'>;

/** The smallest and largest of all values, intervals and bounds that a y axis must hold. */
export function extremes(
  series: readonly Series[],
  marks: readonly Mark[],
): [number, number] | null {
  const values: number[] = marks.filter((mark) => mark.axis === 'y').map((mark) => mark.value);
  for (const one of series) {
    one.points.forEach(([, y], index) => {
      if (y === null) return;
      values.push(y);
      const interval = one.ci95?.[index];
      if (interval) values.push(...interval.filter(Number.isFinite));
    });
  }
  if (values.length === 0) return null;
  // An interval may reach below zero; what is measured does not, and the axis should not.
  const floor = series.every((one) => one.points.every(([, y]) => (y ?? 0) >= 0)) ? 0 : -Infinity;
  return [Math.max(floor, Math.min(...values)), Math.max(...values)];
}

/** Room on a y axis: a log axis to the next round number; a linear one with a margin above. */
export function yAxis(options: {
  readonly title: string;
  readonly unit: string;
  readonly scale: 'linear' | 'log';
  readonly range: readonly [number, number] | null;
  readonly smallestPositive?: number;
}): Axis {
  const { title, unit, range } = options;
  const [low, high] = range ?? [0, 1];
  if (options.scale === 'log' && high > 0) {
    const floor = low > 0 ? low : (options.smallestPositive ?? high / 1000);
    return { title, unit, scale: 'log', min: niceBelow(floor / 1.02), max: niceAbove(high * 1.02) };
  }
  const room = (high - Math.min(0, low)) * 0.06;
  const top = high <= 0 ? 0 : high + room;
  const limit = unit === 'share' ? Math.min(1, top) : top;
  return {
    title,
    unit,
    scale: 'linear',
    ...(low < 0 ? { min: low - room } : { min: 0 }),
    max: limit === 0 ? 1 : limit,
  };
}

const steps = [1, 1.5, 2, 3, 5, 7, 10];

export function niceBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = steps.findLast((one) => one * power <= value * (1 + 1e-9)) ?? 1;
  return Number((step * power).toPrecision(6));
}

export function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = steps.find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(6));
}

/** Bounds of the workload's expectations that hold for everything in the figure. */
export function expectationMarks(
  run: RunData,
  metric: string,
  where: Readonly<Record<string, unknown>>,
): Mark[] {
  const marks: Mark[] = [];
  for (const one of run.summary.expectations) {
    if (one.metric !== metric) continue;
    const general = Object.entries(one.where).every(([path, value]) => where[path] === value);
    if (!general) continue;
    for (const [bound, sign] of [
      [one.min, '≥'],
      [one.max, '≤'],
    ] as const) {
      if (bound === undefined || marks.some((mark) => mark.value === bound)) continue;
      const unit = unitOf(run, metric);
      marks.push({
        axis: 'y',
        value: bound,
        label: `expected ${sign} ${formatValue(bound, unit)}`,
        tone: 'limit',
      });
    }
  }
  return marks;
}

export function unitOf(run: RunData, metric: string): string {
  for (const cell of run.cells) {
    const unit = cell.metrics[metric]?.unit;
    if (unit !== undefined) return unit;
  }
  return '';
}

/** A bound far above the data would flatten them: it is said instead of drawn. */
export function nearMarks(
  marks: readonly Mark[],
  series: readonly Series[],
): { marks: Mark[]; far: string } {
  const highest = Math.max(0, ...series.flatMap((one) => one.points.map(([, y]) => y ?? 0)));
  const near = marks.filter((mark) => highest <= 0 || mark.value <= highest * 2.5);
  const far = marks.filter((mark) => !near.includes(mark)).map((mark) => mark.label);
  const sentence = far.join(', ').replace(/^e/, 'E');
  return { marks: near, far: far.length === 0 ? '' : `${sentence} (beyond the axis).` };
}

/** Labels of bounds stand at the end where the data are further away. */
export function placeMarks(
  marks: readonly Mark[],
  series: readonly Series[],
  log: boolean,
): Mark[] {
  const distance = (mark: Mark, index: number): number =>
    Math.min(
      ...series.map((one) => {
        const y = one.points.at(index)?.[1] ?? null;
        if (y === null || y <= 0) return Number.POSITIVE_INFINITY;
        return log ? Math.abs(Math.log(y / mark.value)) : Math.abs(y - mark.value);
      }),
    );
  return marks.map((mark) => {
    const place = distance(mark, 0) >= distance(mark, -1) ? 'start' : 'end';
    return Object.assign({}, mark, { place });
  });
}

/** Rows by x, one column per series. */
export function seriesTable(x: Axis, y: Axis, series: readonly Series[], limit = 60): DataTable {
  const values = [...new Set(series.flatMap((one) => one.points.map(([at]) => at)))];
  const sorted = values.toSorted((a, b) => a - b);
  const every = Math.max(1, Math.ceil(sorted.length / limit));
  const shown = sorted.filter((_, index) => index % every === 0);
  return {
    columns: [x.title, ...series.map((one) => (series.length === 1 ? y.title : one.label))],
    rows: shown.map((at) => [axisValue(at, x), ...series.map((one) => entry(one, at, y.unit))]),
    ...(every === 1 ? {} : { note: `Every ${every}th of ${sorted.length} points.` }),
  };
}

function entry(series: Series, at: number, unit: string): string {
  const index = series.points.findIndex(([x]) => x === at);
  return index < 0 ? '–' : formatInterval(series.points[index]?.[1], series.ci95?.[index], unit);
}

export function joinSentences(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
