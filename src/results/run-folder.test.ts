import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DependencyError, UsageError, ValidationError } from '../errors.ts';
import { measurementsCsv } from './csv.ts';
import { diskFiles, withFiles } from './files.ts';
import { lockFolder } from './lock.ts';
import { cellFile, readRunFolder, readSuite } from './read-folder.ts';
import { openRunFolder, type RunIdentity } from './run-folder.ts';
import type { CellRecord, Environment, Summary } from './types.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stormglass-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const path = (name: string): string => join(directory, name);
const environment: Environment = {
  stormglass: '0.1.0',
  commit: 'abc',
  node: 'v26',
  platform: 'test',
  cpu: 'test',
  cores: 2,
  memoryBytes: 1,
  calibration: { name: 'reference', sha256: '00' },
};
const identity: RunIdentity = {
  workload: 'w',
  workloadFile: 'w.yaml',
  workloadText: 'name: w\n',
  configuration: 'c',
  code: 'k',
  overrides: [],
  tier: 'model',
  seed: 1,
  replications: 2,
  command: 'npx stormglass run w.yaml',
  environment,
  startedAt: '2026-01-01T00:00:00.000Z',
  cells: [{ id: 'base', parameters: { 'groups.size': '2, "3"' } }],
};
const record = (replication: number): CellRecord => ({
  schema: 'stormglass.cell/1',
  cell: 'base',
  parameters: { 'groups.size': '2, "3"' },
  replication,
  seed: 5 + replication,
  result: {
    metrics: { b: 0.1 + 0.2, a: replication },
    histograms: {},
    series: { s: { unit: 'count', startMs: 0, binMs: 1, values: [1, null] } },
    heat: {},
    checks: [],
    digest: 'd',
    events: 1,
  },
  performance: { wallSeconds: 1, eventsPerSecond: 1, workers: 1, queue: 'heap' },
});
const summary: Summary = {
  schema: 'stormglass.summary/1',
  workload: 'w',
  tier: 'model',
  seed: 1,
  digest: 'd',
  verdict: 'ok',
  question: '',
  hypothesis: '',
  findings: [],
  cells: [],
  expectations: [],
  checks: [],
  environment,
};

function writeComplete(): void {
  const folder = openRunFolder(directory, identity, { force: false });
  folder.save(record(0));
  folder.save(record(1));
  folder.complete(summary, 'csv', 2);
  folder.close();
}

describe('openRunFolder', () => {
  test('a killed run is resumed: its manifest says running, its lock names a dead process', () => {
    const first = openRunFolder(directory, identity, { force: false });
    expect(first.found).toBe('new');
    first.save(record(1));
    first.close();
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(path('.lock'), `${dead} ${hostname()} 1`);
    const again = openRunFolder(directory, identity, { force: false });
    expect(again.found).toBe('incomplete');
    expect(again.outcomes.map(({ replication }) => replication)).toEqual([1]);
    again.close();
    expect(readdirSync(directory)).not.toContain('.lock');
  });

  test('a complete run keeps its environment and its wall time', () => {
    writeComplete();
    const elsewhere = { ...identity, environment: { ...environment, cpu: 'other' } };
    const again = openRunFolder(directory, elsewhere, { force: false });
    expect(again.found).toBe('complete');
    expect(again.environment.cpu).toBe('test');
    again.complete(summary, 'csv', 100);
    again.close();
    const { manifest } = readRunFolder(directory);
    expect(manifest.wallSeconds).toBe(2);
    expect(manifest.environment.cpu).toBe('test');
  });

  test('replaceOutdated starts over after a change of code or settings, not of workload', () => {
    writeComplete();
    const open = (changed: Partial<RunIdentity>): string => {
      const options = { force: false, replaceOutdated: true };
      const folder = openRunFolder(directory, { ...identity, ...changed }, options);
      folder.close();
      return folder.found;
    };
    expect(open({})).toBe('complete');
    expect(() => open({ workload: 'other' })).toThrow(UsageError);
    expect(open({ code: 'k2' })).toBe('new');
    expect(readdirSync(path('cells'))).toEqual([]);
    expect(open({ code: 'k2', configuration: 'c2' })).toBe('new');
  });

  test('starting over leaves alone what is not ours', () => {
    writeComplete();
    writeFileSync(path('notes.txt'), 'mine');
    const folder = openRunFolder(directory, identity, { force: true });
    folder.close();
    expect(readFileSync(path('notes.txt'), 'utf8')).toBe('mine');
    expect(folder.outcomes).toEqual([]);
  });

  test('two processes do not write one folder', () => {
    const folder = openRunFolder(directory, identity, { force: false });
    const second = (): unknown => openRunFolder(directory, identity, { force: true });
    expect(second).toThrow(UsageError);
    expect(second).toThrow(`is being written by process ${process.pid}`);
    folder.close();
    openRunFolder(directory, identity, { force: false }).close();
  });

  test('a refusal leaves the folder unlocked', () => {
    writeComplete();
    const other = { ...identity, workload: 'other' };
    expect(() => openRunFolder(directory, other, { force: false })).toThrow(UsageError);
    expect(readdirSync(directory)).not.toContain('.lock');
  });
});

describe('lockFolder', () => {
  test('of many threads that find a dead lock, one gets it', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(path('.lock'), `${dead} ${hostname()} 1`);
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.url).then(({ lockFolder }) => {
        parentPort.once('message', () => {
          let got = 1;
          try { lockFolder(workerData.directory); } catch { got = 0; }
          parentPort.postMessage(got);
        });
        parentPort.postMessage('ready');
      });`;
    const workerData = { url: new URL('lock.ts', import.meta.url).href, directory };
    const workers = [1, 2, 3, 4].map(() => new Worker(code, { eval: true, workerData }));
    const next = (worker: Worker): Promise<unknown> =>
      new Promise((resolve) => worker.once('message', resolve));
    await Promise.all(workers.map(next));
    const answers = workers.map(next);
    for (const worker of workers) worker.postMessage('go', []);
    const got = (await Promise.all(answers)) as number[];
    await Promise.all(workers.map((worker) => worker.terminate()));
    expect(got.reduce((sum, one) => sum + one, 0)).toBe(1);
  });

  test('a lock of another machine is not judged', () => {
    writeFileSync(path('.lock'), '1 elsewhere.example 1');
    expect(() => lockFolder(directory)).toThrow('process 1 on elsewhere.example');
  });
});

describe('readRunFolder', () => {
  test('reads what was written, number for number', () => {
    writeComplete();
    const content = readRunFolder(directory);
    expect(content.records).toEqual([record(0), record(1)]);
    expect(content.summary).toEqual(summary);
    expect(content.workloadText).toBe('name: w\n');
  });

  test('reports all problems at once, each with its file and path', () => {
    writeComplete();
    rmSync(path('summary.json'));
    writeFileSync(path(cellFile('base', 0)), '{');
    const broken = { ...record(1), seed: 'one', replication: -1 };
    writeFileSync(path(cellFile('base', 1)), JSON.stringify(broken));
    const problems = problemsOf(() => readRunFolder(directory));
    expect(problems.map(({ file, path }) => [file.slice(directory.length + 1), path])).toEqual([
      ['summary.json', undefined],
      [cellFile('base', 0), undefined],
      [cellFile('base', 1), 'replication'],
      [cellFile('base', 1), 'seed'],
    ]);
    expect(problems.every(({ remedy }) => remedy !== undefined)).toBe(true);
  });

  test('an unfinished run: says how to finish it', () => {
    const folder = openRunFolder(directory, identity, { force: false });
    folder.stop('interrupted', 1);
    folder.close();
    expect(() => readRunFolder(directory)).toThrow(/not complete \(interrupted\)/);
  });

  test('no run folder', () => {
    expect(() => readRunFolder(directory)).toThrow(UsageError);
    mkdirSync(path('suite'));
    writeFileSync(path('suite/suite.json'), '{"schema":"other"}');
    expect(problemsOf(() => readSuite(path('suite'))).length).toBeGreaterThan(3);
  });
});

function problemsOf(action: () => unknown): ValidationError['problems'] {
  try {
    action();
  } catch (error) {
    if (error instanceof ValidationError) return error.problems;
    throw error;
  }
  return expect.unreachable();
}

describe('files', () => {
  test('a failed write leaves the old file and no rubbish', () => {
    diskFiles.write(path('a'), 'old');
    const unwritable = undefined as unknown as string;
    expect(() => diskFiles.write(path('a'), unwritable)).toThrow();
    expect(diskFiles.read(path('a'))).toBe('old');
    expect(readdirSync(directory)).toEqual(['a']);
  });

  test.each(['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS'])('%s is the user to solve', (code) => {
    const fails = (): unknown =>
      withFiles('out', '', () => {
        throw Object.assign(new Error(code), { code });
      });
    expect(fails).toThrow(DependencyError);
    expect(fails).toThrow(`out: `);
  });

  test('a bug stays a bug', () => {
    const fails = (): unknown =>
      withFiles('out', '', () => {
        throw new TypeError('x is undefined');
      });
    expect(fails).toThrow(TypeError);
  });

  test.runIf(process.platform === 'linux')('a really full device', () => {
    const write = (): void => withFiles('/dev/full', '', () => writeFileSync('/dev/full', 'x'));
    expect(write).toThrow(/the disk is full \(ENOSPC\)/);
  });
});

test('measurements.csv after RFC 4180', () => {
  const outcomes = [0, 1].map(record);
  const cells = [...identity.cells, { id: 'other', parameters: { 'policy.suite': '0x0001' } }];
  expect(measurementsCsv(cells, outcomes, () => 'ms')).toBe(
    [
      'cell,replication,metric,value,unit,groups.size,policy.suite',
      'base,0,a,0,ms,"2, ""3""",',
      'base,0,b,0.30000000000000004,ms,"2, ""3""",',
      'base,1,a,1,ms,"2, ""3""",',
      'base,1,b,0.30000000000000004,ms,"2, ""3""",',
      '',
    ].join('\r\n'),
  );
});
