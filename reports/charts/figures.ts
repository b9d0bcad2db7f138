/** The figures of a run: those that its workload asks for, or a set that fits what it measured. */
import type { ChartRequest } from '../../src/workload/types.ts';
import { metricLabel, parameterLabel, parameterNumber } from '../input/labels.ts';
import type { RunData } from '../input/run.ts';
import { valuesOf, varyingPaths } from '../input/select.ts';
import type { Figure } from '../plot/spec.ts';
import { barFigure } from './bar.ts';
import { boxFigure } from './box.ts';
import { ccdfFigure } from './ccdf.ts';
import { heatmapFigure } from './heatmap.ts';
import type { FigureBody } from './kind.ts';
import { lineFigure } from './line.ts';
import { matrixFigure } from './matrix.ts';
import { timelineFigure } from './timeline.ts';

/** A kind of figure is a file; this table is where it becomes known. */
const kinds: Readonly<
  Record<ChartRequest['kind'], (run: RunData, request: ChartRequest) => FigureBody | null>
> = {
  line: lineFigure,
  bar: barFigure,
  ccdf: ccdfFigure,
  timeline: timelineFigure,
  heatmap: heatmapFigure,
  matrix: matrixFigure,
};

export interface Figures {
  readonly figures: readonly Figure[];
  /** Requests for which the run holds no data. */
  readonly missing: readonly string[];
}

export function figuresOf(run: RunData): Figures {
  const requested = run.charts.map((request) => [request.title, build(run, request)] as const);
  const missing = requested.filter(([, body]) => body === null).map(([title]) => title);
  const bodies = requested.flatMap(([, body]) => body ?? []);
  const all = bodies.length > 0 ? bodies : defaultBodies(run);
  return { figures: name(all), missing };
}

function build(run: RunData, request: ChartRequest): FigureBody | null {
  return Object.hasOwn(kinds, request.kind) ? kinds[request.kind](run, request) : null;
}

/** Stable file names from titles: `01-delivery-delay.png`. */
function name(bodies: readonly FigureBody[]): Figure[] {
  return bodies.map((body, index) => {
    const words = body.title.toLowerCase().replaceAll(/[^a-z\d]+/g, '-');
    const slug = words
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 48)
      .replace(/-+$/, '');
    const id = `${String(index + 1).padStart(2, '0')}-${slug === '' ? 'figure' : slug}`;
    return Object.assign({}, body, { id });
  });
}

function defaultBodies(run: RunData): FigureBody[] {
  return [
    ...sweepBodies(run),
    ...namesIn(run, 'histograms')
      .slice(0, 2)
      .flatMap((one) => distributionBodies(run, one)),
    ...namesIn(run, 'series')
      .slice(0, 3)
      .flatMap((one) => timelineBody(run, one)),
    ...namesIn(run, 'heat')
      .slice(0, 1)
      .flatMap((one) => heatBody(run, one)),
  ];
}

function namesIn(run: RunData, part: 'histograms' | 'series' | 'heat'): string[] {
  const names = run.cells.flatMap((cell) =>
    cell.records.flatMap((record) => Object.keys(record.result[part])),
  );
  return [...new Set(names)];
}

/** Metrics that the workload itself cares about come first. */
export function mainMetrics(run: RunData, limit: number): string[] {
  const asked = [
    ...run.summary.findings.map((finding) => finding.metric),
    ...run.summary.expectations.map((expectation) => expectation.metric),
    ...run.charts.map((chart) => chart.metric),
    ...run.cells.flatMap((cell) => Object.keys(cell.metrics)),
  ];
  const known = new Set(run.cells.flatMap((cell) => Object.keys(cell.metrics)));
  return [...new Set(asked)].filter((metric) => known.has(metric)).slice(0, limit);
}

function sweepBodies(run: RunData): FigureBody[] {
  const x = varyingPaths(run.cells)[0];
  if (x === undefined) return [];
  const numeric = valuesOf(run.cells, x).every((value) => parameterNumber(value) !== null);
  return mainMetrics(run, 3).flatMap((metric) => {
    const request: ChartRequest = {
      kind: numeric ? 'line' : 'bar',
      title: `${metricLabel(metric)} by ${parameterLabel(x)}`,
      caption: `${metricLabel(metric)} for each ${parameterLabel(x)}.`,
      metric,
      x,
      where: {},
      xScale: numeric && spansDecades(run, x) ? 'log' : 'linear',
      yScale: 'linear',
    };
    return build(run, request) ?? [];
  });
}

function spansDecades(run: RunData, path: string): boolean {
  const values = valuesOf(run.cells, path).map((value) => parameterNumber(value)?.value ?? 0);
  const low = Math.min(...values);
  return low > 0 && Math.max(...values) / low >= 20;
}

function distributionBodies(run: RunData, metric: string): FigureBody[] {
  const label = metricLabel(metric);
  const tail = build(run, {
    kind: 'ccdf',
    title: `Tail of the ${label.toLowerCase()}`,
    caption: `Share of observations above a value: ${label.toLowerCase()}.`,
    metric,
    where: {},
    xScale: 'log',
    yScale: 'log',
  });
  return [tail, boxFigure(run, metric)].filter((body) => body !== null);
}

function timelineBody(run: RunData, metric: string): FigureBody[] {
  const title = `${metricLabel(metric)} over time`;
  const caption = `${metricLabel(metric)} in simulated time, warm-up included.`;
  const scales = { xScale: 'linear', yScale: 'linear' } as const;
  const body = build(run, { kind: 'timeline', title, caption, metric, where: {}, ...scales });
  return body === null ? [] : [body];
}

function heatBody(run: RunData, metric: string): FigureBody[] {
  const title = `${metricLabel(metric)} over time, every observation`;
  const caption = 'The darker a cell, the more observations of that value at that time.';
  const scales = { xScale: 'linear', yScale: 'log' } as const;
  const body = build(run, { kind: 'heatmap', title, caption, metric, where: {}, ...scales });
  return body === null ? [] : [body];
}
