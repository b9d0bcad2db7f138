/**
 * Quantities with units: `50 ms`, `1.5 MB`, `4 KiB`, `30/s`, `1.6 Mbit/s`, `95 %`.
 *
 * A value that has a dimension must be written with a unit, so that nobody has to remember whether
 * a field is in seconds or milliseconds; parsing yields the base unit (ms, B, 1/s, bit/s, share).
 */
import { ValueError, shown } from './value-error.ts';

interface Unit {
  /** value in base units = number x factor / divisor; a divisor keeps `35 us` exactly 0.035 ms. */
  readonly factor: number;
  readonly divisor: number;
}

interface DimensionDefinition {
  /** With its article, for messages. */
  readonly noun: string;
  readonly example: string;
  /** Base unit as documentation prints it. */
  readonly base: string;
  /** Largest first. */
  readonly units: Readonly<Record<string, Unit>>;
  /** The two that a bare number probably meant. */
  readonly likely: readonly string[];
  /** Whether a number without a unit is complete. */
  readonly bare: boolean;
}

const unit = (factor: number, divisor = 1): Unit => ({ factor, divisor });

export const dimensions = {
  duration: {
    noun: 'a duration',
    example: '50 ms',
    base: 'ms',
    units: {
      d: unit(86_400_000),
      h: unit(3_600_000),
      min: unit(60_000),
      s: unit(1000),
      ms: unit(1),
      us: unit(1, 1000),
      ns: unit(1, 1_000_000),
    },
    likely: ['ms', 's'],
    bare: false,
  },
  size: {
    noun: 'a size',
    example: '1.5 kB',
    base: 'B',
    units: {
      GiB: unit(1_073_741_824),
      GB: unit(1_000_000_000),
      MiB: unit(1_048_576),
      MB: unit(1_000_000),
      KiB: unit(1024),
      kB: unit(1000),
      B: unit(1),
    },
    likely: ['B', 'kB'],
    bare: false,
  },
  rate: {
    noun: 'a rate',
    example: '30/s',
    base: '1/s',
    units: {
      '/s': unit(1),
      '/min': unit(1, 60),
      '/h': unit(1, 3600),
      '/d': unit(1, 86_400),
    },
    likely: ['/s', '/d'],
    bare: false,
  },
  bandwidth: {
    noun: 'a bandwidth',
    example: '1.6 Mbit/s',
    base: 'bit/s',
    units: {
      'Gbit/s': unit(1_000_000_000),
      'Mbit/s': unit(1_000_000),
      'kbit/s': unit(1000),
      'bit/s': unit(1),
    },
    likely: ['kbit/s', 'Mbit/s'],
    bare: false,
  },
  share: {
    noun: 'a share',
    example: '95 %',
    base: '',
    units: { '%': unit(1, 100) },
    likely: ['%'],
    bare: true,
  },
  count: { noun: 'a number', example: '20', base: '', units: {}, likely: [], bare: true },
} as const satisfies Readonly<Record<string, DimensionDefinition>>;

export type Dimension = keyof typeof dimensions;

/** Spellings seen in the wild, and what they are here. Compared in lower case. */
const aliases: Readonly<Record<string, string>> = {
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  msec: 'ms',
  millisecond: 'ms',
  milliseconds: 'ms',
  µs: 'us',
  μs: 'us',
  usec: 'us',
  microseconds: 'us',
  m: 'min',
  mins: 'min',
  minute: 'min',
  minutes: 'min',
  hr: 'h',
  hrs: 'h',
  hour: 'h',
  hours: 'h',
  day: 'd',
  days: 'd',
  byte: 'B',
  bytes: 'B',
  k: 'kB',
  bps: 'bit/s',
  kbps: 'kbit/s',
  mbps: 'Mbit/s',
  gbps: 'Gbit/s',
  percent: '%',
  hz: '/s',
  '/sec': '/s',
  '/second': '/s',
  '/minute': '/min',
  '/hour': '/h',
  '/day': '/d',
};

const numberPattern = String.raw`[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?`;
const quantityParts = new RegExp(String.raw`^(${numberPattern})\s*(.*)$`, 's');

/**
 * Value of `raw` in the base unit of `dimension`.
 * @throws ValueError naming what was expected and, where it can be guessed, the corrected value.
 */
export function parseQuantity(raw: unknown, dimension: Dimension): number {
  const { number, symbol } = split(raw, dimension);
  if (symbol === '') return bareNumber(number, dimension);
  const found = unitsOf(dimension)[symbol];
  if (found === undefined) throw wrongUnit(number, symbol, dimension);
  return finite((toNumber(number) * found.factor) / found.divisor, raw, dimension);
}

/** The shortest text that `parseQuantity` reads back as exactly `value`. */
export function formatQuantity(value: number, dimension: Dimension): string {
  const { bare, units, likely }: DimensionDefinition = dimensions[dimension];
  if (bare) return String(value);
  if (value === 0) return spell('0', likely[0] ?? '');
  let best = spell(String(value), baseSymbol(dimension));
  let least = clumsiness(String(value));
  for (const [symbol, { factor, divisor }] of Object.entries(units)) {
    const number = String((value / factor) * divisor);
    const exact = (Number(number) * factor) / divisor === value;
    if (!exact || clumsiness(number) >= least) continue;
    least = clumsiness(number);
    best = spell(number, symbol);
  }
  return best;
}

/** Digits to read; `100 MB` is better than `0.1 GB`. */
function clumsiness(number: string): number {
  return number.length + (/^-?0/.test(number) ? 2 : 0);
}

/** Regular expression (JSON Schema `pattern`, unanchored) of the texts a dimension admits. */
export function quantityPattern(dimension: Dimension): string {
  const symbols = Object.keys(dimensions[dimension].units).map((symbol) =>
    symbol.replaceAll('/', String.raw`\/`),
  );
  if (symbols.length === 0) return numberPattern;
  const optional = dimensions[dimension].bare ? '?' : '';
  return `${numberPattern}\\s*(?:${symbols.join('|')})${optional}`;
}

/** `50 ms`, `30/s`: a rate joins its number as one writes it by hand. */
function spell(number: string, symbol: string): string {
  return symbol.startsWith('/') ? `${number}${symbol}` : `${number} ${symbol}`;
}

function baseSymbol(dimension: Dimension): string {
  const entries = Object.entries(unitsOf(dimension));
  return entries.find(([, { factor, divisor }]) => factor === 1 && divisor === 1)?.[0] ?? '';
}

function unitsOf(dimension: Dimension): Readonly<Record<string, Unit>> {
  // Without a prototype, so that `5 constructor` has an unknown unit.
  const none = Object.create(null) as Record<string, Unit>;
  return Object.assign(none, dimensions[dimension].units) as Record<string, Unit>;
}

function split(raw: unknown, dimension: Dimension): { number: string; symbol: string } {
  if (typeof raw === 'number') return { number: String(raw), symbol: '' };
  const parts = typeof raw === 'string' ? quantityParts.exec(raw.trim()) : null;
  if (parts === null) throw notOne(raw, dimension);
  return { number: parts[1] ?? '', symbol: parts[2] ?? '' };
}

function toNumber(text: string): number {
  return Number(text.replaceAll('_', ''));
}

function bareNumber(number: string, dimension: Dimension): number {
  const { bare, noun, likely } = dimensions[dimension];
  if (bare) return finite(toNumber(number), number, dimension);
  const options = likely.map((symbol) => `\`${spell(number, symbol)}\``).join(' or ');
  throw new ValueError(`\`${number}\` is ${noun} without a unit`, `write ${options}`);
}

function finite(value: number, raw: unknown, dimension: Dimension): number {
  if (!Number.isFinite(value)) throw notOne(raw, dimension);
  return value;
}

function notOne(raw: unknown, dimension: Dimension): ValueError {
  const { noun, example } = dimensions[dimension];
  return new ValueError(`${shown(raw)} is not ${noun}`, `write ${noun} such as \`${example}\``);
}

function wrongUnit(number: string, symbol: string, dimension: Dimension): ValueError {
  const { noun, example, units } = dimensions[dimension];
  const given = `\`${spell(number, symbol)}\``;
  const meant = guess(symbol);
  if (meant !== undefined && Object.hasOwn(units, meant)) {
    const right = spell(number, meant);
    return new ValueError(`${given} has the unknown unit \`${symbol}\``, `write \`${right}\``);
  }
  const other = Object.values(dimensions).find((d) => Object.hasOwn(d.units, meant ?? symbol));
  const message =
    other === undefined
      ? `${given} has the unknown unit \`${symbol}\`, expected ${noun}`
      : `${given} is ${other.noun}, expected ${noun}`;
  const symbols = Object.keys(units);
  const hint = symbols.length === 0 ? '' : ` (units: ${symbols.join(', ')})`;
  return new ValueError(message, `write ${noun} such as \`${example}\`${hint}`);
}

/** The unit that somebody who wrote `symbol` had in mind: another case, or a longer word. */
function guess(symbol: string): string | undefined {
  const lower = symbol.toLowerCase().replaceAll(/\s+/g, '').replace(/^per/, '/');
  const all = Object.values(dimensions).flatMap((d) => Object.keys(d.units));
  if (all.includes(symbol)) return symbol;
  return (
    all.find((known) => known.toLowerCase() === lower) ??
    Object.entries(aliases).find(([alias]) => alias === lower)?.[1]
  );
}
