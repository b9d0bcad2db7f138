/** Coloured cells: sweep matrices (two category axes) and heat maps (two numeric axes). */
import { formatValue } from '../../src/results/format.ts';
import type { ChartConfig, ChartView, Dataset, Options, Plugin } from './chart-types.ts';
import type { Frame, ScaledAxis } from './frame.ts';
import { axisOptions, fontSize, frameOptions, scaleAxis } from './frame.ts';
import type { GridCell, GridPlot } from './spec.ts';
import { heatColour, inkOn, rgb } from './theme.ts';
import { linearStep, logTickLabel, logTicks } from './ticks.ts';
import { axisValue } from './xy.ts';

export function gridConfig(plot: GridPlot, frame: Frame): ChartConfig {
  const x = scaleAxis(
    plot.x,
    plot.cells.map((cell) => cell.x[1]),
  );
  const y = scaleAxis(
    plot.y,
    plot.cells.map((cell) => cell.y[1]),
  );
  const options = frameOptions(frame, 'none');
  const plugins = options['plugins'] as Options;
  return {
    type: 'matrix',
    data: { datasets: [cells(plot, { x, y, frame })] },
    options: {
      ...options,
      layout: { padding: { top: frame.fixed ? 14 : 4, left: 8, bottom: 8, right: barRoom(frame) } },
      scales: {
        x: gridAxis(x, frame, 'bottom'),
        y: gridAxis(y, frame, 'left'),
      },
      plugins: { ...plugins, tooltip: { callbacks: tooltip(plot) } },
    },
    plugins: [cellTexts(plot, frame), colourBar(plot, frame)],
  };
}

/** Cells fill numeric axes to their ends; the plug-in would leave half a cell free. */
function gridAxis(scaled: ScaledAxis, frame: Frame, side: 'bottom' | 'left'): Options {
  const offset = scaled.axis.scale === 'category';
  return { ...axisOptions(scaled, frame, side), offset, reverse: false };
}

function barRoom(frame: Frame): number {
  return frame.width < 480 ? 70 : 92;
}

interface Place {
  readonly x: ScaledAxis;
  readonly y: ScaledAxis;
  readonly frame: Frame;
}

function cells(plot: GridPlot, place: Place): Dataset {
  const colours = plot.cells.map((cell) => rgb(cellColour(cell, plot, place.frame)));
  const discrete = plot.x.scale === 'category';
  return {
    label: plot.colour.title,
    data: plot.cells.map((cell) => ({
      x: position(cell.x, place.x),
      y: position(cell.y, place.y),
      cell,
    })),
    backgroundColor: colours,
    borderWidth: discrete ? 1 : 0,
    borderColor: place.frame.theme.background,
    anchorX: 'center',
    anchorY: 'center',
    width: extent(plot, place.x, 'x'),
    height: extent(plot, place.y, 'y'),
  };
}

/** Chart.js finds a category by its label, a number by its value. */
function position(edges: readonly [number, number], scaled: ScaledAxis): number | string {
  const [low, high] = edges;
  if (scaled.axis.scale === 'category') return scaled.axis.categories?.[low] ?? '';
  if (scaled.axis.scale === 'log') return Math.sqrt(low * high);
  return (low + high) / 2 / scaled.factor;
}

/** Pixel size of a cell; half a pixel over, so that no seams shine through. */
function extent(
  plot: GridPlot,
  scaled: ScaledAxis,
  side: 'x' | 'y',
): (context: { readonly chart: ChartView; readonly dataIndex: number }) => number {
  return ({ chart, dataIndex }) => {
    const scale = chart.scales[side];
    const cell = plot.cells[dataIndex];
    const { left, right, top, bottom } = chart.chartArea ?? {
      left: 0,
      right: 0,
      top: 0,
      bottom: 0,
    };
    if (scale === undefined || cell === undefined) return 0;
    const room = side === 'x' ? right - left : bottom - top;
    if (scaled.axis.scale === 'category') return room / (scaled.axis.categories?.length ?? 1) - 1;
    const [low, high] = cell[side];
    const from = scale.getPixelForValue(low / scaled.factor);
    return Math.abs(scale.getPixelForValue(high / scaled.factor) - from) + 0.5;
  };
}

/** Share 0..1 of a value on the colour scale. */
function colourShare(value: number, plot: GridPlot): number {
  const { min, max, scale } = plot.colour;
  if (max <= min) return 0.5;
  if (scale === 'log') return Math.log(value / min) / Math.log(max / min);
  return (value - min) / (max - min);
}

function cellColour(
  cell: GridCell,
  plot: GridPlot,
  frame: Frame,
): readonly [number, number, number] {
  return heatColour(colourShare(cell.value, plot), frame.theme);
}

/** Top left corner and size in pixels. */
interface CellElement {
  readonly x: number;
  readonly y: number;
  readonly width?: number;
  readonly height?: number;
}

/** The value inside each cell, where it fits. */
function cellTexts(plot: GridPlot, frame: Frame): Plugin {
  return {
    id: 'cellTexts',
    afterDatasetsDraw(chart) {
      const meta: readonly CellElement[] = chart.getDatasetMeta(0).data;
      chart.ctx.save();
      chart.ctx.textAlign = 'center';
      chart.ctx.textBaseline = 'middle';
      chart.ctx.font = `${fontSize(frame)}px ${frame.theme.font}`;
      plot.cells.forEach((cell, index) => {
        const element = meta[index];
        if (cell.text === '' || element === undefined) return;
        if (chart.ctx.measureText(cell.text).width > (element.width ?? 0) - 6) return;
        chart.ctx.fillStyle = inkOn(cellColour(cell, plot, frame));
        const half = (element.width ?? 0) / 2;
        chart.ctx.fillText(cell.text, element.x + half, element.y + (element.height ?? 0) / 2);
      });
      chart.ctx.restore();
    },
  };
}

/** A scale of colours at the right edge with its ticks and title. */
function colourBar(plot: GridPlot, frame: Frame): Plugin {
  return {
    id: 'colourBar',
    afterDatasetsDraw(chart) {
      const { right, top, bottom } = chart.chartArea;
      const left = right + 14;
      const height = bottom - top;
      chart.ctx.save();
      for (let step = 0; step < height; step += 1) {
        chart.ctx.fillStyle = rgb(heatColour(1 - step / height, frame.theme));
        chart.ctx.fillRect(left, top + step, 12, 1.5);
      }
      chart.ctx.strokeStyle = frame.theme.axis;
      chart.ctx.lineWidth = 1;
      chart.ctx.strokeRect(left, top, 12, height);
      barTicks(chart, plot, frame, left + 12);
      barTitle(chart, plot, frame);
      chart.ctx.restore();
    },
  };
}

function barTicks(chart: ChartView, plot: GridPlot, frame: Frame, left: number): void {
  const { top, bottom } = chart.chartArea;
  chart.ctx.fillStyle = frame.theme.muted;
  chart.ctx.textAlign = 'left';
  chart.ctx.textBaseline = 'middle';
  chart.ctx.font = `${fontSize(frame) - 1.5}px ${frame.theme.font}`;
  for (const value of barTickValues(plot)) {
    const y = bottom - colourShare(value, plot) * (bottom - top);
    chart.ctx.fillRect(left, y - 0.5, 3, 1);
    chart.ctx.fillText(logTickLabel(value, plot.colour.unit), left + 6, y);
  }
}

function barTickValues(plot: GridPlot): number[] {
  const { min, max, scale } = plot.colour;
  if (max <= min) return [min];
  if (scale === 'log') {
    const ticks = logTicks(min, max, plot.colour.unit);
    return ticks.filter((_, index) => ticks.length < 7 || index % 2 === 0);
  }
  const step = linearStep((max - min) * 1.4, '');
  const ticks: number[] = [];
  for (let index = Math.ceil(min / step); index * step <= max; index += 1) ticks.push(index * step);
  return ticks.length > 1 ? ticks : [min, max];
}

function barTitle(chart: ChartView, plot: GridPlot, frame: Frame): void {
  const { top, bottom } = chart.chartArea;
  chart.ctx.fillStyle = frame.theme.text;
  chart.ctx.textAlign = 'center';
  chart.ctx.textBaseline = 'bottom';
  chart.ctx.font = `600 ${fontSize(frame) - 0.5}px ${frame.theme.font}`;
  chart.ctx.translate(chart.width - 3, (top + bottom) / 2);
  chart.ctx.rotate(-Math.PI / 2);
  chart.ctx.fillText(plot.colour.title, 0, 0);
}

function tooltip(plot: GridPlot): Options {
  return {
    title: (): string => '',
    label: (item: { readonly dataIndex: number }): string[] => {
      const cell = plot.cells[item.dataIndex];
      if (cell === undefined) return [];
      return [
        `${plot.x.title}: ${cellValue(cell.x, plot.x)}`,
        `${plot.y.title}: ${cellValue(cell.y, plot.y)}`,
        `${plot.colour.title}: ${formatValue(cell.value, plot.colour.unit)}`,
      ];
    },
  };
}

function cellValue(edges: readonly [number, number], axis: GridPlot['x']): string {
  if (axis.scale === 'category') return axisValue(edges[0], axis);
  return `${formatValue(edges[0], axis.unit)} to ${formatValue(edges[1], axis.unit)}`;
}
