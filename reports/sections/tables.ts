/** Tables of metrics that several sections use. */
import type { MetricValue } from '../../src/results/types.ts';
import type { Block, TableBlock, Text } from '../document/types.ts';
import { capitalise, formatInterval } from '../../src/results/format.ts';
import { metricLabel, parameterLabel, parameterText } from '../input/labels.ts';
import type { CellData } from '../input/run.ts';
import { cellNamer, valuesOf, varyingPaths } from '../input/select.ts';

/** More rows than this are folded away. */
export const openRows = 24;

export function metricText(value: MetricValue | undefined): string {
  return value === undefined ? '–' : formatInterval(value.value, value.ci95, value.unit);
}

/** Cells sorted by their parameters, the first parameter slowest. */
export function sortCells(cells: readonly CellData[]): CellData[] {
  const paths = varyingPaths(cells);
  const orders = new Map(paths.map((path) => [path, valuesOf(cells, path).map(String)]));
  const place = (cell: CellData, path: string): number =>
    orders.get(path)?.indexOf(String(cell.parameters[path])) ?? 0;
  return cells.toSorted((a, b) => {
    const path = paths.find((one) => place(a, one) !== place(b, one));
    return path === undefined ? 0 : place(a, path) - place(b, path);
  });
}

/** One row per cell: its parameters, then its metrics. */
export function cellTable(
  cells: readonly CellData[],
  names: readonly string[],
  caption: string,
): TableBlock {
  const paths = varyingPaths(cells);
  return {
    kind: 'table',
    caption,
    columns: [
      ...parameterColumns(paths),
      ...names.map((name) => ({ title: metricLabel(name), align: 'right' as const })),
    ],
    rows: sortCells(cells).map((cell) => [
      ...parameterCells(cell, paths),
      ...names.map((name) => metricText(cell.metrics[name])),
    ]),
  };
}

export function parameterColumns(paths: readonly string[]): { readonly title: string }[] {
  if (paths.length === 0) return [{ title: 'Setting' }];
  return paths.map((path) => ({ title: capitalise(parameterLabel(path)) }));
}

export function parameterCells(cell: CellData, paths: readonly string[]): string[] {
  if (paths.length === 0) return ['all'];
  return paths.map((path) => {
    const value = cell.parameters[path];
    return value === undefined ? '–' : parameterText(value);
  });
}

/** One row per metric, one column per cell: for few cells. */
export function metricTable(
  cells: readonly CellData[],
  names: readonly string[],
  caption: string,
): TableBlock {
  const name = cellNamer(cells);
  const sorted = sortCells(cells);
  return {
    kind: 'table',
    caption,
    columns: [
      { title: 'Metric' },
      ...sorted.map((cell) => ({ title: capitalise(name(cell)), align: 'right' as const })),
    ],
    rows: names.map((metric): Text[] => [
      metricLabel(metric),
      ...sorted.map((cell) => metricText(cell.metrics[metric])),
    ]),
  };
}

/** Few rows stay open, many are folded. */
export function foldLong(table: TableBlock, summary: string): Block {
  if (table.rows.length <= openRows) return table;
  return { kind: 'details', summary: `${summary} (${table.rows.length} rows)`, blocks: [table] };
}

/** Metrics that at least one cell has, in the order of the results. */
export function metricNames(cells: readonly CellData[]): string[] {
  return [...new Set(cells.flatMap((cell) => Object.keys(cell.metrics)))];
}
