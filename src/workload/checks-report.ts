/** Checks of `expect`, `findings` and `charts` against the cells and the tables of metrics. */
import { heats, histograms, metrics, series } from '../results/metrics.ts';
import { type Parameters, matches, parameterSets, parseParameter } from './cells.ts';
import { type Path, isPlainObject } from './document.ts';
import type { Finding } from './issues.ts';
import { unknownName } from './schema-report.ts';
import { nearest } from './suggest.ts';
import type { ParameterValue, Sweep } from './types.ts';
import { shown } from './value-error.ts';

type Raw = Readonly<Record<string, unknown>>;

/** What the sections may refer to. */
interface Scope {
  readonly sweeps: readonly Sweep[];
  readonly sets: readonly Parameters[];
  /** Overrides have changed the cells: a reference that has become void is no mistake. */
  readonly lenient: boolean;
}

/**
 * @param document before defaults; items that are no mappings were reported by the schema.
 * @param sweeps what is right of `vary`.
 */
export function checkReport(document: Raw, sweeps: readonly Sweep[], lenient: boolean): Finding[] {
  const scope: Scope = { sweeps, sets: parameterSets({ vary: sweeps }), lenient };
  return [
    ...eachItem(document, 'expect', (item, path) => checkExpectation(item, path, scope)),
    ...eachItem(document, 'findings', (item, path) => checkFinding(item, path, scope)),
    ...eachItem(document, 'charts', (item, path) => checkChart(item, path, scope)),
  ];
}

/** The spelling that `vary` uses for a value, so that `where` can be compared by identity. */
export function spellingOf(
  path: string,
  value: ParameterValue,
  sweeps: readonly Sweep[],
): ParameterValue | undefined {
  const listed = sweeps.flatMap((sweep) => sweep[path] ?? []);
  if (listed.includes(value)) return value;
  const meaning = JSON.stringify(parseParameter(path, value));
  if (meaning === undefined) return undefined;
  return listed.find((one) => JSON.stringify(parseParameter(path, one)) === meaning);
}

function eachItem(
  document: Raw,
  key: string,
  check: (item: Raw, path: Path) => Finding[],
): Finding[] {
  const list = document[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index) =>
    isPlainObject(item) ? check(item, [key, index]) : [],
  );
}

function checkExpectation(item: Raw, path: Path, scope: Scope): Finding[] {
  const { min, max } = item;
  const findings = checkWhere(item['where'], [...path, 'where'], scope);
  if (min === undefined && max === undefined) {
    findings.push({ path, message: 'has neither `min` nor `max`', remedy: 'give one or both' });
  }
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    const message = `the least value ${min} is above the largest ${max}`;
    findings.push({ path: [...path, 'min'], message, remedy: `write \`min: ${max}\` or less` });
  }
  return findings;
}

function checkFinding(item: Raw, path: Path, scope: Scope): Finding[] {
  const { compare = 'value', to } = item;
  const findings = checkOne(item['of'], [...path, 'of'], scope);
  if (compare === 'value' && to !== undefined) {
    findings.push({
      path: [...path, 'to'],
      message: 'a value has nothing to be compared with',
      remedy: 'write `compare: ratio` or `compare: difference`, or leave `to` out',
    });
  }
  if ((compare === 'ratio' || compare === 'difference') && to === undefined) {
    const message = `a ${compare} needs a second cell`;
    findings.push({ path, message, remedy: 'name it in `to`, as the first in `of`' });
  }
  return to === undefined ? findings : [...findings, ...checkOne(to, [...path, 'to'], scope)];
}

const tables = {
  line: [metrics, 'metric'],
  bar: [metrics, 'metric'],
  matrix: [metrics, 'metric'],
  ccdf: [histograms, 'histogram'],
  timeline: [series, 'time series'],
  heatmap: [heats, 'heat map'],
} as const;
type ChartKind = keyof typeof tables;

function checkChart(item: Raw, path: Path, scope: Scope): Finding[] {
  const { kind, metric } = item;
  const findings = checkWhere(item['where'], [...path, 'where'], scope);
  if (typeof kind !== 'string' || !Object.hasOwn(tables, kind)) return findings;
  const [table, what] = tables[kind as ChartKind];
  if (typeof metric === 'string' && !Object.hasOwn(table, metric) && isObservable(metric)) {
    const { message, remedy } = unknownName(metric, Object.keys(table), what);
    const more = `a ${kind} shows a ${what}; ${remedy}`;
    findings.push({ path: [...path, 'metric'], message, remedy: more });
  }
  const needed =
    kind === 'matrix' ? ['x', 'series'] : kind === 'line' || kind === 'bar' ? ['x'] : [];
  for (const axis of ['x', 'series'] as const) {
    findings.push(...checkAxis(item[axis], [...path, axis], { needed, kind, axis }, scope));
  }
  return findings;
}

/** Names that exist nowhere were reported by the schema. */
function isObservable(name: string): boolean {
  return [metrics, histograms, series, heats].some((table) => Object.hasOwn(table, name));
}

function checkAxis(
  raw: unknown,
  path: Path,
  { needed, kind, axis }: { needed: readonly string[]; kind: string; axis: string },
  scope: Scope,
): Finding[] {
  if (raw === undefined) {
    if (!needed.includes(axis)) return [];
    const message = `a ${kind} chart needs \`${axis}\``;
    return [{ path: path.slice(0, -1), message, remedy: 'name a path that `vary` lists' }];
  }
  if (axis === 'x' && !needed.includes('x')) {
    const message = `a ${kind} chart has no parameter on its x axis`;
    return [{ path, message, remedy: 'leave `x` out, or choose another `kind`' }];
  }
  if (typeof raw !== 'string' || isVaried(raw, scope) || scope.lenient) return [];
  return [{ path, ...notVaried(raw, scope) }];
}

/** A reference to one cell. */
function checkOne(raw: unknown, path: Path, scope: Scope): Finding[] {
  const findings = checkWhere(raw, path, scope);
  if (findings.length > 0 || scope.lenient) return findings;
  const found = matching(raw, scope);
  if (found.length === 1) return [];
  const chosen = isPlainObject(raw) ? Object.keys(raw) : [];
  const open = scope.sweeps
    .flatMap((sweep) => Object.keys(sweep))
    .filter((name) => !chosen.includes(name) && found.some((set) => Object.hasOwn(set, name)));
  const names = [...new Set(open)].map((name) => `\`${name}\``).join(', ');
  const remedy = `name one cell: also give ${names}`;
  return [{ path, message: `speaks of ${found.length} cells, not of one`, remedy }];
}

function checkWhere(raw: unknown, path: Path, scope: Scope): Finding[] {
  if (!isPlainObject(raw) || scope.lenient) return [];
  const findings = Object.entries(raw).flatMap(([name, value]): Finding[] => {
    const place = [...path, name];
    if (!isVaried(name, scope)) return [{ path: place, ...notVaried(name, scope) }];
    if (typeof value === 'object') return [];
    const spelling = spellingOf(name, value as ParameterValue, scope.sweeps);
    if (spelling !== undefined) return [];
    const values = new Set(scope.sweeps.flatMap((sweep) => sweep[name] ?? []));
    const list = [...values].map((one) => `\`${one}\``).join(', ');
    return [
      { path: place, message: `no cell has ${shown(value)}`, remedy: `write one of ${list}` },
    ];
  });
  if (findings.length > 0 || matching(raw, scope).length > 0) return findings;
  const remedy = 'combine values that one grid of `vary` lists together';
  return [{ path, message: 'no cell has this combination', remedy }];
}

function matching(raw: unknown, { sets, sweeps }: Scope): Parameters[] {
  const where = isPlainObject(raw) ? raw : {};
  const spelt = Object.fromEntries(
    Object.entries(where).map(([name, value]) => [
      name,
      spellingOf(name, value as ParameterValue, sweeps) ?? (value as ParameterValue),
    ]),
  );
  return sets.filter((parameters) => matches(parameters, spelt));
}

function isVaried(name: string, { sweeps }: Scope): boolean {
  return sweeps.some((sweep) => Object.hasOwn(sweep, name));
}

function notVaried(name: string, { sweeps }: Scope): { message: string; remedy: string } {
  const varied = [...new Set(sweeps.flatMap((sweep) => Object.keys(sweep)))];
  const likely = nearest(name, varied);
  const list = varied.map((one) => `\`${one}\``).join(', ');
  const known = list === '' ? 'this workload varies nothing' : `\`vary\` has ${list}`;
  return {
    message: `${shown(name)} is not varied`,
    remedy: likely === undefined ? known : `did you mean \`${likely}\`?`,
  };
}
