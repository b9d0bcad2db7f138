/** Which cells a figure shows, and which of them form a line. */
import { capitalise } from '../../src/results/format.ts';
import type { ParameterValue } from '../../src/workload/types.ts';
import { parameterLabel, parameterNumber, parameterText, shortTexts } from './labels.ts';
import type { CellData, Parameters } from './run.ts';

/** More than this many lines are a thicket. */
export const maxLines = 10;

export function matches(cell: { readonly parameters: Parameters }, where: Parameters): boolean {
  return Object.entries(where).every(
    ([path, value]) =>
      cell.parameters[path] === undefined || String(cell.parameters[path]) === String(value),
  );
}

/** Paths that take more than one value among the cells, in the order of the file. */
export function varyingPaths(cells: readonly { readonly parameters: Parameters }[]): string[] {
  const paths = new Set(cells.flatMap((cell) => Object.keys(cell.parameters)));
  return [...paths].filter(
    (path) => new Set(cells.map((cell) => String(cell.parameters[path]))).size > 1,
  );
}

/** Distinct values of a path: numbers ascending, words in the order of the file. */
export function valuesOf(
  cells: readonly { readonly parameters: Parameters }[],
  path: string,
): ParameterValue[] {
  const seen = new Map<string, ParameterValue>();
  for (const cell of cells) {
    const value = cell.parameters[path];
    if (value !== undefined) seen.set(String(value), value);
  }
  const values = [...seen.values()];
  if (!values.every((value) => parameterNumber(value) !== null)) return values;
  return values.toSorted(
    (a, b) => (parameterNumber(a)?.value ?? 0) - (parameterNumber(b)?.value ?? 0),
  );
}

export interface Line {
  readonly label: string;
  readonly style: number;
  readonly cells: readonly CellData[];
}

export interface Lines {
  readonly lines: readonly Line[];
  /** Said in the caption when some parameters had to be fixed; '' otherwise. */
  readonly note: string;
  /** The one parameter that the lines differ in, when it is one. */
  readonly legend?: string;
}

export interface LineRequest {
  readonly x?: string | undefined;
  readonly series?: string | undefined;
  readonly where: Parameters;
}

/**
 * Splits cells into lines: one per value of `series` and of whatever else varies besides `x`. When
 * these are more than a reader can tell apart, the other parameters are fixed at their first value.
 */
export function linesOf(cells: readonly CellData[], request: LineRequest): Lines {
  let chosen = selectCells(cells, request);
  const notes: string[] = [];
  const others = (): string[] =>
    varyingPaths(chosen).filter((path) => path !== request.x && path !== request.series);
  for (const path of others().toReversed()) {
    if (countLines(chosen, request.x) <= maxLines) break;
    const first = chosen.find((cell) => cell.parameters[path] !== undefined)?.parameters[path];
    if (first === undefined) continue;
    chosen = chosen.filter((cell) => String(cell.parameters[path]) === String(first));
    notes.push(`${parameterLabel(path)} ${parameterText(first)}`);
  }
  const lines = thin(groups(chosen, request), notes);
  const differing = varyingPaths(lines.flatMap((line) => line.cells)).filter(
    (path) => path !== request.x,
  );
  const [only] = differing;
  return {
    lines,
    note: notes.length === 0 ? '' : `Shown for ${notes.join(', ')}.`,
    ...(differing.length === 1 && only !== undefined
      ? { legend: capitalise(parameterLabel(only)) }
      : {}),
  };
}

/** Cells that match and have a value for the parameters of both axes. */
export function selectCells(cells: readonly CellData[], request: LineRequest): CellData[] {
  return cells.filter(
    (cell) => matches(cell, request.where) && has(cell, request.x) && has(cell, request.series),
  );
}

function has(cell: CellData, path: string | undefined): boolean {
  return path === undefined || cell.parameters[path] !== undefined;
}

function countLines(cells: readonly CellData[], x: string | undefined): number {
  return new Set(cells.map((cell) => lineKey(cell, x))).size;
}

function lineKey(cell: CellData, x: string | undefined): string {
  const rest = Object.entries(cell.parameters).filter(([path]) => path !== x);
  return JSON.stringify(rest.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function groups(cells: readonly CellData[], request: LineRequest): Line[] {
  const paths = varyingPaths(cells).filter((path) => path !== request.x);
  const leading = request.series === undefined ? [] : [request.series];
  const order = [...leading, ...paths.filter((path) => path !== request.series)];
  const byKey = Map.groupBy(cells, (cell) => lineKey(cell, request.x));
  const name = cellNamer(cells, order);
  const sorted = [...byKey.values()].toSorted((a, b) => compare(a[0], b[0], order, cells));
  return sorted.map((group, style) => ({
    label: group[0] === undefined ? '' : name(group[0]),
    style,
    cells: group,
  }));
}

/** Order of lines: that of their parameters' values. */
function compare(
  a: CellData | undefined,
  b: CellData | undefined,
  paths: readonly string[],
  cells: readonly CellData[],
): number {
  for (const path of paths) {
    const values = valuesOf(cells, path).map(String);
    const difference =
      values.indexOf(String(a?.parameters[path])) - values.indexOf(String(b?.parameters[path]));
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Names cells by the given parameters: one alone by its value, several by name and value. */
export function cellNamer(
  cells: readonly { readonly parameters: Parameters }[],
  paths: readonly string[] = varyingPaths(cells),
): (cell: { readonly parameters: Parameters }) => string {
  const texts = new Map(paths.map((path) => [path, shortTexts(valuesOf(cells, path))]));
  return (cell) => {
    const parts: string[] = [];
    for (const path of paths) {
      const value = cell.parameters[path];
      if (value === undefined) continue;
      const text = texts.get(path)?.get(value) ?? parameterText(value);
      const bare = parameterNumber(value) === null && typeof value === 'string';
      parts.push(bare ? text : `${parameterLabel(path)} ${text}`);
    }
    return parts.join(', ') || 'all';
  };
}

/** Keeps first, last and evenly spread ones in between. */
function thin(lines: readonly Line[], notes: string[]): Line[] {
  if (lines.length <= maxLines) return [...lines];
  notes.push(`${maxLines} of ${lines.length} settings`);
  const picked = Array.from(
    { length: maxLines },
    (_, index) => lines[Math.round((index * (lines.length - 1)) / (maxLines - 1))],
  );
  return picked
    .filter((line) => line !== undefined)
    .map((line, style) => Object.assign({}, line, { style }));
}
