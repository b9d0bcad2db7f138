/** measurements.csv after RFC 4180: for spreadsheets, R and pandas. */
import type { ParameterValue } from '../workload/types.ts';
import type { Outcome } from './run-folder.ts';

interface Cell {
  readonly id: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/**
 * One line per cell, replication and metric: `cell,replication,metric,value,unit`, then one column
 * per swept parameter (empty where a cell does not have it). Lines end with CRLF, numbers have all
 * their digits and a dot.
 *
 * @param outcomes in the order of the lines.
 */
export function measurementsCsv(
  cells: readonly Cell[],
  outcomes: readonly Outcome[],
  unitOf: (metric: string) => string,
): string {
  const columns = [...new Set(cells.flatMap((cell) => Object.keys(cell.parameters)))];
  const byId = new Map(cells.map((cell) => [cell.id, cell.parameters]));
  const lines = [['cell', 'replication', 'metric', 'value', 'unit', ...columns]];
  for (const { cell, replication, result } of outcomes) {
    const parameters = columns.map((column) => String(byId.get(cell)?.[column] ?? ''));
    for (const metric of Object.keys(result.metrics).sort()) {
      const value = String(result.metrics[metric]);
      lines.push([cell, String(replication), metric, value, unitOf(metric), ...parameters]);
    }
  }
  return lines.map((line) => `${line.map(quote).join(',')}\r\n`).join('');
}

/** A field in quotes where it must be: with a comma, a quote or a line break in it. */
function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
