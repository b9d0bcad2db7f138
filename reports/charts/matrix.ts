/** `matrix`: a metric over two swept parameters. */
import type { ChartRequest } from '../../src/workload/types.ts';
import { capitalise, formatInterval, formatMeasured } from '../../src/results/format.ts';
import { metricLabel, parameterLabel, shortTexts } from '../input/labels.ts';
import type { CellData, RunData } from '../input/run.ts';
import { selectCells, valuesOf } from '../input/select.ts';
import type { Axis, DataTable, GridCell } from '../plot/spec.ts';
import type { FigureBody } from './kind.ts';
import { joinSentences, unitOf } from './kind.ts';

export function matrixFigure(run: RunData, request: ChartRequest): FigureBody | null {
  const { x: across, series: down, metric } = request;
  if (across === undefined || down === undefined) return null;
  const measured = run.cells.filter((cell) => cell.metrics[metric] !== undefined);
  const { chosen, note } = onePerPlace(measured, across, down, request);
  if (chosen.length === 0) return null;
  const columns = side(chosen, across);
  const rows = side(chosen, down);
  const unit = unitOf(run, metric);
  const cells = chosen.map((cell): GridCell => {
    const value = cell.metrics[metric]?.value ?? 0;
    const x = columns.order.indexOf(String(cell.parameters[across]));
    const y = rows.order.indexOf(String(cell.parameters[down]));
    return { x: [x, x], y: [y, y], value, text: formatMeasured(value, unit) };
  });
  const values = cells.map((cell) => cell.value);
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return {
    title: request.title,
    caption: joinSentences(request.caption, note, 'Means over replications.'),
    aspect: Math.min(0.75, Math.max(0.28, 0.14 + rows.order.length * 0.065)),
    plot: {
      type: 'grid',
      x: columns.axis,
      y: rows.axis,
      cells,
      colour: {
        title: metricLabel(metric),
        unit,
        scale: min > 0 && max / min > 30 ? 'log' : 'linear',
        min,
        max,
      },
    },
    table: gridTable(chosen, columns, rows, { across, down, metric }),
  };
}

/** Parameters that are on neither axis are fixed at their first value. */
function onePerPlace(
  cells: readonly CellData[],
  across: string,
  down: string,
  request: ChartRequest,
): { chosen: readonly CellData[]; note: string } {
  const candidates = selectCells(cells, request);
  const seen = new Set<string>();
  const chosen = candidates.filter((cell) => {
    const place = `${String(cell.parameters[across])} ${String(cell.parameters[down])}`;
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
  const note =
    chosen.length < candidates.length ? 'Other parameters are at their first value.' : '';
  return { chosen, note };
}

interface Side {
  readonly axis: Axis;
  readonly order: readonly string[];
}

function side(cells: readonly CellData[], path: string): Side {
  const values = valuesOf(cells, path);
  const texts = shortTexts(values);
  const categories = values.map((value) => texts.get(value) ?? String(value));
  const title = capitalise(parameterLabel(path));
  return { axis: { title, unit: '', scale: 'category', categories }, order: values.map(String) };
}

function gridTable(
  cells: readonly CellData[],
  columns: Side,
  rows: Side,
  names: { readonly across: string; readonly down: string; readonly metric: string },
): DataTable {
  const at = (x: string, y: string): string => {
    const cell = cells.find(
      (one) =>
        String(one.parameters[names.across]) === x && String(one.parameters[names.down]) === y,
    );
    const value = cell?.metrics[names.metric];
    return formatInterval(value?.value, value?.ci95, value?.unit ?? '');
  };
  return {
    columns: [rows.axis.title, ...(columns.axis.categories ?? [])],
    rows: rows.order.map((y, index) => [
      rows.axis.categories?.[index] ?? y,
      ...columns.order.map((x) => at(x, y)),
    ]),
  };
}
