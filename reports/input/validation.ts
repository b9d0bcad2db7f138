/** validation.json: what `stormglass validate` found. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { UsageError, ValidationError } from '../../src/errors.ts';
import type { Environment } from '../../src/results/types.ts';

const number = z.number();

const environment: z.ZodType<Environment> = z.object({
  stormglass: z.string(),
  commit: z.string().nullable(),
  node: z.string(),
  platform: z.string(),
  cpu: z.string(),
  cores: number,
  memoryBytes: number,
  calibration: z.object({ name: z.string(), sha256: z.string() }),
});

const schema = z.object({
  schema: z.literal('stormglass.validation/1'),
  cases: z.array(
    z.object({
      name: z.string(),
      group: z.string(),
      expected: number,
      /** Null when a replication gave no number. */
      actual: number.nullable(),
      interval: z.tuple([number, number]).nullable(),
      tolerance: number,
      verdict: z.enum(['ok', 'violated', 'unknown']),
      source: z.string(),
      unit: z.string().optional(),
      n: number.optional(),
    }),
  ),
  seed: number.optional(),
  environment,
});

export type Validation = z.infer<typeof schema>;
export type ValidationCase = Validation['cases'][number];

/**
 * @throws {UsageError} when the folder has no validation.json.
 * @throws {ValidationError} when it is damaged.
 */
export function readValidation(directory: string): Validation {
  const file = path.join(directory, 'validation.json');
  const parsed = schema.safeParse(parseFile(file));
  if (parsed.success) return parsed.data;
  throw new ValidationError(
    parsed.error.issues.map((issue) => ({
      file,
      path: issue.path.join('.'),
      message: issue.message,
      remedy: 'run `stormglass validate` again',
    })),
  );
}

function parseFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `Cannot read ${file}.`,
      'Name a folder that `stormglass validate` wrote.',
      { cause: error },
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ValidationError([
      { file, message: `is not JSON: ${message}`, remedy: 'run `stormglass validate` again' },
    ]);
  }
}
