/**
 * The notation `name(argument, label argument, ...)` that distributions and retry policies share.
 * Errors carry the offset inside the text, because a value such as
 * `lognormal(median 50, sigma 0.4)` has several places that can be wrong.
 */
import { type Dimension, formatQuantity, parseQuantity } from './units.ts';
import { ValueError, shown, within } from './value-error.ts';

export interface Argument {
  readonly text: string;
  /** 0-based offset of `text` in the whole value. */
  readonly offset: number;
}

export interface Call {
  readonly name: string;
  readonly args: readonly Argument[];
}

/** One parameter of a kind: its label and dimension, in the order of the notation. */
export interface Parameter {
  readonly label: string;
  readonly dimension: Dimension;
  /** Printed without its label, as in `uniform(1 ms, 5 ms)`. */
  readonly positional?: boolean;
  readonly integer?: boolean;
  /** Inclusive, in base units. */
  readonly min?: number;
  readonly max?: number;
  /** Exclusive lower bound. */
  readonly above?: number;
}

/** Splits `name(a, b)`, or returns undefined when the text is no call at all. */
export function parseCall(text: string, example: string): Call | undefined {
  const head = /^\s*([A-Za-z][\w-]*)\s*(\(|$)/.exec(text);
  if (head === null) return undefined;
  const name = head[1] ?? '';
  if (head[2] === '') return { name, args: [] };
  const close = text.indexOf(')', head[0].length);
  if (close === -1) {
    const remedy = `write \`${example}\`, in quotes if it stands in \`[ ]\``;
    throw new ValueError('a closing `)` is missing', remedy, text.length);
  }
  const rest = text.slice(close + 1);
  if (rest.trim() !== '') {
    throw new ValueError(
      `unexpected \`${rest.trim()}\` after \`)\``,
      'remove what follows the closing `)`',
      close + 1 + rest.search(/\S/),
    );
  }
  return { name, args: splitArguments(text, head[0].length, close) };
}

function splitArguments(text: string, from: number, to: number): Argument[] {
  if (text.slice(from, to).trim() === '') return [];
  let offset = from;
  return text
    .slice(from, to)
    .split(',')
    .map((part) => {
      const argument = { text: part.trim(), offset: offset + Math.max(0, part.search(/\S/)) };
      offset += part.length + 1;
      return argument;
    });
}

/**
 * Values of a call's parameters by label, in base units. Arguments may be given by label in any
 * order, or without labels in the order of `parameters`.
 * @throws ValueError for a missing, surplus, repeated, unknown or malformed argument.
 */
export function bindArguments(
  call: Call,
  parameters: readonly Parameter[],
  example: string,
): Readonly<Record<string, number>> {
  const bound: Record<string, number> = {};
  for (const [index, argument] of call.args.entries()) {
    const { label, text, offset } = splitLabel(argument);
    const parameter =
      label === undefined ? parameters[index] : parameters.find((one) => one.label === label);
    if (parameter === undefined || Object.hasOwn(bound, parameter.label)) {
      const why = label === undefined ? 'one argument too many' : describeLabel(label, parameters);
      throw new ValueError(`${call.name}: ${why}`, `write \`${example}\``, argument.offset);
    }
    bound[parameter.label] = within(offset, () => parseArgument(text, parameter));
  }
  const missing = parameters.filter(({ label }) => !Object.hasOwn(bound, label));
  if (missing.length > 0) {
    const labels = missing.map(({ label }) => `\`${label}\``).join(' and ');
    throw new ValueError(`${call.name} needs ${labels}`, `write \`${example}\``);
  }
  return bound;
}

/** One value of a parameter, with its range. */
export function parseArgument(raw: unknown, parameter: Parameter): number {
  const value = parseQuantity(raw, parameter.dimension);
  const { label, dimension, min, max, above, integer } = parameter;
  const show = (bound: number): string => `\`${formatQuantity(bound, dimension)}\``;
  const given = `${label} ${shown(raw)}`;
  if (above !== undefined && value <= above) {
    throw new ValueError(`${given} is not above ${show(above)}`, `write more than ${show(above)}`);
  }
  if (min !== undefined && value < min) {
    throw new ValueError(`${given} is below ${show(min)}`, `write ${show(min)} or more`);
  }
  if (max !== undefined && value > max) {
    throw new ValueError(`${given} is above ${show(max)}`, `write ${show(max)} or less`);
  }
  if (integer === true && !Number.isSafeInteger(value)) {
    throw new ValueError(`${given} is not a whole number`, `write ${show(Math.round(value))}`);
  }
  return value;
}

/** `name(label value, ...)`, which `parseCall` and `bindArguments` read back exactly. */
export function formatCall(
  name: string,
  parameters: readonly Parameter[],
  values: Readonly<Record<string, unknown>>,
): string {
  const args = parameters.map(({ label, dimension, positional }) => {
    const text = formatQuantity(Number(values[label]), dimension);
    return positional === true ? text : `${label} ${text}`;
  });
  return args.length === 0 ? name : `${name}(${args.join(', ')})`;
}

function splitLabel({ text, offset }: Argument): Argument & { label: string | undefined } {
  const parts = /^([A-Za-z][\w-]*)\s*[ =:]\s*(?=\S)/.exec(text);
  if (parts === null) return { label: undefined, text, offset };
  const length = parts[0].length;
  return { label: parts[1], text: text.slice(length), offset: offset + length };
}

function describeLabel(label: string, parameters: readonly Parameter[]): string {
  if (parameters.some((one) => one.label === label)) return `\`${label}\` is given twice`;
  return `there is no \`${label}\``;
}
