/** Reading finished folders, for reports and for whoever comes later. Nothing here writes. */
import { join } from 'node:path';
import type { z } from 'zod';
import { UsageError, ValidationError, type Problem } from '../errors.ts';
import { diskFiles, withFiles, type Files } from './files.ts';
import { parseJson } from './parse.ts';
import { cellRecordSchema, manifestSchema, suiteSchema, summarySchema } from './schemas.ts';
import type { CellRecord, Manifest, Suite, Summary } from './types.ts';

export interface RunFolderContent {
  readonly directory: string;
  readonly manifest: Manifest;
  readonly summary: Summary;
  /** The workload file as it was read, before `manifest.overrides`. */
  readonly workloadText: string;
  /** By cell in the order of the manifest, then by replication. */
  readonly records: readonly CellRecord[];
}

/** File of one replication of one cell, relative to the run folder. */
export function cellFile(cell: string, replication: number): string {
  return join('cells', `${cell}.r${replication}.json`);
}

/** What kind of folder it is, by its files. */
export function folderKind(directory: string, files: Files = diskFiles): 'run' | 'suite' | 'none' {
  if (files.exists(join(directory, 'manifest.json'))) return 'run';
  return files.exists(join(directory, 'suite.json')) ? 'suite' : 'none';
}

/**
 * Reads a complete run folder.
 *
 * @throws {UsageError} when it is no run folder or the run has not finished.
 * @throws {ValidationError} with all that is missing or wrong in its files.
 */
export function readRunFolder(directory: string, files: Files = diskFiles): RunFolderContent {
  if (folderKind(directory, files) !== 'run') {
    throw new UsageError(
      `${directory} is no run folder: it has no manifest.json`,
      'Name a folder that `stormglass run` wrote',
    );
  }
  const problems: Problem[] = [];
  const read = <T>(name: string, schema: z.ZodType<T>): T | undefined =>
    readFile({ directory, name, schema, files, problems });
  const manifest = read('manifest.json', manifestSchema);
  if (manifest !== undefined && manifest.status !== 'complete') {
    throw new UsageError(
      `${directory}: the run is not complete (${manifest.status})`,
      `Finish it with: ${manifest.command}`,
    );
  }
  const summary = read('summary.json', summarySchema);
  const workloadText = readText({ directory, name: 'workload.yaml', files, problems });
  const records = tasksOf(manifest).map(({ cell, replication }) =>
    read(cellFile(cell, replication), cellRecordSchema),
  );
  if (manifest === undefined || summary === undefined || workloadText === undefined) {
    throw new ValidationError(problems);
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return {
    directory,
    manifest,
    summary,
    workloadText,
    records: records.filter((record) => record !== undefined),
  };
}

/** @throws {ValidationError} when suite.json is missing or wrong. */
export function readSuite(directory: string, files: Files = diskFiles): Suite {
  const problems: Problem[] = [];
  const suite = readFile({ directory, name: 'suite.json', schema: suiteSchema, files, problems });
  if (suite === undefined) throw new ValidationError(problems);
  return suite;
}

function tasksOf(manifest: Manifest | undefined): { cell: string; replication: number }[] {
  if (manifest === undefined) return [];
  return manifest.cells.flatMap(({ id }) =>
    Array.from({ length: manifest.replications }, (_, replication) => ({ cell: id, replication })),
  );
}

interface Place {
  readonly directory: string;
  readonly name: string;
  readonly files: Files;
  readonly problems: Problem[];
}

function readFile<T>(place: Place & { readonly schema: z.ZodType<T> }): T | undefined {
  const text = readText(place);
  if (text === undefined) return undefined;
  const parsed = parseJson(join(place.directory, place.name), text, place.schema);
  if (parsed.ok) return parsed.value;
  place.problems.push(...parsed.problems);
  return undefined;
}

function readText({ directory, name, files, problems }: Place): string | undefined {
  const path = join(directory, name);
  if (files.exists(path)) return withFiles(path, '', () => files.read(path));
  problems.push({ file: path, message: 'is missing', remedy: 'run the workload again' });
  return undefined;
}
