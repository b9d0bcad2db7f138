/** `heatmap`: how often each value occurred at each time, summed over replications. */
import type { HeatData } from '../../src/results/types.ts';
import type { ChartRequest } from '../../src/workload/types.ts';
import { fixed, formatRange, formatValue } from '../../src/results/format.ts';
import { metricLabel } from '../input/labels.ts';
import type { CellData, RunData } from '../input/run.ts';
import { cellNamer, matches } from '../input/select.ts';
import type { Axis, DataTable, GridCell } from '../plot/spec.ts';
import type { FigureBody } from './kind.ts';
import { joinSentences } from './kind.ts';

const maxColumns = 120;
const maxRows = 48;

export function heatmapFigure(run: RunData, request: ChartRequest): FigureBody | null {
  const cells = run.cells.filter(
    (cell) => matches(cell, request.where) && heatsOf(cell, request.metric).length > 0,
  );
  const cell = cells[0];
  if (cell === undefined) return null;
  const heat = shrink(crop(sum(heatsOf(cell, request.metric))));
  const grid = toCells(heat);
  if (grid.length === 0) return null;
  const note = cells.length > 1 ? `Shown for ${cellNamer(run.cells)(cell)}.` : '';
  const counts = grid.map((one) => one.value);
  return {
    title: request.title,
    caption: joinSentences(request.caption, note),
    aspect: 0.5,
    plot: {
      type: 'grid',
      x: timeAxis(heat),
      y: valueAxis(heat, request.metric),
      cells: grid,
      colour: {
        title: 'Observations per cell',
        unit: '',
        scale: 'log',
        min: Math.min(...counts),
        max: Math.max(...counts),
      },
    },
    table: rowTable(heat),
  };
}

function heatsOf(cell: CellData, name: string): HeatData[] {
  return cell.records.flatMap((record) => record.result.heat[name] ?? []);
}

function sum(all: readonly HeatData[]): HeatData {
  const [first, ...rest] = all;
  if (first === undefined) throw new Error('sum of no heat data');
  const counts = first.counts.map((column, time) =>
    column.map((count, row) =>
      rest.reduce((total, one) => total + (one.counts[time]?.[row] ?? 0), count),
    ),
  );
  return { ...first, counts };
}

/** Leaves out rows below the lowest and above the highest observation. */
function crop(heat: HeatData): HeatData {
  const rows = heat.edges.length - 1;
  const used = Array.from({ length: rows }, (_, row) =>
    heat.counts.some((column) => (column[row] ?? 0) > 0),
  );
  const first = Math.max(0, used.indexOf(true));
  const last = Math.max(first, used.lastIndexOf(true));
  return {
    ...heat,
    edges: heat.edges.slice(first, last + 2),
    counts: heat.counts.map((column) => column.slice(first, last + 1)),
  };
}

/** Joins neighbours until the picture has cells that can be seen. */
function shrink(heat: HeatData): HeatData {
  const columns = Math.max(1, Math.ceil(heat.counts.length / maxColumns));
  const rows = Math.max(1, Math.ceil((heat.edges.length - 1) / maxRows));
  const joined = chunks(heat.counts, columns).map((part) =>
    chunks([...(part[0] ?? []).keys()], rows).map((indices) =>
      part.reduce(
        (total, column) => total + indices.reduce((sum, row) => sum + (column[row] ?? 0), 0),
        0,
      ),
    ),
  );
  const edges = heat.edges.filter((_, index) => index % rows === 0);
  const last = heat.edges.at(-1) ?? 0;
  if (edges.at(-1) !== last) edges.push(last);
  return { ...heat, binMs: heat.binMs * columns, edges, counts: joined };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

function toCells(heat: HeatData): GridCell[] {
  const lowest = lowestEdge(heat);
  return heat.counts.flatMap((column, time) =>
    column.flatMap((value, row): GridCell[] => {
      if (value <= 0) return [];
      const from = heat.startMs + time * heat.binMs;
      const low = Math.max(lowest, heat.edges[row] ?? 0);
      const high = heat.edges[row + 1] ?? low;
      return [{ x: [from, from + heat.binMs], y: [low, high], value, text: '' }];
    }),
  );
}

/** A log axis cannot show an edge at zero: its bucket starts at half its upper edge. */
function lowestEdge(heat: HeatData): number {
  const first = heat.edges[0] ?? 0;
  return first > 0 ? first : (heat.edges[1] ?? 2) / 2;
}

function timeAxis(heat: HeatData): Axis {
  return {
    title: 'Simulated time',
    unit: 'ms',
    scale: 'linear',
    min: heat.startMs,
    max: heat.startMs + heat.counts.length * heat.binMs,
  };
}

function valueAxis(heat: HeatData, name: string): Axis {
  const max = heat.edges.at(-1) ?? 1;
  const min = lowestEdge(heat);
  const title = metricLabel(name);
  return { title, unit: heat.unit, scale: max / min > 20 ? 'log' : 'linear', min, max };
}

/** The median and the spread per time, as the full grid would be thousands of numbers. */
function rowTable(heat: HeatData): DataTable {
  const every = Math.max(1, Math.ceil(heat.counts.length / 48));
  const rows = heat.counts.flatMap((column, time) => {
    const total = column.reduce((sum, count) => sum + count, 0);
    if (time % every !== 0 || total === 0) return [];
    const at = (share: number): string => {
      const [low, high] = bucketAt(heat, column, share * total);
      return formatRange([low, high], heat.unit);
    };
    const start = formatValue(heat.startMs + time * heat.binMs, 'ms');
    return [[start, fixed(total, 0), at(0.5), at(0.99)]];
  });
  return { columns: ['From', 'Observations', 'Bucket of the median', 'Bucket of p99'], rows };
}

function bucketAt(heat: HeatData, column: readonly number[], rank: number): [number, number] {
  let before = 0;
  const row = column.findIndex((count) => {
    before += count;
    return before >= rank;
  });
  return [heat.edges[row] ?? 0, heat.edges[row + 1] ?? 0];
}
