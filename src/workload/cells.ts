/** The cells of a workload: one setting of the swept parameters each. */
import { sweepable } from './paths.ts';
import type { Groups, ParameterValue, Workload } from './types.ts';

export type Parameters = Readonly<Record<string, ParameterValue>>;

export interface Cell {
  /** Readable start and a hash of the parameters: safe as a file name on every system. */
  readonly id: string;
  /** The swept paths with the file's spelling; empty for a workload without `vary`. */
  readonly parameters: Parameters;
  /** The workload with the parameters applied. */
  readonly workload: Workload;
}

/**
 * Union of the grids of `vary`, in the order of the file (the last path of a grid varies fastest)
 * and without duplicates.
 */
export function cells(workload: Workload): Cell[] {
  return parameterSets(workload).map((parameters) => ({
    id: cellId(parameters),
    parameters,
    workload: applyParameters(workload, parameters),
  }));
}

/** Number of combinations with duplicates, without making them. */
export function countCells({ vary }: Pick<Workload, 'vary'>): number {
  if (vary.length === 0) return 1;
  return vary.reduce(
    (sum, sweep) => sum + Object.values(sweep).reduce((product, list) => product * list.length, 1),
    0,
  );
}

/** Parameters of all cells. */
export function parameterSets({ vary }: Pick<Workload, 'vary'>): Parameters[] {
  const sets = vary.length === 0 ? [{}] : vary.flatMap((sweep) => product(Object.entries(sweep)));
  const unique = new Map(sets.map((parameters) => [identity(parameters), parameters]));
  return [...unique.values()];
}

/** Whether a cell is among those that `where` speaks of. */
export function matches(parameters: Parameters, where: Parameters): boolean {
  return Object.entries(where).every(([path, value]) => parameters[path] === value);
}

/** The value that `spelling` stands for in the field at `path`, in base units; undefined if wrong. */
export function parseParameter(path: string, spelling: unknown): unknown {
  const parsed = sweepable.get(path)?.schema.safeParse(spelling);
  return parsed?.success === true ? parsed.data : undefined;
}

/** A copy of the workload with values put at the swept paths. */
export function applyParameters(workload: Workload, parameters: Parameters): Workload {
  const applied = Object.entries(parameters).reduce(
    (result, [path, spelling]) =>
      withValue(result, path.split('.'), parseParameter(path, spelling)) as Workload,
    workload,
  );
  return { ...applied, groups: oneNumber(applied.groups, parameters) };
}

/** To sweep one of the two ways to give the number of groups takes the other one out. */
function oneNumber(groups: Groups, parameters: Parameters): Groups {
  const { perClient, count, ...rest } = groups;
  const counted = Object.hasOwn(parameters, 'groups.count');
  if (counted === Object.hasOwn(parameters, 'groups.perClient')) return groups;
  if (counted) return count === undefined ? rest : { ...rest, count };
  return perClient === undefined ? rest : { ...rest, perClient };
}

function withValue(target: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const object = target as Readonly<Record<string, unknown>>;
  return { ...object, [key]: withValue(object[key], rest, value) };
}

function product(entries: readonly (readonly [string, readonly ParameterValue[]])[]): Parameters[] {
  return entries.reduce<Parameters[]>(
    (sets, [path, values]) =>
      sets.flatMap((set) => values.map((value) => ({ ...set, [path]: value }))),
    [{}],
  );
}

/** Order of paths does not tell cells apart. */
function identity(parameters: Parameters): string {
  const entries = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(entries);
}

function cellId(parameters: Parameters): string {
  const readable = Object.entries(parameters)
    .map(([path, value]) => `${path.split('.').at(-1) ?? ''}-${String(value)}`)
    .join('_')
    .toLowerCase()
    .replaceAll(/[^\da-z_-]+/g, '-')
    .replaceAll(/-+(?=_|$)/g, '')
    .slice(0, 60);
  return `${readable === '' ? 'base' : readable}.${fnv1a(identity(parameters))}`;
}

/** FNV-1a with 64 bits, hexadecimal: enough to tell the cells of a workload apart. */
function fnv1a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
