/** Lines and bars over a swept parameter: the data that both kinds share. */
import type { ChartRequest } from '../../src/workload/types.ts';
import { capitalise } from '../../src/results/format.ts';
import { metricLabel, parameterLabel, parameterNumber, shortTexts } from '../input/labels.ts';
import type { CellData, RunData } from '../input/run.ts';
import { linesOf, valuesOf, type Line } from '../input/select.ts';
import type { Axis, Mark, Series } from '../plot/spec.ts';
import {
  expectationMarks,
  extremes,
  joinSentences,
  nearMarks,
  placeMarks,
  unitOf,
  yAxis,
} from './kind.ts';

export interface SweepData {
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
  readonly note: string;
  readonly legend?: string;
}

/** Null without an x parameter or without a value of the metric. */
export function sweepData(
  run: RunData,
  request: ChartRequest,
  categories: boolean,
): SweepData | null {
  const { x: path, metric } = request;
  if (path === undefined) return null;
  const measured = run.cells.filter((cell) => cell.metrics[metric] !== undefined);
  const { lines, note, legend } = linesOf(measured, request);
  const cells = lines.flatMap((line) => line.cells);
  if (cells.length === 0) return null;
  const x = xAxis(cells, path, request.xScale, categories);
  const series = lines.map((line) => toSeries(line, metric, path, x));
  const unit = unitOf(run, metric);
  const all = expectationMarks(run, metric, request.where);
  const { marks, far } = nearMarks(all, series);
  const range = extremes(series, marks);
  const positive = series
    .flatMap((one) => one.points.map(([, value]) => value ?? 0))
    .filter((value) => value > 0);
  const log = request.yScale === 'log' && positive.length > 0;
  const y = yAxis({
    title: metricLabel(metric),
    unit,
    scale: log ? 'log' : 'linear',
    range,
    ...(positive.length > 0 ? { smallestPositive: Math.min(...positive) } : {}),
  });
  const shown = log ? series.map(withoutZeros) : series;
  return {
    x: x.axis,
    y,
    series: shown,
    marks: placeMarks(marks, shown, log),
    note: joinSentences(note, far),
    ...(legend === undefined ? {} : { legend }),
  };
}

/** An axis, and for categories the values in the order of their labels. */
interface Positions {
  readonly axis: Axis;
  readonly order: readonly string[];
}

function xAxis(
  cells: readonly CellData[],
  path: string,
  scale: 'linear' | 'log',
  categories: boolean,
): Positions {
  const values = valuesOf(cells, path);
  const numbers = values.map((value) => parameterNumber(value));
  const title = capitalise(parameterLabel(path));
  const texts = shortTexts(values);
  if (categories || numbers.includes(null)) {
    const labels = values.map((value) => texts.get(value) ?? String(value));
    const axis: Axis = { title, unit: '', scale: 'category', categories: labels };
    return { axis, order: values.map(String) };
  }
  const ticks = numbers.map((number) => number?.value ?? 0);
  const log = scale === 'log' && Math.min(...ticks) > 0;
  const [min, max] = paddedRange(ticks, log);
  const unit = numbers[0]?.unit ?? '';
  const axis: Axis = { title, unit, scale: log ? 'log' : 'linear', ticks, min, max };
  return { axis, order: [] };
}

/** Markers of the first and last value must not sit on the frame. */
function paddedRange(ticks: readonly number[], log: boolean): [number, number] {
  const low = Math.min(...ticks);
  const high = Math.max(...ticks);
  if (log) {
    const factor = high > low ? (high / low) ** 0.04 : 2;
    return [low / factor, high * factor];
  }
  const margin = high > low ? (high - low) * 0.04 : Math.abs(high) || 1;
  return [
    low >= 0 && low < margin * 3 ? Math.min(0, low) - margin * 0.5 : low - margin,
    high + margin,
  ];
}

function toSeries(line: Line, metric: string, path: string, x: Positions): Series {
  const placed = line.cells
    .map((cell) => ({ at: xValue(cell, path, x), value: cell.metrics[metric] }))
    .toSorted((a, b) => a.at - b.at);
  return {
    label: line.label,
    style: line.style,
    points: placed.map(({ at, value }) => [at, value?.value ?? null] as const),
    ci95: placed.map(({ value }) => value?.ci95 ?? null),
  };
}

function xValue(cell: CellData, path: string, x: Positions): number {
  const value = cell.parameters[path];
  if (value === undefined) return 0;
  if (x.axis.scale !== 'category') return parameterNumber(value)?.value ?? 0;
  return x.order.indexOf(String(value));
}

function withoutZeros(series: Series): Series {
  const points = series.points.map(([x, y]) => [x, y !== null && y > 0 ? y : null] as const);
  return { ...series, points };
}
