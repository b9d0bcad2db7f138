/** Words for metrics and parameters. */
import { heats, histograms, metrics, series } from '../../src/results/metrics.ts';
import { formatParameter, humanise } from '../../src/results/format.ts';
import { findSuite } from '../../src/suites/registry.ts';
import type { ParameterValue } from '../../src/workload/types.ts';

const capitals: Readonly<Record<string, string>> = {
  ds: 'DS',
  qs: 'QS',
  as: 'AS',
  cpu: 'CPU',
  hpke: 'HPKE',
  mls: 'MLS',
};

const percentile = /^p(\d+)$/;

/** `delivery_delay_p99` -> `Delivery delay, 99th percentile`; `ds_wait_mean` -> `DS wait, mean`. */
export function metricLabel(name: string): string {
  const words = name.split(/[_.]/).map((word) => capitals[word] ?? word);
  const last = words.at(-1) ?? '';
  const order = percentile.exec(last)?.[1];
  const tail =
    order === undefined ? (last === 'mean' || last === 'peak' ? last : null) : ordinal(order);
  const body = (tail === null ? words : words.slice(0, -1)).join(' ');
  const label = tail === null ? body : `${body}, ${tail}`;
  return label.slice(0, 1).toUpperCase() + label.slice(1);
}

/** `50` -> `median`, `99` -> `99th percentile`, `999` -> `99.9th percentile`. */
function ordinal(digits: string): string {
  if (digits === '50') return 'median';
  return `${digits.length > 2 ? `${digits.slice(0, 2)}.${digits.slice(2)}` : digits}th percentile`;
}

interface Described {
  readonly description: string;
  readonly formula?: string;
}

const tables: readonly Readonly<Record<string, Described>>[] = [metrics, histograms, series, heats];

/** What the metric table says about a name; null for names it does not know. */
export function describe(name: string): Described | null {
  for (const table of tables) {
    const row = Object.hasOwn(table, name) ? table[name] : undefined;
    if (row !== undefined) return row;
  }
  return null;
}

/** Small words of paths that say nothing on an axis. */
const dropped: ReadonlySet<string> = new Set(['policy', 'population', 'network', 'homeserver']);

const parameterNames: Readonly<Record<string, string>> = {
  'groups.size': 'group size',
  'population.clients': 'clients',
  'population.homeservers': 'homeservers',
  'population.sessions.offline': 'share of time offline',
  'population.skew': 'homeserver size distribution',
  'groups.perClient': 'groups per client',
  'groups.locality': 'share of local members',
  'traffic.receivedPerClient': 'messages received per client',
  'commits.contenders': 'contenders',
  'commits.retry': 'retry policy',
  'commits.ratePerContender': 'commit rate per contender',
  'commits.tree': 'tree at the start',
  'policy.queueConfig': 'queue config',
  'policy.suite': 'ciphersuite',
};

export function parameterLabel(path: string): string {
  const known = parameterNames[path];
  if (known !== undefined) return known;
  const parts = path.split('.');
  return humanise(
    parts.length > 1 && dropped.has(parts[0] ?? '') ? parts.slice(1).join('.') : path,
  );
}

const call = /^([a-z][a-z-]*)\((.+)\)$/;

const suiteNumber = /^0x[\da-f]{4}$/i;

/** `constant(100)` reads as `100`, `0x0001` as `0x0001 (X25519, AES-128-GCM, Ed25519)`. */
export function parameterText(value: ParameterValue): string {
  const suite = typeof value === 'string' && suiteNumber.test(value) ? findSuite(value) : undefined;
  if (suite !== undefined) return `${suite.id} (${suite.label})`;
  const match = typeof value === 'string' ? call.exec(value) : null;
  if (match?.[1] === 'constant') return match[2] ?? String(value);
  return formatParameter(value);
}

/**
 * Short texts for a set of values: `full-jitter(...)` becomes `full-jitter` while that is unique.
 * `constant(1)` is `1` among numbers, but keeps its name beside other distributions.
 */
export function shortTexts(values: readonly ParameterValue[]): Map<ParameterValue, string> {
  const calls = values.map((value) => (typeof value === 'string' ? call.exec(value)?.[1] : null));
  const mixed = calls.some((name) => name && name !== 'constant');
  const names = values.map((value, index) => {
    const name = calls[index];
    if (name === 'constant') return mixed ? String(value) : parameterText(value);
    return name ?? parameterText(value);
  });
  return new Map(
    values.map((value, index) => {
      const name = names[index] ?? '';
      const unique = names.indexOf(name) === names.lastIndexOf(name);
      return [value, unique ? name : parameterText(value)];
    }),
  );
}

const quantity =
  /^(?:constant\()?(-?\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|min|h|d|B|kB|MB|GB|%|\/s)?\)?$/;
const factors: Readonly<Record<string, readonly [number, string]>> = {
  ns: [1e-6, 'ms'],
  us: [1e-3, 'ms'],
  µs: [1e-3, 'ms'],
  ms: [1, 'ms'],
  s: [1000, 'ms'],
  min: [60_000, 'ms'],
  h: [3_600_000, 'ms'],
  d: [86_400_000, 'ms'],
  B: [1, 'bytes'],
  kB: [1e3, 'bytes'],
  MB: [1e6, 'bytes'],
  GB: [1e9, 'bytes'],
  '%': [0.01, 'share'],
  '/s': [1, '/s'],
};

/** A parameter as a number in base units, when it is one: `2 h` -> 7,200,000 ms. */
export function parameterNumber(value: ParameterValue): { value: number; unit: string } | null {
  if (typeof value === 'number') return { value, unit: '' };
  const match = typeof value === 'string' ? quantity.exec(value.trim()) : null;
  if (match === null) return null;
  const [factor, unit] = factors[match[2] ?? ''] ?? [1, ''];
  return { value: Number(match[1]) * factor, unit };
}
