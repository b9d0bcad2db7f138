/** `ccdf`: P(X > x), so that the tail that users feel is most of the picture. */
import type { HistogramData } from '../../src/results/types.ts';
import type { ChartRequest } from '../../src/workload/types.ts';
import { fixed, formatMeasured } from '../../src/results/format.ts';
import { describe, metricLabel } from '../input/labels.ts';
import { histogramsOf, mergeHistograms, quantile, tail } from '../input/distribution.ts';
import type { RunData } from '../input/run.ts';
import { linesOf } from '../input/select.ts';
import type { Axis, DataTable, Mark, Series } from '../plot/spec.ts';
import type { FigureBody } from './kind.ts';
import { joinSentences } from './kind.ts';

interface Tail {
  readonly label: string;
  readonly style: number;
  readonly histogram: HistogramData;
}

export function ccdfFigure(run: RunData, request: ChartRequest): FigureBody | null {
  const measured = run.cells.filter((cell) => histogramsOf([cell], request.metric).length > 0);
  const { lines, note, legend } = linesOf(measured, request);
  const tails = lines.flatMap(({ label, style, cells }): Tail[] => {
    const histogram = mergeHistograms(histogramsOf(cells, request.metric));
    return histogram === null ? [] : [{ label, style, histogram }];
  });
  const unit = tails[0]?.histogram.unit;
  if (unit === undefined) return null;
  const series = tails.map(({ label, style, histogram }) => ({
    label,
    style,
    points: tail(histogram),
  }));
  const replications = run.manifest.replications;
  const pooled = replications > 1 ? `Pooled over ${replications} replications.` : '';
  return {
    title: request.title,
    caption: joinSentences(request.caption, note, pooled),
    aspect: 0.56,
    plot: {
      type: 'xy',
      look: 'plain',
      ...(legend === undefined ? {} : { legend }),
      x: valueAxis(request, series, unit),
      y: shareAxis(request, series),
      series,
      marks: request.yScale === 'log' ? percentileMarks(series) : [],
    },
    table: quantileTable(tails, unit),
  };
}

function valueAxis(request: ChartRequest, series: readonly Series[], unit: string): Axis {
  const log = request.xScale === 'log';
  const values = series.flatMap((one) => one.points.map(([x]) => x)).filter((x) => x > 0);
  const title = axisWords(request.metric);
  if (!log) return { title, unit, scale: 'linear', min: 0, max: Math.max(...values) * 1.02 };
  // The first percent of the observations must not take up decades of the axis.
  const starts = series.map(
    (one) => one.points.find(([, share]) => (share ?? 1) < 0.999)?.[0] ?? 1,
  );
  return {
    title,
    unit,
    scale: 'log',
    min: Math.max(Math.min(...values), Math.min(...starts) / 1.5),
    max: Math.max(...values) * 1.15,
  };
}

function axisWords(name: string): string {
  const words = describe(name)?.description ?? '';
  const label = metricLabel(name);
  return words.length > 0 && words.length < 28 ? `${label}: ${words.toLowerCase()}` : label;
}

function shareAxis(request: ChartRequest, series: readonly Series[]): Axis {
  const log = request.yScale === 'log';
  const smallest = Math.min(...series.flatMap((one) => one.points.map(([, y]) => y ?? 1)));
  const floor = 10 ** Math.max(-7, Math.floor(Math.log10(smallest)));
  const title = 'Share above x';
  return log
    ? { title, unit: 'share', scale: 'log', min: Math.min(floor, 0.01), max: 1 }
    : { title, unit: 'share', scale: 'linear', min: 0, max: 1 };
}

function percentileMarks(series: readonly Series[]): Mark[] {
  const smallest = Math.min(...series.flatMap((one) => one.points.map(([, y]) => y ?? 1)));
  const marks: Mark[] = [
    { axis: 'y', value: 0.5, label: 'median', tone: 'hint', place: 'end' },
    { axis: 'y', value: 0.01, label: 'p99', tone: 'hint', place: 'start' },
    { axis: 'y', value: 0.001, label: 'p99.9', tone: 'hint', place: 'start' },
  ];
  return marks.filter((mark) => mark.value > smallest);
}

const shares: readonly (readonly [string, number])[] = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['p99.9', 0.999],
];

function quantileTable(tails: readonly Tail[], unit: string): DataTable {
  return {
    columns: ['Setting', 'Observations', 'Mean', ...shares.map(([name]) => name), 'Maximum'],
    rows: tails.map(({ label, histogram }) => [
      label,
      fixed(histogram.count, 0),
      formatMeasured(histogram.sum / histogram.count, unit),
      ...shares.map(([, p]) => formatMeasured(quantile(histogram, p), unit)),
      formatMeasured(histogram.max, unit),
    ]),
  };
}
