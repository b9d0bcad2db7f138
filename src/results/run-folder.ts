/**
 * The run folder as the experiment writes it: opened new or to resume, one file per finished
 * replication, closed as complete, interrupted or failed. Whatever ends the process, the folder
 * holds whole files only, and the same command goes on where it stopped.
 */
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { diskFiles, withFiles, type Files } from './files.ts';
import { lockFolder, type Lock } from './lock.ts';
import { formatJson, parseJson } from './parse.ts';
import { cellFile } from './read-folder.ts';
import { cellRecordSchema, manifestSchema } from './schemas.ts';
import type { CellRecord, Environment, Manifest, Summary } from './types.ts';

/** What makes a run this run. Everything of the manifest that is known before it starts. */
export type RunIdentity = Omit<Manifest, 'schema' | 'status' | 'wallSeconds'> & {
  /** The workload file as it was read. */
  readonly workloadText: string;
};

export interface OpenOptions {
  /** Throws away a run that is there, instead of resuming or refusing it. */
  readonly force: boolean;
  /** Throws away a run of the same workload whose settings or code have changed. */
  readonly replaceOutdated?: boolean;
  readonly files?: Files;
}

/** What the summary needs of a finished replication; the rest stays on disk. */
export interface Outcome {
  readonly cell: string;
  readonly replication: number;
  readonly seed: number;
  readonly result: Pick<CellRecord['result'], 'metrics' | 'checks' | 'digest' | 'events'>;
}

export interface RunFolder {
  readonly directory: string;
  /** `complete`: every replication is there already. */
  readonly found: 'new' | 'incomplete' | 'complete';
  /** Of the run as it stands: that of a complete one, otherwise that of this process. */
  readonly environment: Environment;
  /** Finished replications found on opening. */
  readonly outcomes: readonly Outcome[];
  /** Writes one finished replication and returns it as the summary will see it. */
  save(record: CellRecord): Outcome;
  /**
   * Writes summary and measurements and marks the run complete.
   * @param wallSeconds of this session; not counted when the run was complete already.
   */
  complete(summary: Summary, measurements: string, wallSeconds: number): void;
  /** Marks the run as stopped. Never throws: it runs while another error is on its way. */
  stop(status: 'interrupted' | 'failed', wallSeconds: number): void;
  /** Lets other processes write the folder. */
  close(): void;
}

/** Everything a run writes, so that starting over removes nothing else. */
const ownFiles = [
  'manifest.json',
  'workload.yaml',
  'summary.json',
  'cells',
  'measurements.csv',
  'report.html',
  'report.md',
  'charts',
];

/**
 * Opens the folder of a run, new or to resume.
 *
 * @throws {UsageError} when the folder holds something else: another workload, other settings,
 *   other code, no run at all, or a run that another process is writing.
 * @throws {DependencyError} when the disk refuses.
 */
export function openRunFolder(
  directory: string,
  identity: RunIdentity,
  options: OpenOptions,
): RunFolder {
  const files = options.files ?? diskFiles;
  withFiles(directory, ', then run the same command', () => files.makeDirectory(directory));
  const lock = lockFolder(directory);
  try {
    const before = readManifest(directory, files);
    const resumes = mayResume(directory, before, identity, options, files);
    if (!resumes) for (const name of ownFiles) files.remove(join(directory, name));
    return new Folder(directory, identity, files, lock, resumes ? before : undefined);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The manifest that is there; undefined when there is none that can be read. */
function readManifest(directory: string, files: Files): Manifest | undefined {
  const path = join(directory, 'manifest.json');
  if (!files.exists(path)) return undefined;
  const parsed = parseJson(
    path,
    withFiles(path, '', () => files.read(path)),
    manifestSchema,
  );
  return parsed.ok ? parsed.value : undefined;
}

/** True to go on with what is there, false to start over. */
function mayResume(
  directory: string,
  before: Manifest | undefined,
  identity: RunIdentity,
  options: OpenOptions,
  files: Files,
): boolean {
  if (before === undefined) {
    refuseForeign(directory, files);
    return false;
  }
  if (options.force) return false;
  const { outdated, text } = difference(before, identity);
  if (text === undefined) return true;
  if (outdated && options.replaceOutdated === true) return false;
  throw new UsageError(
    `${directory} holds ${text}`,
    'Choose another folder with --out, or throw that run away with --force',
  );
}

/** What tells two runs apart, for the message; `outdated` when both are of the same workload. */
function difference(
  before: Manifest,
  now: RunIdentity,
): { outdated: boolean; text: string | undefined } {
  if (before.workload !== now.workload) {
    const text = `a run of workload "${before.workload}", this is "${now.workload}"`;
    return { outdated: false, text };
  }
  if (before.configuration !== now.configuration) {
    const text =
      `a run of "${before.workload}" with other settings:\n` +
      `  there: ${before.command}\n  here:  ${now.command}`;
    return { outdated: true, text };
  }
  if (before.code !== now.code) {
    const made = before.environment.commit ?? `version ${before.environment.stormglass}`;
    return { outdated: true, text: `a run that other code made (${made})` };
  }
  return { outdated: false, text: undefined };
}

/** A folder with files that are not ours is not ours to fill or to empty, not even by force. */
function refuseForeign(directory: string, files: Files): void {
  const names = files.list(directory).filter((name) => !name.startsWith('.'));
  const damaged = names.includes('manifest.json');
  if (names.length === 0 || damaged) return;
  throw new UsageError(
    `${directory} is no run folder and not empty (${names.slice(0, 3).join(', ')})`,
    'Choose another folder with --out',
  );
}

class Folder implements RunFolder {
  readonly directory: string;
  readonly found: 'new' | 'incomplete' | 'complete';
  readonly environment: Environment;
  readonly outcomes: readonly Outcome[];
  readonly #identity: RunIdentity;
  readonly #files: Files;
  readonly #lock: Lock;
  /** Wall seconds of earlier sessions, and when the first began. */
  readonly #earlierSeconds: number;
  readonly #startedAt: string;
  #kept = 0;

  constructor(
    directory: string,
    identity: RunIdentity,
    files: Files,
    lock: Lock,
    before: Manifest | undefined,
  ) {
    this.directory = directory;
    this.#identity = identity;
    this.#files = files;
    this.#lock = lock;
    this.#earlierSeconds = before?.wallSeconds ?? 0;
    this.#startedAt = before?.startedAt ?? identity.startedAt;
    this.outcomes = this.#readOutcomes();
    this.#kept = this.outcomes.length;
    const all = identity.cells.length * identity.replications;
    const whole = this.#kept === all && before?.status === 'complete';
    this.found = whole ? 'complete' : before === undefined ? 'new' : 'incomplete';
    this.environment = whole ? before.environment : identity.environment;
    this.#guard('cells', () => files.makeDirectory(join(directory, 'cells')));
    this.#write('workload.yaml', identity.workloadText);
    if (!whole) this.#writeManifest('running', this.#earlierSeconds);
  }

  save(record: CellRecord): Outcome {
    this.#write(cellFile(record.cell, record.replication), `${JSON.stringify(record)}\n`);
    this.#kept += 1;
    return outcomeOf(record);
  }

  complete(summary: Summary, measurements: string, wallSeconds: number): void {
    this.#write('summary.json', formatJson(summary));
    this.#write('measurements.csv', measurements);
    const added = this.found === 'complete' ? 0 : wallSeconds;
    this.#writeManifest('complete', this.#earlierSeconds + added);
  }

  stop(status: 'interrupted' | 'failed', wallSeconds: number): void {
    try {
      this.#writeManifest(status, this.#earlierSeconds + wallSeconds);
    } catch {
      // The disk may be what failed. A manifest that says `running` without a lock resumes as well.
    }
  }

  close(): void {
    this.#lock.release();
  }

  /** What is there and fits; a damaged or foreign file counts as missing and is made again. */
  #readOutcomes(): Outcome[] {
    const outcomes: Outcome[] = [];
    for (const { id, parameters } of this.#identity.cells) {
      for (let replication = 0; replication < this.#identity.replications; replication += 1) {
        const path = join(this.directory, cellFile(id, replication));
        if (!this.#files.exists(path)) continue;
        const text = withFiles(path, '', () => this.#files.read(path));
        const parsed = parseJson(path, text, cellRecordSchema);
        if (!parsed.ok) continue;
        const record = parsed.value;
        const fits = record.cell === id && record.replication === replication;
        if (fits && JSON.stringify(record.parameters) === JSON.stringify(parameters)) {
          outcomes.push(outcomeOf(record));
        }
      }
    }
    return outcomes;
  }

  #writeManifest(status: Manifest['status'], wallSeconds: number): void {
    const { workloadText: _, ...identity } = this.#identity;
    const manifest: Manifest = {
      schema: 'stormglass.manifest/1',
      ...identity,
      environment: this.environment,
      startedAt: this.#startedAt,
      status,
      wallSeconds: Math.round(wallSeconds * 1000) / 1000,
    };
    this.#write('manifest.json', formatJson(manifest));
  }

  #write(name: string, text: string): void {
    this.#guard(name, () => this.#files.write(join(this.directory, name), text));
  }

  #guard(name: string, action: () => void): void {
    const all = this.#identity.cells.length * this.#identity.replications;
    const then =
      `; ${this.#kept} of ${all} replications are kept in ${this.directory}. ` +
      `Resume with: ${this.#identity.command}`;
    withFiles(join(this.directory, name), then, action);
  }
}

function outcomeOf(record: CellRecord): Outcome {
  const { metrics, checks, digest, events } = record.result;
  const { cell, replication, seed } = record;
  return { cell, replication, seed, result: { metrics, checks, digest, events } };
}
