/** Every field of the schema by its path: what `vary`, `--set` and the reference page look up. */
import type * as z from 'zod';
import { type FieldInfo, fieldInfo } from './fields.ts';
import { workloadSchema } from './schema.ts';

export interface Field {
  /** `population.clients`; items of a list have `[]`: `expect[].metric`. */
  readonly path: string;
  readonly info: FieldInfo;
  /** Reads one value, without the default. */
  readonly schema: z.ZodType;
  /** What the file may leave out stands for this; undefined when there is none. */
  readonly fallback: unknown;
  readonly optional: boolean;
}

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly defaultValue?: unknown;
}

function definitionOf(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

function* walk(schema: z.ZodType, path: string, around: Partial<Field> = {}): Generator<Field> {
  const info = fieldInfo.get(schema);
  const definition = definitionOf(schema);
  if (definition.type === 'default' || definition.type === 'prefault') {
    const inner = definition.innerType ?? schema;
    yield* walk(inner, path, { fallback: definition.defaultValue, optional: true });
  } else if (definition.type === 'optional' && definition.innerType !== undefined) {
    yield* walk(definition.innerType, path, { ...around, optional: true });
  } else if (definition.shape !== undefined) {
    if (info !== undefined && path !== '') yield fieldOf(schema, path, info, around);
    for (const [key, inner] of Object.entries(definition.shape)) {
      yield* walk(inner, path === '' ? key : `${path}.${key}`);
    }
  } else if (definition.type === 'array' && definition.element !== undefined) {
    if (info !== undefined) yield fieldOf(schema, path, info, around);
    yield* walk(definition.element, `${path}[]`);
  } else if (info !== undefined) {
    yield fieldOf(schema, path, info, around);
  } else if (definition.type === 'pipe' && definition.in !== undefined) {
    yield* walk(definition.in, path, around);
  }
}

function fieldOf(schema: z.ZodType, path: string, info: FieldInfo, around: Partial<Field>): Field {
  const { fallback, optional = false } = around;
  return { path, info, schema, fallback, optional };
}

/** In the order of the schema, sections before their fields. */
export const fields: ReadonlyMap<string, Field> = new Map(
  [...walk(workloadSchema, '')].map((field) => [field.path, field] as const),
);

const fixed = new RegExp(
  '^(name|scenario|question|hypothesis|sources|tiers|seed|replications|measure|vary|expect|' +
    'findings|charts)\\b',
);

/** Paths that `vary` may name: what describes the world and not the bookkeeping of the run. */
export const sweepable: ReadonlyMap<string, Field> = new Map(
  [...fields].filter(([path, { info }]) => info.type !== 'section' && !fixed.test(path)),
);

/** Keys that a mapping at `path` (with `[]` for items) may have. */
export function keysAt(path: string): readonly string[] {
  const prefix = path === '' ? '' : `${path}.`;
  const keys = [...fields.keys()]
    .filter((known) => known.startsWith(prefix) && known !== path)
    .map((known) => known.slice(prefix.length).split(/[.[]/)[0] ?? '');
  return [...new Set(keys)];
}
