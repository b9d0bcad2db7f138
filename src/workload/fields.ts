/**
 * Building blocks of the schema: a field is a zod schema that turns what the file says into base
 * units, together with the sentence, default, unit and range that the JSON Schema, the reference
 * page and the remedies of errors are made of.
 */
import * as z from 'zod';
import type { Parameter } from './call.ts';
import { parseArgument } from './call.ts';
import {
  type DistributionContext,
  distributionKinds,
  example,
  parseDistribution,
} from './distribution.ts';
import { parseRetryPolicy, retryExample, retryKinds } from './retry.ts';
import { nearest } from './suggest.ts';
import type { Distribution, RetryPolicy } from './types.ts';
import { type Dimension, dimensions, formatQuantity, quantityPattern } from './units.ts';
import { ValueError, shown } from './value-error.ts';

export interface FieldInfo {
  /** One word or two: `duration`, `distribution of sizes`, `choice`. */
  readonly type: string;
  /** Base unit of the parsed value; empty for none. */
  readonly unit: string;
  /** Admitted values in words; empty when the type says it all. */
  readonly range: string;
  readonly description: string;
  /** JSON Schema keywords, `description` and `default` aside. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Documentation of every field and section, by its schema. */
export const fieldInfo = z.registry<FieldInfo>();

/** A schema from a parser that throws `ValueError`. */
function field<T>(parse: (raw: unknown) => T, info: FieldInfo) {
  const schema = z.unknown().transform((raw, context): T => {
    try {
      if (raw === undefined) throw new ValueError('is missing', `add it: ${info.description}`);
      if (raw === null) throw new ValueError('is empty', 'give a value, or leave the key out');
      return parse(raw);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      const place = error.offset === undefined ? '' : `character ${error.offset + 1}: `;
      context.issues.push({
        code: 'custom',
        message: `${place}${error.message}`,
        params: { remedy: error.remedy },
        input: raw,
      });
      return z.NEVER;
    }
  });
  return schema.register(fieldInfo, info);
}

interface Range {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
}

/** A number in the base unit of `dimension`. */
export function quantity(dimension: Dimension, description: string, range: Range = { min: 0 }) {
  const parameter: Parameter = { label: 'the value', dimension, ...range };
  return field((raw) => parseArgument(raw, parameter), {
    type: dimensions[dimension].noun.replace(/^an? /, ''),
    unit: dimensions[dimension].base,
    range: describeRange(dimension, range),
    description,
    json: quantityJson(dimension, range),
  });
}

/** A whole number; strings with `_` between digits are read too (`100_000`). */
export function integer(description: string, range: { min: number; max: number }) {
  const parameter: Parameter = {
    label: 'the value',
    dimension: 'count',
    integer: true,
    ...range,
  };
  return field((raw) => parseArgument(raw, parameter), {
    type: 'whole number',
    unit: '',
    range: describeRange('count', range),
    description,
    json: {
      type: ['integer', 'string'],
      minimum: range.min,
      maximum: range.max,
      pattern: String.raw`^\d[\d_]*$`,
    },
  });
}

/** A whole number or a word for infinity. */
export function integerOr(word: string, description: string, range: { min: number; max: number }) {
  const number = integer(description, range);
  const parameter: Parameter = { label: 'the value', dimension: 'count', integer: true, ...range };
  const info = fieldInfo.get(number);
  return field((raw) => (raw === word ? Infinity : parseArgument(raw, parameter)), {
    type: `whole number or \`${word}\``,
    unit: '',
    range: info?.range ?? '',
    description,
    json: {
      type: ['integer', 'string'],
      minimum: range.min,
      maximum: range.max,
      pattern: `^(${word}|\\d[\\d_]*)$`,
    },
  });
}

/** A probability or proportion: `0.95` or `95 %`. */
export function share(description: string, range: Range = { min: 0, max: 1 }) {
  return quantity('share', description, range);
}

export function distribution(description: string, context: DistributionContext) {
  const kinds = context.kinds ?? distributionKinds.filter((kind) => kind !== 'zipf');
  const { noun, base, bare } = dimensions[context.dimension];
  const { min = 0, max } = context;
  return field((raw): Distribution => parseDistribution(raw, context), {
    type: `distribution of ${noun.replace(/^an? /, '')}s`,
    unit: base,
    range: `values ${describeRange(context.dimension, { min, ...(max === undefined ? {} : { max }) })}`,
    description,
    json: {
      type: bare ? ['number', 'string', 'object'] : ['string', 'object'],
      pattern: `^\\s*(?:${quantityPattern(context.dimension)}|(?:${kinds.join('|')})\\(.*\\))\\s*$`,
      examples: kinds.map((kind) => example(kind, context)),
    },
  });
}

export function retryPolicy(description: string) {
  return field((raw): RetryPolicy => parseRetryPolicy(raw), {
    type: 'retry policy',
    unit: '',
    range: '',
    description,
    json: {
      type: 'string',
      pattern: `^\\s*(?:none|(?:${retryKinds.join('|')})\\s*\\(.*\\))\\s*$`,
      examples: retryKinds.map(retryExample),
    },
  });
}

/** One of a list of words. */
export function choice<const Word extends string>(words: readonly Word[], description: string) {
  return field((raw): Word => parseChoice(raw, words), {
    type: 'choice',
    unit: '',
    range: words.map((word) => `\`${word}\``).join(', '),
    description,
    json: { enum: words },
  });
}

/** @throws ValueError listing the words, and the nearest one. */
export function parseChoice<Word extends string>(raw: unknown, words: readonly Word[]): Word {
  const found = words.find((word) => word === raw);
  if (found !== undefined) return found;
  const likely = typeof raw === 'string' ? nearest(raw, words) : undefined;
  const list = words.map((word) => `\`${word}\``).join(', ');
  const hint = likely === undefined ? '' : `did you mean \`${likely}\`? `;
  const remedy = words.length === 1 ? `write ${list}` : `${hint}write one of ${list}`;
  throw new ValueError(`${shown(raw)} is not a known value`, remedy);
}

export interface TextPattern {
  readonly test: RegExp;
  /** What is wrong with a text that fails: `is no file name`. */
  readonly wrong: string;
  /** What to write. */
  readonly words: string;
}

/** Text of at least one letter. */
export function text(description: string, pattern?: TextPattern) {
  return field((raw) => parseText(raw, pattern), {
    type: 'text',
    unit: '',
    range: pattern?.words ?? '',
    description,
    json: { type: 'string', minLength: 1, ...(pattern && { pattern: pattern.test.source }) },
  });
}

function parseText(raw: unknown, pattern: TextPattern | undefined): string {
  if (typeof raw === 'number' || typeof raw === 'boolean') return parseText(String(raw), pattern);
  if (typeof raw !== 'string') throw new ValueError(`${shown(raw)} is not a text`, 'write a text');
  const value = raw.trim();
  if (value === '') throw new ValueError('the text is empty', 'write a text');
  if (pattern !== undefined && !pattern.test.test(value)) {
    throw new ValueError(`${shown(value)} ${pattern.wrong}`, `write ${pattern.words}`);
  }
  return value;
}

/** A list of fields or mappings. */
export function list<Item extends z.ZodType>(
  item: Item,
  description: string,
  { min = 0, max = 100 }: { min?: number; max?: number } = {},
) {
  const schema = z.array(item).min(min).max(max);
  const range = `${min === 0 ? 'up' : `${min}`} to ${max} items`;
  return schema.register(fieldInfo, { type: 'list', unit: '', range, description, json: {} });
}

/** A field with a parser of its own. */
export function special<T>(parse: (raw: unknown) => T, info: FieldInfo) {
  return field(parse, info);
}

function quantityJson(dimension: Dimension, { min, max }: Range): Record<string, unknown> {
  const { bare, example } = dimensions[dimension];
  const pattern = `^\\s*${quantityPattern(dimension)}\\s*$`;
  if (!bare) return { type: 'string', pattern, examples: [example] };
  return {
    type: ['number', 'string'],
    pattern,
    ...(min !== undefined && { minimum: min }),
    ...(max !== undefined && { maximum: max }),
  };
}

function describeRange(dimension: Dimension, { min, max, above }: Range): string {
  const show = (bound: number): string => formatQuantity(bound, dimension);
  const low = above === undefined ? `from ${show(min ?? 0)}` : `above ${show(above)}`;
  return max === undefined ? low : `${low} to ${show(max)}`;
}
