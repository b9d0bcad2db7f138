/** Grouped bars over categories, with whiskers. */
import { formatInterval } from '../../src/results/format.ts';
import type { ChartConfig, Dataset, Options } from './chart-types.ts';
import { whiskers } from './draw.ts';
import type { Frame, ScaledAxis } from './frame.ts';
import { axisOptions, frameOptions, markOptions, scaleAxis } from './frame.ts';
import type { BarPlot, Series } from './spec.ts';
import { seriesColour, withAlpha } from './theme.ts';
import { legendLabel, scaledIntervals, yValues } from './xy.ts';

export function barConfig(plot: BarPlot, frame: Frame): ChartConfig {
  const x: ScaledAxis = { axis: plot.x, factor: 1, suffix: '' };
  const y = scaleAxis(plot.y, yValues(plot.series));
  const options = frameOptions(frame, plot.series.length > 1 ? 'points' : 'none', plot.legend);
  const plugins = options['plugins'] as Options;
  return {
    type: 'bar',
    data: {
      labels: plot.x.categories ?? [],
      datasets: plot.series.map((series) => bars(series, plot, y, frame)),
    },
    options: {
      ...options,
      scales: { x: axisOptions(x, frame, 'bottom'), y: axisOptions(y, frame, 'left') },
      plugins: {
        ...plugins,
        annotation: markOptions(plot.marks, x, y, frame),
        tooltip: { callbacks: { label: tooltipLabel(plot) } },
      },
    },
    plugins: [whiskers],
  };
}

function bars(series: Series, plot: BarPlot, y: ScaledAxis, frame: Frame): Dataset {
  const colour = seriesColour(frame.theme, series.style);
  const count = plot.x.categories?.length ?? 0;
  const data: (number | null)[] = Array.from({ length: count }, () => null);
  const intervals: (readonly [number, number] | null)[] = data.map(() => null);
  const scaled = scaledIntervals(series, y.factor);
  series.points.forEach(([index, value], place) => {
    data[index] = value === null ? null : value / y.factor;
    intervals[index] = scaled?.[place] ?? null;
  });
  return {
    label: legendLabel(series, plot.legend),
    data,
    backgroundColor: withAlpha(colour, 0.8),
    borderColor: colour,
    borderWidth: 1,
    pointStyle: 'rect',
    maxBarThickness: 56,
    categoryPercentage: 0.74,
    barPercentage: 0.92,
    intervals,
    intervalLook: 'whisker',
    intervalColour: frame.theme.text,
  };
}

function tooltipLabel(
  plot: BarPlot,
): (item: { readonly datasetIndex: number; readonly dataIndex: number }) => string {
  return (item) => {
    const series = plot.series[item.datasetIndex];
    const place = series?.points.findIndex(([index]) => index === item.dataIndex) ?? -1;
    if (series === undefined || place < 0) return '';
    const value = series.points[place]?.[1];
    return `${series.label}: ${formatInterval(value, series.ci95?.[place], plot.y.unit)}`;
  };
}
