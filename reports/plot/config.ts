/** A figure becomes a Chart.js configuration: the same function for the page and for PNGs. */
import { barConfig } from './bar.ts';
import { boxConfig } from './box.ts';
import type { ChartConfig } from './chart-types.ts';
import { paper } from './draw.ts';
import type { Frame } from './frame.ts';
import { gridConfig } from './grid.ts';
import type { Plot } from './spec.ts';
import { xyConfig } from './xy.ts';

export function chartConfig(plot: Plot, frame: Frame): ChartConfig {
  const config = configOf(plot, frame);
  return frame.fixed
    ? { ...config, plugins: [paper(frame.theme.background), ...config.plugins] }
    : config;
}

function configOf(plot: Plot, frame: Frame): ChartConfig {
  switch (plot.type) {
    case 'xy':
      return xyConfig(plot, frame);
    case 'bar':
      return barConfig(plot, frame);
    case 'box':
      return boxConfig(plot, frame);
    case 'grid':
      return gridConfig(plot, frame);
  }
}
