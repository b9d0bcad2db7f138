import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DependencyError, UsageError } from '../../src/errors.ts';
import { diskFiles, type Files } from '../../src/results/files.ts';
import { readRunFolder } from '../../src/results/read-folder.ts';
import type { Manifest } from '../../src/results/types.ts';
import { Interrupted, TaskError, taskFailure, toPortable } from './failure.ts';
import { runSmall, small, temporaryFolder } from './testdata/small.ts';

let directory: string;
beforeEach(() => {
  directory = temporaryFolder();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');
const manifestOf = (folder: string): Manifest => JSON.parse(read(folder, 'manifest.json'));
const sub = (name: string): string => join(directory, name);

/** Aborts after the given number of finished tasks. */
function abortAfter(tasks: number): { signal: AbortSignal; observer: { finished(): void } } {
  const controller = new AbortController();
  let left = tasks;
  const finished = (): void => {
    left -= 1;
    if (left === 0) controller.abort('SIGINT');
  };
  return { signal: controller.signal, observer: { finished } };
}

describe('an experiment', () => {
  test('writes every file of a run folder, and they read back', async () => {
    const summary = await runSmall(small([2, 5]), { directory });
    const content = readRunFolder(directory);
    expect(content.summary).toEqual(summary);
    expect(content.manifest.status).toBe('complete');
    expect(content.records.map(({ cell, replication }) => `${cell}.r${replication}`)).toEqual(
      content.manifest.cells.flatMap(({ id }) => [0, 1, 2].map((r) => `${id}.r${r}`)),
    );
    expect(readdirSync(join(directory, 'cells'))).toHaveLength(6);
    expect(read(directory, 'measurements.csv').split('\r\n')).toHaveLength(6 * 2 + 2);
    expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('gives the same bytes on any number of jobs and workers', async () => {
    const shapes = [
      [1, 1],
      [2, 1],
      [4, 3],
    ] as const;
    for (const [jobs, workers] of shapes) {
      await runSmall(small([2, 5, 9]), { directory: sub(`${jobs}`), jobs, workers });
    }
    const [first, ...others] = shapes.map(([jobs]) => read(sub(`${jobs}`), 'summary.json'));
    for (const other of others) expect(other).toBe(first);
    expect(read(sub('4'), 'measurements.csv')).toBe(read(sub('1'), 'measurements.csv'));
  });

  test('uses one seed per replication in all cells (common random numbers)', async () => {
    await runSmall(small([2, 5]), { directory });
    const seeds = readRunFolder(directory).records.map(({ replication, seed }) => [
      replication,
      seed,
    ]);
    const distinct = new Set(seeds.map(([, seed]) => seed));
    expect(new Set(seeds.map((pair) => pair.join(':'))).size).toBe(3);
    expect(distinct.size).toBe(3);
  });

  test.each([1, 3, 5])('stopped after %i tasks, resumes only the rest', async (tasks) => {
    const experiment = small([2, 5]);
    await runSmall(experiment, { directory: sub('whole') });
    const stop = abortAfter(tasks);
    const stopped = runSmall(experiment, { directory: sub('parts'), jobs: 1, ...stop });
    await expect(stopped).rejects.toBeInstanceOf(Interrupted);
    expect(manifestOf(sub('parts')).status).toBe('interrupted');
    expect(readdirSync(join(sub('parts'), 'cells'))).toHaveLength(tasks);
    expect(existsSync(join(sub('parts'), 'summary.json'))).toBe(false);
    let ran = 0;
    const observer = { finished: () => (ran += 1) };
    await runSmall(experiment, { directory: sub('parts'), observer });
    expect(ran).toBe(6 - tasks);
    for (const name of ['summary.json', 'measurements.csv']) {
      expect(read(sub('parts'), name)).toBe(read(sub('whole'), name));
    }
  });

  test('an abort ends a task that never yields', async () => {
    const controller = new AbortController();
    const observer = { progress: () => controller.abort('SIGINT') };
    const { signal } = controller;
    const run = runSmall(small([14]), { directory, observer, signal });
    await expect(run).rejects.toBeInstanceOf(Interrupted);
    expect(manifestOf(directory).status).toBe('interrupted');
  });

  test('an abort before the start runs nothing', async () => {
    const run = runSmall(small([2]), { directory, signal: AbortSignal.abort('SIGTERM') });
    await expect(run).rejects.toBeInstanceOf(Interrupted);
    expect(readdirSync(join(directory, 'cells'))).toEqual([]);
  });

  test('a damaged cell file is made again', async () => {
    const experiment = small([2]);
    await runSmall(experiment, { directory });
    const before = read(directory, 'summary.json');
    const [file = ''] = readdirSync(join(directory, 'cells'));
    writeFileSync(join(directory, 'cells', file), '{"schema":');
    let ran = 0;
    await runSmall(experiment, { directory, observer: { finished: () => (ran += 1) } });
    expect(ran).toBe(1);
    expect(read(directory, 'summary.json')).toBe(before);
  });

  test('a complete run runs nothing, but takes edited expectations', async () => {
    await runSmall(small([2]), { directory });
    const expectation = `expect:
  - { metric: rejected_share, max: 10 %, because: it should fail }`;
    const edited = small([2], expectation);
    const same = { ...edited, identity: { ...edited.identity, ...configurationOf([2]) } };
    let ran = 0;
    const summary = await runSmall(same, { directory, observer: { finished: () => (ran += 1) } });
    expect(ran).toBe(0);
    expect(summary.verdict).toBe('violated');
    expect(read(directory, 'workload.yaml')).toContain('it should fail');
  });

  test('force runs everything again', async () => {
    await runSmall(small([2]), { directory });
    let ran = 0;
    const observer = { finished: () => (ran += 1) };
    await runSmall(small([2]), { directory, force: true, observer });
    expect(ran).toBe(3);
  });
});

const configurationOf = (contenders: readonly number[]): { configuration: string } => ({
  configuration: small(contenders).identity.configuration,
});

describe('a failing task', () => {
  async function failureOf(contenders: number): Promise<Error> {
    // The blocked task 14 shows that the others are stopped and not waited for.
    const run = runSmall(small([2, contenders, 14]), { directory, jobs: 3 });
    return run.then(
      () => expect.unreachable(),
      (error: unknown) => error as Error,
    );
  }

  test('names cell, replication, seed and the command that shows it again', async () => {
    const error = await failureOf(13);
    expect(error).toBeInstanceOf(TaskError);
    expect(error.message).toMatch(
      /^contenders-13\.\w+\.r\d \(seed \d+\) crashed: Error: the model/,
    );
    expect(error.message).toMatch(/stormglass run small.yaml --only contenders-13\.\w+\.r\d$/);
    expect(error.stack).toMatch(/fake-model\.ts/);
    expect(manifestOf(directory).status).toBe('failed');
  });

  test('that is the fault of the user stays a UsageError with its remedy', async () => {
    const error = await failureOf(16);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(/contenders-16.*no such region/);
    expect((error as UsageError).remedy).toBe('Use EU');
  });

  test('that ends its thread ends the run, never a hang', async () => {
    expect((await failureOf(17)).message).toMatch(/contenders-17.*ended with code 3/);
  });

  test('that returns a NaN is named with the metric', async () => {
    const error = await failureOf(15);
    expect(error).toBeInstanceOf(TaskError);
    expect(error.message).toMatch(/contenders-15.*\n.*metrics\.rejected_share/);
  });

  test('for want of memory says what to do', () => {
    const { cells } = small([2]);
    const task = { cell: cells[0] ?? expect.unreachable(), replication: 1, seed: 7 };
    const outOfMemory = Object.assign(new Error('reached heap limit'), {
      code: 'ERR_WORKER_OUT_OF_MEMORY',
    });
    for (const error of [outOfMemory, new RangeError('Array buffer allocation failed')]) {
      const failure = taskFailure(task, toPortable(error), 'npx stormglass run x --only y');
      expect(failure).toBeInstanceOf(DependencyError);
      expect((failure as DependencyError).remedy).toMatch(/fewer --jobs.*run x --only y$/);
    }
  });

  test('keeps what was complete, and goes on from there', async () => {
    const run = runSmall(small([2, 13]), { directory, jobs: 1 });
    await expect(run).rejects.toThrow(/contenders-13/);
    expect(readdirSync(join(directory, 'cells'))).toHaveLength(1);
  });
});

describe('a disk that refuses', () => {
  /** A disk with room for a number of cell files. */
  function fullAfter(cells: number): Files {
    let left = cells;
    return {
      ...diskFiles,
      write(path, text) {
        if (path.includes('cells') && left-- <= 0) {
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        }
        diskFiles.write(path, text);
      },
    };
  }

  test('full: says what is kept and how to resume; then it resumes', async () => {
    const experiment = small([2, 5]);
    const run = runSmall(experiment, { directory, jobs: 1, files: fullAfter(2) });
    const error = await run.then(
      () => expect.unreachable(),
      (error: unknown) => error as DependencyError,
    );
    expect(error).toBeInstanceOf(DependencyError);
    expect(error.message).toMatch(/cells.*: the disk is full \(ENOSPC\)/);
    expect(error.remedy).toMatch(/2 of 6 replications are kept in .*Resume with: npx stormglass/);
    expect(manifestOf(directory).status).toBe('failed');
    await runSmall(experiment, { directory });
    expect(readRunFolder(directory).records).toHaveLength(6);
  });

  test('a file where the folder should be', async () => {
    writeFileSync(sub('file'), '');
    const run = runSmall(small([2]), { directory: join(sub('file'), 'run') });
    await expect(run).rejects.toThrow(/part of the path is a file/);
  });
});

describe('a folder of something else', () => {
  const fails = async (experiment = small([2])): Promise<UsageError> => {
    const error: unknown = await runSmall(experiment, { directory }).catch(
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(UsageError);
    return error as UsageError;
  };

  test('another workload: names both', async () => {
    await runSmall(small([2]), { directory });
    const other = small([2]);
    const identity = { ...other.identity, workload: 'other' };
    const error = await fails({ ...other, identity });
    expect(error.message).toMatch(/holds a run of workload "small", this is "other"/);
    expect(error.remedy).toMatch(/--out.*--force/);
  });

  test('other settings: shows both commands', async () => {
    await runSmall(small([2]), { directory });
    const other = small([3]);
    const identity = { ...other.identity, command: 'npx stormglass run small.yaml --set x=3' };
    const error = await fails({ ...other, identity });
    expect(error.message).toMatch(/there: npx .*small.yaml\n.*here: {2}npx .* --set x=3/);
  });

  test('other code', async () => {
    await runSmall(small([2]), { directory });
    const other = small([2]);
    const error = await fails({ ...other, identity: { ...other.identity, code: 'code-2' } });
    expect(error.message).toMatch(/other code made/);
  });

  test('no run folder at all: not touched, not even by force', async () => {
    mkdirSync(sub('photos'));
    const run = runSmall(small([2]), { directory, force: true });
    await expect(run).rejects.toThrow(/no run folder and not empty \(photos\)/);
    expect(readdirSync(directory)).toEqual(['photos']);
  });
});
