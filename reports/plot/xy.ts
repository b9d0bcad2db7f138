/** Lines, steps, dots: everything with two numeric axes, or a category axis and marks on it. */
import { formatInterval, formatValue } from '../../src/results/format.ts';
import type { ChartConfig, Dataset, Options } from './chart-types.ts';
import { bands, whiskers } from './draw.ts';
import type { Frame, ScaledAxis } from './frame.ts';
import { axisOptions, frameOptions, markOptions, scaleAxis } from './frame.ts';
import type { Axis, Series, XyPlot } from './spec.ts';
import { dashes, seriesColour, shapes } from './theme.ts';

export function xyConfig(plot: XyPlot, frame: Frame): ChartConfig {
  const x = scaleAxis(plot.x, xValues(plot));
  const y = scaleAxis(plot.y, yValues(plot.series));
  const options = frameOptions(frame, legendOf(plot), plot.legend);
  const plugins = options['plugins'] as Options;
  return {
    type: plot.look === 'dots' ? 'scatter' : 'line',
    data: { datasets: plot.series.map((series) => dataset(series, plot, { x, y, frame })) },
    options: {
      ...options,
      scales: { x: axisOptions(x, frame, 'bottom'), y: axisOptions(y, frame, 'left') },
      plugins: {
        ...plugins,
        annotation: markOptions(plot.marks, x, y, frame),
        tooltip: { callbacks: tooltip(plot) },
      },
    },
    plugins: [bands, whiskers],
  };
}

/** The legend's title says it once for all. */
export function legendLabel(series: Series, legend: string | undefined): string {
  const prefix = `${legend ?? ''} `.toLowerCase();
  const named = legend !== undefined && series.label.toLowerCase().startsWith(prefix);
  return named ? series.label.slice(prefix.length) : series.label;
}

function legendOf(plot: XyPlot): 'none' | 'points' | 'lines' {
  if (plot.series.length < 2) return 'none';
  return plot.look === 'plain' || plot.look === 'step' ? 'lines' : 'points';
}

function xValues(plot: XyPlot): number[] {
  return plot.series.flatMap((series) => series.points.map(([x]) => x));
}

export function yValues(series: readonly Series[]): number[] {
  return series.flatMap((one) => one.points.map(([, y]) => y ?? 0));
}

interface Place {
  readonly x: ScaledAxis;
  readonly y: ScaledAxis;
  readonly frame: Frame;
}

function dataset(series: Series, plot: XyPlot, place: Place): Dataset {
  const { theme } = place.frame;
  const colour = seriesColour(theme, series.style);
  const marker = plot.look === 'marker' || plot.look === 'dots';
  const shape = shapes[series.style % shapes.length];
  const open = shape === 'star' || shape === 'cross' || shape === 'crossRot';
  return {
    label: legendLabel(series, plot.legend),
    // Dashes above solid lines, so that equal series show as both.
    order: -series.style,
    data: series.points.map(([x, y]) => ({
      x: position(x, place.x),
      y: y === null ? null : position(y, place.y),
    })),
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: marker ? 1.75 : 2,
    borderDash: plot.look === 'dots' ? [] : dashes[series.style % dashes.length],
    showLine: plot.look !== 'dots',
    stepped: plot.look === 'step' ? 'before' : false,
    pointStyle: marker ? shape : 'line',
    pointRadius: marker ? (open ? 5 : 4.5) : 0,
    pointBorderWidth: open || !marker ? 2 : 1,
    pointBorderColor: open || !marker ? colour : theme.background,
    pointHoverRadius: 5,
    pointHitRadius: 8,
    spanGaps: false,
    intervals: scaledIntervals(series, plot.look === 'dots' ? place.x.factor : place.y.factor),
    intervalLook: marker ? 'whisker' : 'band',
    intervalAxis: plot.look === 'dots' ? 'x' : 'y',
    clip: 4,
  };
}

/** Chart.js finds a category by its label, a number by its value. */
function position(value: number, { axis, factor }: ScaledAxis): number | string {
  return axis.scale === 'category' ? (axis.categories?.[value] ?? '') : value / factor;
}

export function scaledIntervals(
  series: Series,
  factor: number,
): (readonly [number, number] | null)[] | null {
  if (series.ci95 === undefined) return null;
  return series.ci95.map((one) => (one === null ? null : [one[0] / factor, one[1] / factor]));
}

/** Chart.js hands the element under the pointer. */
interface TooltipItem {
  readonly datasetIndex: number;
  readonly dataIndex: number;
}

function tooltip(plot: XyPlot): Options {
  return {
    title: (items: readonly TooltipItem[]): string => {
      const item = items[0];
      const point = item && plot.series[item.datasetIndex]?.points[item.dataIndex];
      return point === undefined ? '' : `${plot.x.title}: ${axisValue(point[0], plot.x)}`;
    },
    label: (item: TooltipItem): string => {
      const series = plot.series[item.datasetIndex];
      const y = series?.points[item.dataIndex]?.[1];
      if (series === undefined || y === undefined) return '';
      if (plot.look === 'dots') return `${series.label}: ${axisValue(y ?? 0, plot.y)}`;
      return `${series.label}: ${formatInterval(y, series.ci95?.[item.dataIndex], plot.y.unit)}`;
    },
  };
}

export function axisValue(value: number, axis: Axis): string {
  return axis.scale === 'category'
    ? (axis.categories?.[value] ?? '')
    : formatValue(value, axis.unit);
}
