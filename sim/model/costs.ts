/**
 * What an operation costs. A calibration gives for each operation, and where it matters for each
 * suite, `a + b log2(n) + c n` nanoseconds on one core, and the sizes that no standard fixes. Each
 * figure names its source. `reference` is committed, so that results do not depend on the reader's
 * machine; a path selects a calibration measured elsewhere.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DependencyError, ValidationError, type Problem } from '../../src/errors.ts';
import { suiteIds, type SuiteId } from '../../src/suites/ids.ts';
import { log2 } from '../kernel/math.ts';

/** Operations that a calibration must price. */
export const operations = [
  'parse-request',
  'reencode-request',
  'verify-signature',
  'hpke-open',
  'hpke-seal',
  'queue-encrypt',
  'store-read',
  'store-write',
  'load-group-state',
  'store-group-state',
  'validate-commit',
  'validate-adds',
  'process-commit',
  'join-group',
  'create-commit',
  'encrypt-message',
  'decrypt-message',
] as const;
export type Operation = (typeof operations)[number];

/** Sizes in bytes that the model needs beyond those of MLS itself. */
export const sizeNames = [
  'request-overhead',
  'sealed-config',
  'plain-config',
  'queue-entry-overhead',
  'acknowledgement',
  'receipt',
] as const;
export type SizeName = (typeof sizeNames)[number];

const source = z.string().min(10, 'name the library or publication, its version and the machine');
const costSchema = z.strictObject({
  a: z.number().nonnegative(),
  b: z.number().nonnegative(),
  c: z.number().nonnegative(),
  source,
});
const operationSchema = z.strictObject({
  /** What n counts, such as `members`; `unused` when b = c = 0. */
  n: z.string(),
  side: z.enum(['server', 'client']),
  /** One entry per suite, or `any`. */
  costs: z.partialRecord(z.enum([...suiteIds, 'any']), costSchema),
});
const sizeSchema = z.strictObject({ bytes: z.int().nonnegative(), source });
const calibrationSchema = z.strictObject({
  schema: z.literal('stormglass.calibration/1'),
  name: z.string(),
  description: z.string(),
  operations: z.record(z.enum(operations), operationSchema),
  sizes: z.record(z.enum(sizeNames), sizeSchema),
});

export type Calibration = z.infer<typeof calibrationSchema>;

const referencePath = new URL('./calibration/reference.json', import.meta.url);

/** Calibrations known by name. */
export const calibrationPaths: Readonly<Record<string, URL>> = { reference: referencePath };

/**
 * Reads a calibration by name or path.
 *
 * @throws {DependencyError} when the file cannot be read
 * @throws {ValidationError} naming every wrong or missing figure
 */
export function loadCalibration(nameOrPath: string): Calibration {
  const place = calibrationPaths[nameOrPath] ?? nameOrPath;
  let text: string;
  try {
    text = readFileSync(place, 'utf8');
  } catch (error) {
    throw new DependencyError(
      `cannot read the calibration "${nameOrPath}"`,
      `give a path, or one of: ${Object.keys(calibrationPaths).join(', ')}`,
      { cause: error },
    );
  }
  return parseCalibration(text, nameOrPath);
}

/** @throws {ValidationError} naming every wrong or missing figure */
export function parseCalibration(text: string, file: string): Calibration {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ValidationError([{ file, message: `not JSON: ${message}` }]);
  }
  const parsed = calibrationSchema.safeParse(data);
  if (!parsed.success) {
    throw new ValidationError(
      parsed.error.issues.map((issue) => ({
        file,
        path: issue.path.join('.'),
        message: issue.message,
        remedy: 'sim/model/calibration/reference.json shows the form',
      })),
    );
  }
  const holes = missingSuites(parsed.data, file);
  if (holes.length > 0) throw new ValidationError(holes);
  return parsed.data;
}

/** Every operation must have a price for every suite. */
function missingSuites(calibration: Calibration, file: string): Problem[] {
  return operations.flatMap((operation) => {
    const { costs } = calibration.operations[operation];
    if (costs.any !== undefined) return [];
    return suiteIds
      .filter((suite) => costs[suite] === undefined)
      .map((suite) => ({
        file,
        path: `operations.${operation}.costs`,
        message: `no cost for suite ${suite}`,
        remedy: `add "${suite}", or "any" for all suites`,
      }));
  });
}

/** One operation's price, compiled for a suite and a machine's slowdown. */
export class Cost {
  readonly a: number;
  readonly b: number;
  readonly c: number;

  constructor(a: number, b: number, c: number) {
    this.a = a;
    this.b = b;
    this.c = c;
  }

  /** Integer nanoseconds for size n >= 1 (n >= 0 when b is 0). */
  at(n: number): number {
    const growth = this.b === 0 ? 0 : this.b * log2(n);
    return Math.round(this.a + growth + this.c * n);
  }
}

/**
 * Price of an operation in one suite.
 *
 * @param slowdown - factor on the time, 2 = half as fast as the calibration's machine
 */
export function costOf(
  calibration: Calibration,
  operation: Operation,
  suite: SuiteId,
  slowdown: number,
): Cost {
  const { costs } = calibration.operations[operation];
  const entry = costs[suite] ?? costs.any;
  if (entry === undefined) {
    throw new ValidationError([
      { file: calibration.name, path: `operations.${operation}`, message: `no cost for ${suite}` },
    ]);
  }
  return new Cost(entry.a * slowdown, entry.b * slowdown, entry.c * slowdown);
}

/** A size in bytes. */
export function sizeOf(calibration: Calibration, name: SizeName): number {
  return calibration.sizes[name].bytes;
}
