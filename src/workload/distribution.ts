/**
 * Distributions as text: `lognormal(median 50 ms, sigma 0.4)`, `exponential(mean 2 s)`,
 * `normal(mean 10 ms, sd 2 ms)`, `uniform(1 ms, 5 ms)`, `zipf(1.2)`,
 * `empirical(2: 60 %, 5: 25 %, 20: 15 %)`, `constant(8)` or just `8`. In a YAML file also as a
 * mapping, `{ lognormal: { median: 50 ms, sigma: 0.4 } }` or `{ 2: 60 %, 5: 40 %}`.
 */
import {
  type Argument,
  type Call,
  type Parameter,
  bindArguments,
  formatCall,
  parseArgument,
  parseCall,
} from './call.ts';
import { nearest } from './suggest.ts';
import type { Distribution } from './types.ts';
import { type Dimension, dimensions, formatQuantity, parseQuantity } from './units.ts';
import { ValueError, shown, within } from './value-error.ts';

export type DistributionKind = Distribution['kind'];

/** What the field that holds the distribution admits. */
export interface DistributionContext {
  readonly dimension: Dimension;
  /** Admitted kinds; all but `zipf` by default, because ranks mean something in few fields only. */
  readonly kinds?: readonly DistributionKind[];
  /** Inclusive range of the values, in base units. The least is 0 by default. */
  readonly min?: number;
  readonly max?: number;
}

export const distributionKinds = [
  'constant',
  'uniform',
  'exponential',
  'normal',
  'lognormal',
  'zipf',
  'empirical',
] as const satisfies readonly DistributionKind[];

const defaultKinds = distributionKinds.filter((kind) => kind !== 'zipf');
const maxEntries = 1000;

/**
 * Reads a distribution from what a YAML file or `--set` holds.
 * @throws ValueError with the offset of the wrong argument.
 */
export function parseDistribution(raw: unknown, context: DistributionContext): Distribution {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) {
    return fromMapping(raw as Record<string, unknown>, context);
  }
  const call = typeof raw === 'string' ? parseCall(raw, example('lognormal', context)) : undefined;
  if (call !== undefined) return fromCall(call, context);
  if (typeof raw === 'number' || (typeof raw === 'string' && /^\s*[-+.\d]/.test(raw))) {
    return finish('constant', { value: parseArgument(raw, valueParameter(context)) }, context);
  }
  throw notOne(shown(raw), context);
}

/** Text that `parseDistribution` reads back as exactly the same distribution. */
export function formatDistribution(distribution: Distribution, dimension: Dimension): string {
  const { kind } = distribution;
  if (kind === 'constant') return formatQuantity(distribution.value, dimension);
  if (kind === 'empirical') {
    const entries = distribution.values.map((value, index) => {
      const weight = formatQuantity(distribution.weights[index] ?? 0, 'share');
      return `${formatQuantity(value, dimension)}: ${weight}`;
    });
    return `empirical(${entries.join(', ')})`;
  }
  return formatCall(kind, parametersOf(kind, { dimension }), { ...distribution });
}

/** How one writes `kind` in a field of this dimension. */
export function example(kind: DistributionKind, { dimension }: DistributionContext): string {
  const value: string = dimensions[dimension].example;
  const examples: Readonly<Record<DistributionKind, string>> = {
    constant: value,
    uniform: `uniform(${value}, ${value.replace(/^\d/, '9$&')})`,
    exponential: `exponential(mean ${value})`,
    normal: `normal(mean ${value}, sd ${value.replace(/^\d\.?\d?/, '1')})`,
    lognormal: `lognormal(median ${value}, sigma 0.4)`,
    zipf: 'zipf(1.2)',
    empirical: `empirical(${value}: 60 %, ${value.replace(/^\d/, '9$&')}: 40 %)`,
  };
  return examples[kind];
}

/** The largest value if there is one, else the mean or median: for plausibility checks. */
export function typicalLargest(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.value;
    case 'uniform':
      return distribution.max;
    case 'exponential':
    case 'normal':
      return distribution.mean;
    case 'lognormal':
      return distribution.median;
    case 'zipf':
      return 1;
    case 'empirical':
      return Math.max(...distribution.values);
  }
}

function valueParameter({ dimension, min = 0, max }: DistributionContext): Parameter {
  return { label: 'value', dimension, min, ...(max === undefined ? {} : { max }) };
}

function parametersOf(
  kind: Exclude<DistributionKind, 'empirical'>,
  context: DistributionContext,
): readonly Parameter[] {
  const value = { ...valueParameter(context), positional: true };
  const { dimension } = context;
  switch (kind) {
    case 'constant':
      return [value];
    case 'uniform':
      return [
        { ...value, label: 'min' },
        { ...value, label: 'max' },
      ];
    case 'exponential':
      return [{ ...value, label: 'mean', positional: false, above: 0 }];
    case 'normal':
      return [
        { ...value, label: 'mean', positional: false },
        { label: 'sd', dimension, min: 0 },
      ];
    case 'lognormal':
      return [
        { ...value, label: 'median', positional: false, above: 0 },
        { label: 'sigma', dimension: 'count', min: 0, max: 5 },
      ];
    case 'zipf':
      return [{ label: 'exponent', dimension: 'count', positional: true, min: 0, max: 10 }];
  }
}

function fromCall(call: Call, context: DistributionContext): Distribution {
  const kind = kindOf(call.name, context);
  if (kind === 'empirical') return empirical(call.args.map(splitEntry(context)), context);
  const values = bindArguments(call, parametersOf(kind, context), example(kind, context));
  return finish(kind, values, context);
}

function fromMapping(raw: Record<string, unknown>, context: DistributionContext): Distribution {
  const keys = Object.keys(raw);
  const [first] = keys;
  if (keys.length > 0 && keys.every((key) => /^[-+.\d]/.test(key))) return weights(raw, context);
  if (first === undefined || keys.length > 1) throw notOne('a mapping', context);
  const kind = kindOf(first, context);
  const inner = raw[first];
  if (kind === 'empirical' && isMapping(inner)) return weights(inner, context);
  if (!isMapping(inner)) {
    return fromCall({ name: first, args: [{ text: String(inner), offset: 0 }] }, context);
  }
  const args = Object.entries(inner).map(([label, value]) => ({
    text: `${label} ${String(value)}`,
    offset: 0,
  }));
  return fromCall({ name: first, args }, context);
}

function weights(raw: Record<string, unknown>, context: DistributionContext): Distribution {
  const entries = Object.entries(raw).map(([value, weight]) => ({
    value: { text: value, offset: 0 },
    weight: { text: String(weight), offset: 0 },
  }));
  return empirical(entries, context);
}

interface Entry {
  readonly value: Argument;
  readonly weight: Argument;
}

function splitEntry(context: DistributionContext): (argument: Argument) => Entry {
  return ({ text, offset }) => {
    const colon = text.indexOf(':');
    if (colon === -1) {
      const remedy = `write \`${example('empirical', context)}\``;
      throw new ValueError(`\`${text}\` has no weight`, remedy, offset);
    }
    const weight = text.slice(colon + 1);
    const start = offset + colon + 1 + Math.max(0, weight.search(/\S/));
    return {
      value: { text: text.slice(0, colon).trim(), offset },
      weight: { text: weight.trim(), offset: start },
    };
  };
}

/** Weights are shares or plain numbers; they are normalised to sum 1. */
function empirical(entries: readonly Entry[], context: DistributionContext): Distribution {
  const usage = `write \`${example('empirical', context)}\``;
  if (entries.length === 0) throw new ValueError('empirical needs values', usage);
  if (entries.length > maxEntries) {
    const message = `empirical has ${entries.length} values`;
    throw new ValueError(message, `give ${maxEntries} values or fewer`);
  }
  const parameter = valueParameter(context);
  const values: number[] = [];
  const weights: number[] = [];
  for (const { value, weight } of entries) {
    const parsed = within(value.offset, () => parseArgument(value.text, parameter));
    if (values.includes(parsed)) {
      throw new ValueError(`\`${value.text}\` is given twice`, 'add its weights', value.offset);
    }
    values.push(parsed);
    weights.push(within(weight.offset, () => parseWeight(weight.text)));
  }
  const sum = weights.reduce((a, b) => a + b, 0);
  if (!Number.isFinite(sum)) throw new ValueError('the weights overflow', 'write smaller weights');
  // Weights that already sum to 1 (but for rounding) are kept, so that printing and reading agree.
  const normal = Math.abs(sum - 1) < 1e-9 ? weights : weights.map((weight) => weight / sum);
  return { kind: 'empirical', values, weights: normal };
}

function parseWeight(text: string): number {
  const weight = parseQuantity(text, 'share');
  if (weight > 0) return weight;
  throw new ValueError(`the weight \`${text}\` is not positive`, 'leave the value out');
}

function finish(
  kind: Exclude<DistributionKind, 'empirical'>,
  values: Readonly<Record<string, number>>,
  context: DistributionContext,
): Distribution {
  if (kind === 'constant') kindOf(kind, context);
  if (kind === 'uniform' && (values['min'] ?? 0) > (values['max'] ?? 0)) {
    const [low, high] = [values['max'] ?? 0, values['min'] ?? 0];
    const right = formatDistribution({ kind, min: low, max: high }, context.dimension);
    throw new ValueError('the least value is above the largest', `write \`${right}\``);
  }
  return { kind, ...values } as Distribution;
}

function kindOf(name: string, context: DistributionContext): DistributionKind {
  const kinds: readonly string[] = context.kinds ?? defaultKinds;
  if (kinds.includes(name)) return name as DistributionKind;
  const likely = nearest(name, kinds) as DistributionKind | undefined;
  const known = (distributionKinds as readonly string[]).includes(name);
  const message = known
    ? `a \`${name}\` distribution makes no sense here`
    : `there is no distribution \`${name}\``;
  const remedy =
    likely === undefined || known
      ? `write one of ${kinds.map((kind) => example(kind as DistributionKind, context)).join(', ')}`
      : `did you mean \`${example(likely, context)}\`?`;
  throw new ValueError(message, remedy);
}

function notOne(given: string, context: DistributionContext): ValueError {
  const [kind = 'constant'] = (context.kinds ?? defaultKinds).filter((one) => one !== 'constant');
  const constant = example('constant', context);
  return new ValueError(
    `${given} is not a distribution`,
    `write a value such as \`${constant}\`, or \`${example(kind, context)}\``,
  );
}

function isMapping(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
