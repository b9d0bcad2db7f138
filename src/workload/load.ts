/**
 * Loads a workload file. Everything that is wrong with it is reported at once, as one
 * `ValidationError` whose problems have file, line, path, message and remedy.
 */
import { readFileSync, statSync } from 'node:fs';
import { type Problem, UsageError, ValidationError, formatProblem } from '../errors.ts';
import { checkReport, spellingOf } from './checks-report.ts';
import { checkSweeps } from './checks-sweep.ts';
import { checkWorld } from './checks-world.ts';
import type { Parameters } from './cells.ts';
import { type Path, type Source, formatPath, isPlainObject, readYaml } from './document.ts';
import { type Finding, findingsOf } from './issues.ts';
import { type Overridden, type Overrides, override } from './overrides.ts';
import { workloadSchema } from './schema.ts';
import type { Sweep, Workload } from './types.ts';

export interface LoadedWorkload {
  readonly workload: Workload;
  /** The file's text. */
  readonly source: string;
  /** The file with the overrides applied, before defaults. */
  readonly document: Readonly<Record<string, unknown>>;
  /** Canonical text of the whole workload, defaults included; equal text means equal runs. */
  readonly configuration: string;
}

const maxBytes = 1024 * 1024;

/**
 * Reads and checks the file at `path`.
 * @throws UsageError when the file cannot be read as text, ValidationError when it is wrong.
 */
export function loadWorkload(path: string, overrides: Overrides = {}): LoadedWorkload {
  return parseWorkload(path, readText(path), overrides);
}

/**
 * Checks the text of a workload file.
 * @param file name that problems carry.
 * @throws ValidationError with all problems.
 */
export function parseWorkload(
  file: string,
  text: string,
  overrides: Overrides = {},
): LoadedWorkload {
  const source = readYaml(file, text);
  if (!source.readable) throw new ValidationError(sorted(source.problems));
  const changed = override(source.document, overrides);
  const { workload, findings } = check(changed);
  const problems = [
    ...source.problems,
    ...changed.problems,
    ...findings.map((finding) => placed(finding, file, { source, changed })),
  ];
  if (problems.length > 0) throw new ValidationError(sorted(problems));
  if (workload === undefined) throw new Error('a workload with no problems did not parse');
  const { document } = changed;
  return { workload, source: text, document, configuration: canonical(workload) };
}

/** All findings, and the workload when there are none. */
function check({ document, cellsChanged }: Overridden): {
  readonly workload?: Workload;
  readonly findings: readonly Finding[];
} {
  const parsed = workloadSchema.safeParse(document);
  const schemaFindings = parsed.success ? [] : findingsOf(parsed.error.issues);
  const sweeps = checkSweeps(document);
  const tainted = new Set(schemaFindings.map(({ path }) => formatPath(path)));
  const base = parsed.success ? parsed.data : forgiving(document, schemaFindings);
  const findings = [
    ...schemaFindings,
    ...sweeps.findings,
    ...checkReport(document, sweeps.sound, cellsChanged),
    ...(base === undefined ? [] : checkWorld({ ...base, vary: sweeps.sound }, tainted)),
  ];
  if (findings.length > 0 || base === undefined) return { findings };
  return { workload: finished(base), findings };
}

/** What stands in for required fields when they are wrong, so that the other checks can go on. */
const stopgaps = {
  name: 'unnamed',
  scenario: 'fan-out',
  question: 'unknown',
  duration: '1 d',
} as const;

/** The workload with what is wrong replaced by defaults; undefined if even that does not parse. */
function forgiving(
  document: Readonly<Record<string, unknown>>,
  findings: readonly Finding[],
): Workload | undefined {
  const copy = structuredClone(document) as Record<string, unknown>;
  for (const key of ['vary', 'expect', 'findings', 'charts']) delete copy[key];
  for (const { path } of findings) remove(copy, path);
  const parsed = workloadSchema.safeParse({ ...stopgaps, ...copy });
  return parsed.success ? parsed.data : undefined;
}

function remove(target: Record<string, unknown>, [key, ...rest]: Path): void {
  if (typeof key !== 'string') return;
  const inner = target[key];
  if (rest.length === 0 || !isPlainObject(inner)) delete target[key];
  else remove(inner, rest);
}

/** Settles what depends on other fields: the number of groups, and the spelling in `where`. */
function finished(workload: Workload): Workload {
  const { groups, scenario, vary } = workload;
  const counted = groups.count !== undefined || groups.perClient !== undefined;
  const number = scenario === 'commit-throughput' ? { count: 1 } : { perClient: 10 };
  const spell = (where: Parameters): Parameters => respelled(where, vary);
  return {
    ...workload,
    groups: counted ? groups : { ...groups, ...number },
    expect: workload.expect.map((one) => ({ ...one, where: spell(one.where) })),
    findings: workload.findings.map((one) => ({
      ...one,
      of: spell(one.of),
      ...(one.to !== undefined && { to: spell(one.to) }),
    })),
    charts: workload.charts.map((one) => ({ ...one, where: spell(one.where) })),
  };
}

function respelled(where: Parameters, vary: readonly Sweep[]): Parameters {
  return Object.fromEntries(
    Object.entries(where).map(([path, value]) => [path, spellingOf(path, value, vary) ?? value]),
  );
}

/** Adds the place: the flag that set the value, or the line in the file. */
function placed(
  { path, message, remedy }: Finding,
  file: string,
  { source, changed }: { source: Source; changed: Overridden },
): Problem {
  const spelt = formatPath(path);
  for (const [set, label] of changed.origins) {
    if (spelt === set) return { file: label, message, remedy };
    if (spelt.startsWith(`${set}.`) || spelt.startsWith(`${set}[`)) {
      return { file: label, path: spelt, message, remedy };
    }
  }
  const line = source.lineOf(path);
  return { file, ...(line !== undefined && { line }), path: spelt, message, remedy };
}

/** In the order of the file, flags last, and each once. */
function sorted(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [formatProblem(problem), problem]));
  return [...unique.values()].toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0);
}

/** JSON with sorted keys; `unlimited` stays apart from null. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner === Infinity) return 'unlimited';
    if (!isPlainObject(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function readText(path: string): string {
  const bytes = readBytes(path);
  if (bytes.includes(0)) throw new UsageError(`${path} is not a text file`, yamlWanted);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.trim() === '') throw new UsageError(`${path} is empty`, yamlWanted);
    return text;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} is not UTF-8 text`, yamlWanted, { cause: error });
  }
}

const yamlWanted = 'give a workload file, such as workloads/fan-out.yaml';

function readBytes(path: string): Buffer {
  try {
    const { size } = statSync(path);
    if (size <= maxBytes) return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const [message, remedy] = readFailures[code] ?? ['cannot be read', yamlWanted];
    throw new UsageError(`${path} ${message}`, remedy, { cause: error });
  }
  throw new UsageError(`${path} is larger than 1 MiB`, yamlWanted);
}

const readFailures: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['does not exist', 'check the path; workloads/ has the files that come with the program'],
  EISDIR: ['is a directory', 'name one file in it'],
  EACCES: ['may not be read', 'check its permissions'],
  ENOTDIR: ['does not exist', 'check the path'],
};
