/** JSON Schema of workload files, for editors: completion, hints and patterns of united values. */
import * as z from 'zod';
import { fieldInfo } from './fields.ts';
import { type Field, sweepable } from './paths.ts';
import { workloadSchema } from './schema.ts';

type Json = Record<string, unknown>;

/**
 * The schema as draft 7, which is what YAML language servers know best. Swept paths are listed one
 * by one, so that an editor completes them and checks each value like the field itself.
 */
export function workloadJsonSchema(): Json {
  const schema = z.toJSONSchema(workloadSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const info = fieldInfo.get(zodSchema as unknown as z.ZodType);
      if (info !== undefined) Object.assign(jsonSchema, keywords(info));
    },
  }) as Json;
  const properties = schema['properties'] as Json;
  properties['vary'] = { ...(properties['vary'] as Json), ...varySchema() };
  return { ...schema, title: 'Stormglass workload' };
}

/** The text of `workloads/schema.json`. */
export function workloadJsonSchemaText(): string {
  return `${JSON.stringify(workloadJsonSchema(), null, 2)}\n`;
}

function keywords({ description, unit, range, json }: Field['info']): Json {
  const facts = [unit === '' ? '' : `Base unit: ${unit}.`, range === '' ? '' : `Range: ${range}.`];
  return { description: [description, ...facts].filter(Boolean).join(' '), ...json };
}

function varySchema(): Json {
  const lists = [...sweepable].map(([path, { info }]): [string, Json] => [
    path,
    { type: 'array', minItems: 1, items: keywords(info) },
  ]);
  return {
    description:
      'What to vary: a list of grids, each a mapping from paths to the values that they take; ' +
      'the cells of the workload are all combinations in each grid.',
    items: {
      type: 'object',
      properties: Object.fromEntries(lists),
      additionalProperties: false,
    },
  };
}
