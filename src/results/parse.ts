/** From JSON text to a typed file of the run folder, with every problem named by its path. */
import type { z } from 'zod';
import type { Problem } from '../errors.ts';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const remedy = 'run the workload again, or restore the file';

/** @param file name for messages. */
export function parseJson<T>(file: string, text: string, schema: z.ZodType<T>): Parsed<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const message = `is not JSON: ${(error as Error).message}`;
    return { ok: false, problems: [{ file, message, remedy }] };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = parsed.error.issues.map((issue) => ({
    file,
    path: issue.path.join('.'),
    message: issue.message,
    remedy,
  }));
  return { ok: false, problems };
}

/** JSON as we write it: two spaces, keys in the order of the value, newline at the end. */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
