/** Options that all figures share: fonts, legend, axes, tool tips, bounds. */
import { formatValue } from '../../src/results/format.ts';
import type { ChartView, Options, ScaleView } from './chart-types.ts';
import type { Axis, Mark } from './spec.ts';
import type { Theme } from './theme.ts';
import { axisScale, axisTitle, linearStep, logTickLabel, logTicks, spreadTicks } from './ticks.ts';

/** How a figure is drawn: on a page (responsive) or into a picture of fixed size. */
export interface Frame {
  readonly theme: Theme;
  /** Title inside the picture (PNG only: the page has it in the caption). */
  readonly title: string | null;
  readonly fixed: boolean;
  readonly pixelRatio: number | null;
  /** CSS pixels across; narrow pictures get smaller type. */
  readonly width: number;
}

/** An axis with its display scale: data are divided by `factor` before Chart.js sees them. */
export interface ScaledAxis {
  readonly axis: Axis;
  readonly factor: number;
  readonly suffix: string;
}

export function scaleAxis(axis: Axis, values: Iterable<number>): ScaledAxis {
  if (axis.scale !== 'linear') return { axis, factor: 1, suffix: '' };
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const bound = Math.max(Math.abs(axis.max ?? 0), Math.abs(axis.min ?? 0));
  return { axis, ...axisScale(axis, Math.max(largest, bound)) };
}

export function fontSize(frame: Frame): number {
  return frame.fixed ? 13 : frame.width < 480 ? 10.5 : 12;
}

export function frameOptions(
  frame: Frame,
  legend: 'none' | 'points' | 'lines',
  title?: string,
): Options {
  const { theme } = frame;
  return {
    animation: false,
    responsive: !frame.fixed,
    maintainAspectRatio: false,
    ...(frame.pixelRatio === null ? {} : { devicePixelRatio: frame.pixelRatio }),
    color: theme.text,
    font: { family: theme.font, size: fontSize(frame) },
    interaction: { mode: 'nearest', intersect: false, axis: 'xy' },
    layout: { padding: frame.fixed ? { top: 14, right: 22, bottom: 12, left: 12 } : { right: 10 } },
    plugins: {
      title: titleOptions(frame),
      // Chart.js has no space below a legend; an empty subtitle inside of it makes some.
      subtitle: { display: legend !== 'none', text: '', weight: 1, font: { size: 1 }, padding: 3 },
      legend: legendOptions(frame, legend, title),
    },
  };
}

function titleOptions(frame: Frame): Options {
  return {
    display: frame.title !== null,
    text: frame.title ?? '',
    align: 'start',
    color: frame.theme.text,
    padding: { top: 0, bottom: 10 },
    font: { size: 16, weight: 'bold', family: frame.theme.font },
  };
}

/** As Chart.js would, but in the order of the data and with the dashes of the lines. */
function legendItems(
  chart: ChartView,
  frame: Frame,
  legend: 'none' | 'points' | 'lines',
): Options[] {
  return chart.data.datasets.map((dataset, index) => ({
    text: dataset['label'],
    datasetIndex: index,
    hidden: !chart.isDatasetVisible(index),
    fontColor: frame.theme.text,
    fillStyle: dataset['backgroundColor'],
    strokeStyle: dataset['borderColor'],
    lineWidth: legend === 'lines' ? 2 : 1.5,
    lineDash: legend === 'lines' ? dataset['borderDash'] : [],
    pointStyle: dataset['pointStyle'],
  }));
}

function legendFont(frame: Frame): Options {
  const font = { family: frame.theme.font, size: fontSize(frame), weight: '600' };
  return { color: frame.theme.text, font, padding: { top: 0, bottom: 2 } };
}

function legendOptions(
  frame: Frame,
  legend: 'none' | 'points' | 'lines',
  title: string | undefined,
): Options {
  return {
    display: legend !== 'none',
    position: 'top',
    align: 'start',
    title: {
      display: title !== undefined,
      text: title ?? '',
      position: 'start',
      ...legendFont(frame),
    },
    labels: {
      generateLabels: (chart: ChartView): Options[] => legendItems(chart, frame, legend),
      color: frame.theme.text,
      usePointStyle: true,
      ...(legend === 'lines' ? { pointStyleWidth: 30 } : {}),
      boxHeight: frame.fixed ? 8 : 7,
      padding: frame.width < 480 ? 8 : 14,
      font: { family: frame.theme.font, size: fontSize(frame) },
    },
  };
}

/** A Chart.js scale for the axis. `position` is that of the axis line. */
export function axisOptions(
  scaled: ScaledAxis,
  frame: Frame,
  position: 'bottom' | 'left',
): Options {
  const { axis } = scaled;
  const base = {
    position,
    title: {
      display: axis.title !== '',
      text: wrap(axisTitle(axis, scaled.suffix), frame, position),
      color: frame.theme.text,
      font: { family: frame.theme.font, size: fontSize(frame), weight: '600' },
    },
    border: { color: frame.theme.axis },
    grid: { color: frame.theme.grid, drawTicks: true, tickColor: frame.theme.axis, tickLength: 5 },
  };
  if (axis.scale === 'category') return { ...base, ...categoryOptions(axis, frame) };
  return {
    ...base,
    ...(axis.scale === 'log' ? logOptions(axis, frame) : linearOptions(scaled, frame)),
  };
}

/** Long titles of the vertical axis break in two, or they would run past a short plot. */
function wrap(title: string, frame: Frame, position: 'bottom' | 'left'): string | string[] {
  const room = position === 'left' ? 38 : Math.max(30, Math.floor(frame.width / 9));
  if (title.length <= room) return title;
  const middle = title.lastIndexOf(' ', Math.ceil(title.length / 2) + 4);
  return middle <= 0 ? title : [title.slice(0, middle), title.slice(middle + 1)];
}

function tickStyle(frame: Frame): Options {
  return {
    color: frame.theme.muted,
    font: { family: frame.theme.font, size: fontSize(frame) - 0.5 },
    padding: 4,
  };
}

function categoryOptions(axis: Axis, frame: Frame): Options {
  return {
    type: 'category',
    labels: axis.categories ?? [],
    offset: true,
    grid: { display: false },
    ticks: { ...tickStyle(frame), autoSkip: false, maxRotation: 40 },
  };
}

function logOptions(axis: Axis, frame: Frame): Options {
  return {
    type: 'logarithmic',
    ...(axis.min === undefined ? {} : { min: axis.min }),
    ...(axis.max === undefined ? {} : { max: axis.max }),
    afterBuildTicks: (scale: ScaleView): void => {
      const values =
        axis.ticks === undefined
          ? logTicks(scale.min, scale.max, axis.unit)
          : spreadTicks(axis.ticks, axis);
      scale.ticks = values.map((value) => ({ value }));
    },
    ticks: {
      ...tickStyle(frame),
      maxRotation: 0,
      autoSkip: axis.ticks === undefined,
      autoSkipPadding: 8,
      callback: (value: number): string => logTickLabel(value, axis.unit),
    },
  };
}

function linearOptions(scaled: ScaledAxis, frame: Frame): Options {
  const { axis, factor } = scaled;
  const bounds: Options = {};
  if (axis.min !== undefined) bounds['min'] = axis.min / factor;
  if (axis.max !== undefined) bounds['max'] = axis.max / factor;
  return {
    type: 'linear',
    ...bounds,
    beginAtZero: axis.fromZero ?? true,
    afterBuildTicks: (scale: ScaleView): void => {
      const values =
        axis.ticks === undefined
          ? evenTicks(scale, scaled.suffix)
          : spreadTicks(axis.ticks, axis).map((value) => value / factor);
      scale.ticks = values.map((value) => ({ value }));
    },
    ticks: {
      ...tickStyle(frame),
      maxRotation: 0,
      autoSkipPadding: 8,
      callback: (value: number): string => linearLabel(value),
    },
  };
}

function evenTicks(scale: ScaleView, suffix: string): number[] {
  const step = linearStep(scale.max - scale.min, suffix);
  const ticks: number[] = [];
  for (let index = Math.ceil(scale.min / step - 1e-9); index * step <= scale.max * (1 + 1e-9);) {
    ticks.push(Number((index * step).toPrecision(12)));
    index += 1;
  }
  return ticks;
}

function linearLabel(value: number): string {
  return formatValue(value, '', 4);
}

/** Bounds as dashed lines with a label, through the annotation plug-in. */
export function markOptions(
  marks: readonly Mark[],
  x: ScaledAxis,
  y: ScaledAxis,
  frame: Frame,
): Options {
  const annotations: Options = {};
  marks.forEach((mark, index) => {
    const value = mark.value / (mark.axis === 'x' ? x.factor : y.factor);
    annotations[`mark${index}`] = markLine(mark, value, frame);
  });
  return { annotations };
}

function markLine(mark: Mark, value: number, frame: Frame): Options {
  const colour = mark.tone === 'limit' ? frame.theme.limit : frame.theme.muted;
  return {
    type: 'line',
    scaleID: mark.axis,
    value,
    borderColor: colour,
    borderWidth: mark.tone === 'limit' ? 1.5 : 1,
    borderDash: mark.tone === 'limit' ? [6, 4] : [2, 3],
    drawTime: 'beforeDatasetsDraw',
    label: {
      display: mark.label !== '',
      content: mark.label,
      position: mark.place ?? 'start',
      backgroundColor: frame.theme.background,
      color: colour,
      padding: { x: 4, y: 1 },
      yAdjust: mark.axis === 'y' ? -11 : 0,
      font: { family: frame.theme.font, size: fontSize(frame) - 1.5, weight: 'normal' },
    },
  };
}
