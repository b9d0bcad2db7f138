/** `timeline`: a series over simulated time, mean and interval over replications. */
import { meanInterval } from '../../src/statistics/interval.ts';
import type { SeriesData } from '../../src/results/types.ts';
import type { ChartRequest } from '../../src/workload/types.ts';
import { metricLabel } from '../input/labels.ts';
import type { CellData, RunData } from '../input/run.ts';
import { linesOf, type Line } from '../input/select.ts';
import type { Axis, Point, Series } from '../plot/spec.ts';
import { intervalSentence, meanSentence } from './captions.ts';
import type { FigureBody } from './kind.ts';
import { extremes, joinSentences, seriesTable, yAxis } from './kind.ts';

/** More points than this are averaged: a picture is about 800 pixels wide. */
const maxPoints = 240;

/** More bands than these cover each other. */
const maxBands = 4;

export function timelineFigure(run: RunData, request: ChartRequest): FigureBody | null {
  const measured = run.cells.filter((cell) => recordsOf(cell, request.metric).length > 0);
  const { lines, note, legend } = linesOf(measured, request);
  const banded = lines.length <= maxBands;
  const series = lines
    .map((line) => toSeries(line, request.metric))
    .map((one) => (banded ? one : { label: one.label, style: one.style, points: one.points }));
  const first = measured[0] === undefined ? undefined : recordsOf(measured[0], request.metric)[0];
  const range = extremes(series, []);
  if (first === undefined || range === null) return null;
  const log = request.yScale === 'log' && range[1] > 0;
  const ends = measured
    .flatMap((cell) => recordsOf(cell, request.metric))
    .map((one) => one.startMs + one.values.length * one.binMs);
  const x: Axis = {
    title: 'Simulated time',
    unit: 'ms',
    scale: 'linear',
    min: first.startMs,
    max: Math.max(...ends),
  };
  const title = metricLabel(request.metric);
  const positive = series.flatMap((one) => one.points.map(([, y]) => y ?? 0)).filter((y) => y > 0);
  const y = yAxis({
    title,
    unit: first.unit,
    scale: log ? 'log' : 'linear',
    range,
    ...(positive.length > 0 ? { smallestPositive: Math.min(...positive) } : {}),
  });
  return {
    title: request.title,
    caption: joinSentences(
      request.caption,
      note,
      banded ? intervalSentence(run, 'Bands') : meanSentence(run),
    ),
    aspect: 0.46,
    plot: {
      type: 'xy',
      look: 'plain',
      ...(legend === undefined ? {} : { legend }),
      x,
      y,
      series,
      marks: [],
    },
    table: seriesTable(x, y, series, 48),
  };
}

function recordsOf(cell: CellData, name: string): SeriesData[] {
  return cell.records.flatMap((record) => record.result.series[name] ?? []);
}

/** Bins of all replications beside each other; longer series are averaged over several bins. */
function toSeries(line: Line, name: string): Series {
  const all = line.cells.flatMap((cell) => recordsOf(cell, name));
  const first = all[0];
  if (first === undefined) return { label: line.label, style: line.style, points: [] };
  const length = Math.max(...all.map((one) => one.values.length));
  const width = Math.max(1, Math.ceil(length / maxPoints));
  const points: Point[] = [];
  const ci95: (readonly [number, number] | null)[] = [];
  for (let bin = 0; bin < length; bin += width) {
    const values = all.flatMap((one) => average(one.values.slice(bin, bin + width)) ?? []);
    const at = first.startMs + (bin + Math.min(width, length - bin) / 2) * first.binMs;
    const interval = values.length === 0 ? null : meanInterval(values);
    points.push([at, interval?.mean ?? null]);
    ci95.push(interval !== null && interval.n > 1 ? [interval.lo, interval.hi] : null);
  }
  return { label: line.label, style: line.style, points, ci95 };
}

function average(values: readonly (number | null)[]): number | null {
  const there = values.filter((value) => value !== null);
  if (there.length === 0) return null;
  return there.reduce((sum, value) => sum + value, 0) / there.length;
}
