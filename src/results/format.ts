/**
 * Numbers as a paper prints them: three significant digits, a unit with its SI prefix, intervals
 * with the precision they deserve. Runs in Node and, inlined, in the page: no imports.
 *
 * Values are in the base units of the metric table: `ms`, `bytes`, `share` (0..1), `/s`, or a word
 * that is counted (`messages`), each optionally per something (`bytes/message`, `messages/s`).
 */

/** What a value is divided by, and what is written behind it. */
export interface Scale {
  readonly factor: number;
  readonly suffix: string;
}

const durations: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
  [1, 'ms'],
  [1e-3, 'µs'],
  [1e-6, 'ns'],
];

const prefixes: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
];

/** Base unit behind an alias, with the factor that leads to it. */
const aliases: Readonly<Record<string, readonly [string, number]>> = {
  s: ['ms', 1000],
  seconds: ['ms', 1000],
  'core-s': ['ms', 1000],
  us: ['ms', 1e-3],
  µs: ['ms', 1e-3],
  ns: ['ms', 1e-6],
  min: ['ms', 60_000],
  h: ['ms', 3_600_000],
  byte: ['bytes', 1],
  B: ['bytes', 1],
  kB: ['bytes', 1000],
  ratio: ['', 1],
  count: ['', 1],
  '1': ['', 1],
};

const shares: ReadonlySet<string> = new Set(['share', 'fraction', 'probability', '%']);

/** Splits `bytes/message` into what is scaled and what stays. */
export function splitUnit(unit: string): { head: string; tail: string; factor: number } {
  const slash = unit.indexOf('/');
  const name = slash < 0 ? unit : unit.slice(0, slash);
  const tail = slash < 0 ? '' : unit.slice(slash);
  const [head, factor] = aliases[name] ?? [name, 1];
  return { head, tail, factor };
}

export function isShare(unit: string): boolean {
  return shares.has(unit);
}

export function isDuration(unit: string): boolean {
  const { head, tail } = splitUnit(unit);
  return head === 'ms' && tail === '';
}

/** The scale in which a magnitude is written with one to three digits before the point. */
export function scaleFor(magnitude: number, unit: string): Scale {
  if (unit === '%') return { factor: 1, suffix: ' %' };
  if (isShare(unit)) return { factor: 0.01, suffix: ' %' };
  const { head, tail, factor } = splitUnit(unit);
  const size = Math.abs(magnitude) * factor;
  if (head === 'ms') return scaled(durationScale(size), factor, tail);
  const [step, prefix] = siPrefix(size, head, tail);
  if (head === 'bytes' || head === 'bit') {
    const symbol = head === 'bit' ? 'bit' : 'B';
    return scaled([step, `${prefix}${symbol}`], factor, tail);
  }
  const word = head === '' ? '' : ` ${head}`;
  return { factor: step / factor, suffix: `${prefix === '' ? '' : ` ${prefix}`}${word}${tail}` };
}

function scaled(step: readonly [number, string], factor: number, tail: string): Scale {
  return { factor: step[0] / factor, suffix: ` ${step[1]}${tail}` };
}

/** Minutes and beyond only from two of them on (`90 s` reads better than `1.5 min`), or for one. */
function durationScale(ms: number): readonly [number, string] {
  if (ms === 0) return [1, 'ms'];
  for (const step of durations) {
    const from = step[0] >= 60_000 ? step[0] * 2 : step[0];
    if (ms === step[0] || ms >= from * 0.9995) return step;
  }
  return [1e-6, 'ns'];
}

/** Plain counts stay whole up to a million, rates up to 9,999; bytes change at 1,000. */
function siPrefix(size: number, head: string, tail: string): readonly [number, string] {
  const whole = head === 'bytes' || head === 'bit' ? 1e3 : tail === '' ? 1e6 : 1e4;
  for (const step of prefixes) {
    const from = step[0] === 1e3 ? whole : step[0];
    if (size >= from * 0.9995) return step;
  }
  return [1, ''];
}

/** `1234.5` -> `1,235`; three significant digits below a thousand; tiny numbers as powers of ten. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 0.99e-4 || size >= 1e15) return scientific(value, digits);
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size) + 1e-12));
  return trimZeros(fixed(value, Math.min(decimals, 12)));
}

/** With thousands separators and a true minus. */
export function fixed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  const [whole = '0', part] = text.split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const sign = value < 0 && Number(text) !== 0 ? '−' : '';
  return part === undefined ? `${sign}${grouped}` : `${sign}${grouped}.${part}`;
}

export function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `10⁻⁵`. */
export function powerOfTen(exponent: number): string {
  const digits = String(Math.abs(exponent));
  const raised = [...digits].map((digit) => superscripts[Number(digit)] ?? '').join('');
  return `10${exponent < 0 ? '⁻' : ''}${raised}`;
}

function scientific(value: number, digits: number): string {
  const [mantissa = '0', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const head = trimZeros(mantissa).replace('-', '−');
  const power = powerOfTen(Number(exponent));
  return head === '1' ? power : `${head}×${power}`;
}

/** A measured value: zeros that are significant digits stay (`3.20 ms`). */
export function formatMeasured(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  const scale = scaleFor(value, unit);
  const shown = value / scale.factor;
  const whole = Number.isInteger(shown) && (unit === 'count' || unit === '');
  const size = Math.abs(shown);
  if (whole || size < 1e-3 || size >= 1000 || !Number.isFinite(size))
    return formatValue(value, unit);
  return `${fixed(shown, Math.max(0, 2 - Math.floor(Math.log10(size) + 1e-12)))}${scale.suffix}`;
}

/** A value with its unit; `–` for what was not observed. */
export function formatValue(value: number | null | undefined, unit: string, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  const scale = scaleFor(value, unit);
  return `${formatNumber(value / scale.factor, precisionFor(value, unit, digits))}${scale.suffix}`;
}

/** 99.95 % must not become 100 %: shares near one keep two digits of what is missing. */
function precisionFor(value: number, unit: string, digits: number): number {
  const share = unit === '%' ? value / 100 : value;
  if (!isShare(unit) || share <= 0.99 || share >= 1) return digits;
  return Math.min(8, Math.max(digits, 3 - Math.floor(Math.log10(1 - share) + 2)));
}

/** `12.3 ± 0.4 ms`, or `12.3 ms` when there is no interval. */
export function formatInterval(
  value: number | null | undefined,
  ci95: readonly [number, number] | null | undefined,
  unit: string,
): string {
  if (value === null || value === undefined) return '–';
  if (ci95 === null || ci95 === undefined) return formatValue(value, unit);
  const [low, high] = ci95;
  const half = (high - low) / 2;
  const symmetric = Math.abs((high + low) / 2 - value) <= Math.max(1e-9, half * 0.02);
  if (!symmetric || !Number.isFinite(half)) {
    return `${formatValue(value, unit)} ${formatRange(ci95, unit)}`;
  }
  const scale = scaleFor(Math.max(Math.abs(value), half), unit);
  if (half === 0) return `${formatValue(value, unit)} ± 0`;
  const decimals = errorDecimals(half / scale.factor, value / scale.factor);
  if (decimals > 6) return `${formatValue(value, unit)} ± ${formatValue(half, unit, 2)}`;
  const error = fixed(half / scale.factor, decimals);
  const shown = Number(error) === 0 ? `<${fixed(10 ** -decimals, decimals)}` : error;
  return `${fixed(value / scale.factor, decimals)} ± ${shown}${scale.suffix}`;
}

/** Two digits of the error where the first is small, else one; at most four of the value. */
function errorDecimals(half: number, value: number): number {
  const order = Math.floor(Math.log10(half));
  const wanted = Math.max(0, (half / 10 ** order < 3.5 ? 1 : 0) - order);
  const size = Math.abs(value);
  if (size < 1e-9) return wanted;
  return Math.max(0, Math.min(wanted, 3 - Math.floor(Math.log10(size))));
}

/** `[12.1, 12.5] ms`, for tables. */
export function formatRange(range: readonly [number, number], unit: string): string {
  const { ends, suffix } = alike(range, range, unit);
  return `[${ends.join(', ')}]${suffix}`;
}

/** `12.1 to 12.5 ms`, for sentences. */
export function formatSpan(range: readonly [number, number], unit: string): string {
  const { ends, suffix } = alike(range, range, unit);
  return `${ends.join(' to ')}${suffix}`;
}

/**
 * The value of an interval with the interval's digits: `110.48 ms` beside `110.44 to 110.52 ms`,
 * never a rounded `110 ms` that lies outside it. Three digits where there is no interval.
 */
export function formatEstimate(
  value: number,
  ci95: readonly [number, number] | null,
  unit: string,
): string {
  if (ci95 === null || ci95[0] === ci95[1]) return formatValue(value, unit);
  const { ends, suffix } = alike([value, ...ci95], ci95, unit);
  return `${ends[0] ?? ''}${suffix}`;
}

/**
 * Numbers in one scale and with equally many decimals: those that show the width of `range`, and at
 * least three digits of its larger end.
 */
function alike(values: readonly number[], [low, high]: readonly [number, number], unit: string) {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const { factor, suffix } = scaleFor(size, unit);
  const shown = values.map((value) => value / factor);
  if (!Number.isFinite(size) || size === 0 || size / factor < 1e-3) {
    return { ends: shown.map((value) => formatNumber(value)), suffix };
  }
  const order = (x: number): number => Math.floor(Math.log10(x) + 1e-9);
  // Two digits of the width up to five digits of the larger end, then one digit up to six.
  const three = 2 - order(size / factor);
  const one = high > low ? -order((high - low) / factor) : three;
  const decimals = Math.max(0, three, Math.min(one + 1, three + 2), Math.min(one, three + 3));
  const all = shown.map((value) => fixed(value, decimals));
  const trimmed = all.map(trimZeros);
  const longest = Math.max(...trimmed.map((text) => text.split('.')[1]?.length ?? 0));
  return { ends: shown.map((value) => fixed(value, Math.min(decimals, longest))), suffix };
}

/** A parameter as the file spells it, with separators for large whole numbers. */
export function formatParameter(value: string | number | boolean): string {
  if (typeof value !== 'number') return String(value);
  return Number.isInteger(value) && Math.abs(value) >= 1000 ? fixed(value, 0) : String(value);
}

/** `population.sessions.offline` -> `sessions offline`; `groupSize` -> `group size`. */
export function humanise(path: string): string {
  const parts = path.split('.');
  const tail = parts.length > 2 ? parts.slice(-2) : parts.slice(-1);
  const words = tail.join(' ').replaceAll(/([a-z\d])([A-Z])/g, '$1 $2');
  return words.replaceAll(/[_-]/g, ' ').toLowerCase();
}

export function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `groups.size = 100, policy.queueConfig = sealed`, or `base` for a workload without a sweep. */
export function describeParameters(
  parameters: Readonly<Record<string, string | number | boolean>>,
): string {
  const entries = Object.entries(parameters);
  if (entries.length === 0) return 'base';
  return entries.map(([path, value]) => `${path} = ${value}`).join(', ');
}
