/** Horizontal boxes from given quantiles: whiskers p5 to p95, box p25 to p75, line p50. */
import { formatValue } from '../../src/results/format.ts';
import type { ChartConfig, Options } from './chart-types.ts';
import type { Frame, ScaledAxis } from './frame.ts';
import { axisOptions, frameOptions, scaleAxis } from './frame.ts';
import type { BoxPlot } from './spec.ts';
import { seriesColour, withAlpha } from './theme.ts';

export function boxConfig(plot: BoxPlot, frame: Frame): ChartConfig {
  const value = scaleAxis(
    plot.x,
    plot.boxes.flatMap((box) => [...box.quantiles]),
  );
  const labels: ScaledAxis = { axis: plot.y, factor: 1, suffix: '' };
  const options = frameOptions(frame, 'none');
  const plugins = options['plugins'] as Options;
  const colour = seriesColour(frame.theme, 0);
  return {
    type: 'boxplot',
    data: {
      labels: plot.boxes.map((box) => box.label),
      datasets: [
        {
          label: plot.x.title,
          data: plot.boxes.map((box) => stats(box.quantiles, value.factor)),
          borderColor: colour,
          backgroundColor: withAlpha(colour, 0.25),
          medianColor: frame.theme.text,
          borderWidth: 1.5,
          outlierRadius: 0,
          itemRadius: 0,
          meanRadius: 0,
          maxBarThickness: 26,
        },
      ],
    },
    options: {
      ...options,
      indexAxis: 'y',
      scales: { x: axisOptions(value, frame, 'bottom'), y: axisOptions(labels, frame, 'left') },
      plugins: { ...plugins, tooltip: { callbacks: { label: tooltipLabel(plot) } } },
    },
    plugins: [],
  };
}

function stats(quantiles: BoxPlot['boxes'][number]['quantiles'], factor: number): Options {
  const [p5, p25, p50, p75, p95] = quantiles.map((one) => one / factor);
  return {
    min: p5,
    whiskerMin: p5,
    q1: p25,
    median: p50,
    mean: p50,
    q3: p75,
    whiskerMax: p95,
    max: p95,
    items: [],
    outliers: [],
  };
}

function tooltipLabel(plot: BoxPlot): (item: { readonly dataIndex: number }) => string[] {
  const names = ['p5', 'p25', 'p50', 'p75', 'p95'];
  return (item) => {
    const box = plot.boxes[item.dataIndex];
    return names.map(
      (name, index) => `${name}: ${formatValue(box?.quantiles[index], plot.x.unit)}`,
    );
  };
}
