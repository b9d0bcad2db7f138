/** `--set path=value`, `--seed` and `--replications`: changes to the document before it is checked. */
import type { Problem } from '../errors.ts';
import { isPlainObject, readYamlValue } from './document.ts';
import { fields, keysAt } from './paths.ts';
import { nearest } from './suggest.ts';
import { shown } from './value-error.ts';

export interface Overrides {
  /** `path=value` as given to `--set`; the value is YAML, an empty one takes the field back out. */
  readonly overrides?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly replications?: number | undefined;
}

export interface Overridden {
  readonly document: Record<string, unknown>;
  readonly problems: readonly Problem[];
  /** The flag that set a path, for the place of later problems. */
  readonly origins: ReadonlyMap<string, string>;
  /** Whether `vary` is no longer what the file's expectations and charts were written for. */
  readonly cellsChanged: boolean;
}

/** Items of lists are replaced with their list only. */
const settable = [...fields.keys()].filter((path) => !path.includes('[]'));

interface Assignment {
  readonly label: string;
  readonly path: string;
  readonly value: unknown;
}

/** Applies the flags in order to a copy of the document. */
export function override(original: Record<string, unknown>, flags: Overrides): Overridden {
  const document = structuredClone(original);
  const problems: Problem[] = [];
  const origins = new Map<string, string>();
  let cellsChanged = false;
  for (const { label, path, value } of assignments(flags, problems)) {
    assign(document, path.split('.'), value);
    for (const set of origins.keys()) if (set.startsWith(`${path}.`)) origins.delete(set);
    origins.set(path, label);
    cellsChanged = pin(document, path, value) || path === 'vary' || cellsChanged;
  }
  return { document, problems, origins, cellsChanged };
}

function* assignments(flags: Overrides, problems: Problem[]): Generator<Assignment> {
  for (const text of flags.overrides ?? []) {
    const label = `--set ${text.length > 80 ? `${text.slice(0, 77)}...` : text}`;
    const parsed = readAssignment(label, text);
    if (Array.isArray(parsed)) problems.push(...(parsed as Problem[]));
    else yield parsed as Assignment;
  }
  for (const path of ['seed', 'replications'] as const) {
    const value = flags[path];
    if (value !== undefined) yield { label: `--${path} ${value}`, path, value };
  }
}

function readAssignment(file: string, text: string): Assignment | Problem[] {
  const equals = text.indexOf('=');
  if (equals <= 0) {
    const remedy = 'write `--set population.clients=1000`';
    return [{ file, message: 'is not of the form path=value', remedy }];
  }
  const path = text.slice(0, equals).trim();
  const value = text.slice(equals + 1).trim();
  if (!fields.has(path) && !keysAt('').includes(path)) return [unknownPath(file, path)];
  // `empirical(2: 60 %)` is no YAML without quotes, and a shell has eaten them.
  if (/^[\w-]+\(.*\)$/s.test(value)) return { label: file, path, value };
  const yaml = readYamlValue(file, value);
  if (yaml.problems.length > 0) {
    return yaml.problems.map(({ message, remedy }) => ({
      file,
      message,
      ...(remedy !== undefined && { remedy }),
    }));
  }
  return { label: file, path, value: yaml.value ?? null };
}

function unknownPath(file: string, path: string): Problem {
  const likely = nearest(path, settable) ?? sameEnding(path);
  const remedy =
    likely === undefined
      ? 'docs/reference/workload.md lists the paths'
      : `did you mean \`${likely}\`?`;
  return { file, message: `there is no field ${shown(path)}`, remedy };
}

/** `clients` for `population.clients`. */
function sameEnding(path: string): string | undefined {
  const last = path.split('.').at(-1) ?? path;
  return settable.find((known) => known.endsWith(`.${last}`));
}

function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    if (value === null) delete target[key];
    else target[key] = value;
    return;
  }
  const inner = target[key];
  const next = isPlainObject(inner) ? inner : {};
  target[key] = next;
  assign(next, rest, value);
}

/** A swept path that is set is swept no more: its list becomes the one value. */
function pin(document: Record<string, unknown>, path: string, value: unknown): boolean {
  const vary = document['vary'];
  if (!Array.isArray(vary)) return false;
  let pinned = false;
  for (const sweep of vary) {
    if (!isPlainObject(sweep) || !Object.hasOwn(sweep, path)) continue;
    pinned = true;
    if (value === null || typeof value === 'object') delete sweep[path];
    else sweep[path] = [value];
  }
  return pinned;
}
