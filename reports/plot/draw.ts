/** Small Chart.js plug-ins: interval whiskers and bands, cell texts, a colour bar, background. */
import type { ChartView, Dataset, Plugin } from './chart-types.ts';
import { withAlpha } from './theme.ts';

/** Interval in display units, by point; read from the data set's field `intervals`. */
type Interval = readonly [number, number] | null;

function intervalsOf(dataset: Dataset): readonly Interval[] | null {
  return Array.isArray(dataset['intervals']) ? (dataset['intervals'] as Interval[]) : null;
}

/** Whiskers with caps at every point (`look` marker, dots and bars). */
export const whiskers: Plugin = {
  id: 'whiskers',
  afterDatasetsDraw(chart) {
    eachInterval(chart, (dataset, intervals, meta) => {
      if (dataset['intervalLook'] !== 'whisker') return;
      chart.ctx.strokeStyle = dataset['intervalColour'] ?? dataset['borderColor'];
      chart.ctx.lineWidth = 1.25;
      intervals.forEach((interval, index) => {
        const point = meta[index];
        if (interval === null || point === undefined) return;
        if (dataset['intervalAxis'] === 'x') drawWhiskerX(chart, point.y, interval);
        else drawWhiskerY(chart, point.x, interval);
      });
    });
  },
};

/** A translucent band behind the line (`look` plain and step). */
export const bands: Plugin = {
  id: 'bands',
  beforeDatasetsDraw(chart) {
    eachInterval(chart, (dataset, intervals, meta) => {
      if (dataset['intervalLook'] !== 'band') return;
      chart.ctx.fillStyle = withAlpha(String(dataset['borderColor']), 0.18);
      drawBand(chart, intervals, meta);
    });
  },
};

function eachInterval(
  chart: ChartView,
  draw: (
    dataset: Dataset,
    intervals: readonly Interval[],
    meta: readonly { x: number; y: number }[],
  ) => void,
): void {
  const { left, right, top, bottom } = chart.chartArea;
  chart.ctx.save();
  chart.ctx.beginPath();
  chart.ctx.rect(left, top - 1, right - left, bottom - top + 2);
  chart.ctx.clip();
  chart.data.datasets.forEach((dataset, index) => {
    const intervals = intervalsOf(dataset);
    if (intervals === null || !chart.isDatasetVisible(index)) return;
    draw(dataset, intervals, chart.getDatasetMeta(index).data);
  });
  chart.ctx.restore();
}

const cap = 3.5;

function drawWhiskerY(chart: ChartView, x: number, interval: readonly [number, number]): void {
  const scale = chart.scales['y'];
  if (scale === undefined) return;
  const low = scale.getPixelForValue(Math.max(interval[0], scale.min));
  const high = scale.getPixelForValue(Math.min(interval[1], scale.max));
  if (Math.abs(high - low) < 1.5) return;
  lines(chart, [
    [x, low, x, high],
    [x - cap, low, x + cap, low],
    [x - cap, high, x + cap, high],
  ]);
}

function drawWhiskerX(chart: ChartView, y: number, interval: readonly [number, number]): void {
  const scale = chart.scales['x'];
  if (scale === undefined) return;
  const low = scale.getPixelForValue(Math.max(interval[0], scale.min));
  const high = scale.getPixelForValue(Math.min(interval[1], scale.max));
  lines(chart, [
    [low, y, high, y],
    [low, y - cap, low, y + cap],
    [high, y - cap, high, y + cap],
  ]);
}

function lines(
  chart: ChartView,
  segments: readonly (readonly [number, number, number, number])[],
): void {
  chart.ctx.beginPath();
  for (const [fromX, fromY, toX, toY] of segments) {
    chart.ctx.moveTo(fromX, fromY);
    chart.ctx.lineTo(toX, toY);
  }
  chart.ctx.stroke();
}

/** Each unbroken stretch of intervals becomes one polygon. */
function drawBand(
  chart: ChartView,
  intervals: readonly Interval[],
  meta: readonly { x: number; y: number }[],
): void {
  const scale = chart.scales['y'];
  if (scale === undefined) return;
  let stretch: { x: number; low: number; high: number }[] = [];
  const flush = (): void => {
    if (stretch.length > 1) fillStretch(chart, stretch);
    stretch = [];
  };
  intervals.forEach((interval, index) => {
    const point = meta[index];
    if (interval === null || point === undefined) return flush();
    const low = scale.getPixelForValue(Math.max(interval[0], scale.min));
    const high = scale.getPixelForValue(Math.min(interval[1], scale.max));
    stretch.push({ x: point.x, low, high });
  });
  flush();
}

function fillStretch(
  chart: ChartView,
  stretch: readonly { x: number; low: number; high: number }[],
): void {
  chart.ctx.beginPath();
  stretch.forEach(({ x, high }, index) => {
    if (index === 0) chart.ctx.moveTo(x, high);
    else chart.ctx.lineTo(x, high);
  });
  for (const { x, low } of stretch.toReversed()) chart.ctx.lineTo(x, low);
  chart.ctx.closePath();
  chart.ctx.fill();
}

/** White paper for PNGs and print; the page leaves the canvas clear. */
export function paper(colour: string): Plugin {
  return {
    id: 'paper',
    beforeDraw(chart) {
      chart.ctx.save();
      chart.ctx.fillStyle = colour;
      chart.ctx.fillRect(0, 0, chart.width, chart.height);
      chart.ctx.restore();
    },
  };
}
