/** The command line from outside: real processes, streams, exit codes and signals. */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeFingerprint, projectRoot, readCommit } from '../results/environment.ts';
import type { CellRecord, Manifest, Suite, Summary } from '../results/types.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const launcher = fileURLToPath(new URL('stormglass.mjs', import.meta.url));

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'stormglass-test-'));
  writeFileSync(join(directory, 'tiny.yaml'), tiny('tiny'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A workload of milliseconds; with one figure, as drawing takes most of the time. */
const tiny = (name: string, more = ''): string => `name: ${name}
scenario: fan-out
question: Does it run?
duration: 10 min
replications: 2
population: { homeservers: 2, clients: 50 }
groups: { perClient: 2, size: 4 }
traffic: { receivedPerClient: 60/h }
charts: [{ kind: timeline, title: Queues, caption: All., metric: queued_messages }]
${more}`;

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

function start(args: readonly string[], node: readonly string[] = [main]): ChildProcess {
  return spawn(process.execPath, [...node, ...args], { cwd: directory });
}

function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ stdout, stderr, code })));
}

/**
 * Runs a test body again when the sources changed under it (somebody saved a file): a run folder
 * then belongs to other code, and is rightly refused or run anew.
 */
async function onSteadyCode(body: (attempt: number) => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const before = [codeFingerprint(), readCommit(projectRoot)].join();
    try {
      return await body(attempt);
    } catch (error) {
      const after = [codeFingerprint(), readCommit(projectRoot)].join();
      if (before === after || attempt === 2) throw error;
    }
  }
}

const stormglass = (...args: string[]): Promise<Ended> => ended(start(args));
const read = (name: string): string => readFileSync(join(directory, name), 'utf8');

describe('mistakes of the user', () => {
  test('unknown commands and options are answered with suggestions and exit code 2', async () => {
    const [command, option, number, file] = await Promise.all([
      stormglass('rum'),
      stormglass('run', 'tiny.yaml', '--sed', '1'),
      stormglass('run', 'tiny.yaml', '--jobs', '0'),
      stormglass('run', 'missing.yaml'),
    ]);
    expect(command.stderr).toMatch(/unknown command 'rum'\n\(Did you mean run\?\)/);
    expect(option.stderr).toMatch(/unknown option '--sed'\n\(Did you mean .*--seed/);
    expect(number.stderr).toMatch(/--jobs <n>.*'0' is invalid. Expected a whole number/);
    expect(file.stderr).toMatch(/^stormglass: missing.yaml does not exist\n {2}check the path/);
    for (const { code, stdout } of [command, option, number, file]) {
      expect([code, stdout]).toEqual([2, '']);
    }
  });

  test('a wrong workload: all problems at once, nothing is written', async () => {
    writeFileSync(join(directory, 'bad.yaml'), tiny('bad', 'sceds: 1\nwarmUp: 5'));
    const { stderr, code } = await stormglass('run', 'bad.yaml', '--set', 'groups.siz=3');
    expect(code).toBe(2);
    expect(stderr).toMatch(/3 problems\n/);
    expect(stderr).toMatch(/bad.yaml:10 sceds/);
    expect(stderr).toMatch(/bad.yaml:11 warmUp: /);
    expect(stderr).toMatch(/--set groups.siz=3: /);
    expect(existsSync(join(directory, 'runs/bad-model-1'))).toBe(false);
  });
});

describe('run', () => {
  test('--json prints summary.json and nothing else on standard output', async () => {
    await onSteadyCode(async (attempt) => {
      const seed = String(5 + attempt);
      const { stdout, stderr, code } = await stormglass(
        'run',
        'tiny.yaml',
        '--json',
        '--seed',
        seed,
      );
      expect(code).toBe(0);
      expect(stdout).toBe(read(`runs/tiny-model-${seed}/summary.json`));
      expect((JSON.parse(stdout) as Summary).seed).toBe(Number(seed));
      expect(stderr).toMatch(/^tiny: tier model, seed \d+, 1 cells x 2 replications = 2 tasks/);
      const again = await stormglass('run', 'tiny.yaml', '--json', '--seed', seed, '--quiet');
      expect(again).toEqual({ stdout, stderr: '', code: 0 });
    });
  });

  test('ends with the path of the report; the same task alone gives the same result', async () => {
    const { stdout } = await stormglass('run', 'tiny.yaml', '--out', 'whole');
    const path = stdout.trim().split('\n').at(-1) ?? '';
    expect(path).toBe(join('whole', 'report.html'));
    expect(read(path)).toMatch(/^<!doctype html>/i);
    const [cell = ''] = readdirSync(join(directory, 'whole/cells'));
    const only = await stormglass('run', 'tiny.yaml', '--only', cell.replace('.json', ''));
    const kept = JSON.parse(read(join('whole/cells', cell))) as CellRecord;
    expect((JSON.parse(only.stdout) as CellRecord).result).toEqual(kept.result);
  });

  test('exit codes follow the verdict', async () => {
    const expectation = (bound: string): string =>
      `expect:\n  - { metric: messages, ${bound}, because: to see }`;
    writeFileSync(join(directory, 'violated.yaml'), tiny('violated', expectation('min: 1000000')));
    const vague = `${expectation('max: 1000000')}\n  - { metric: offline_delay_mean, max: 1 d, because: no }`;
    const online = 'population: { homeservers: 2, clients: 50, sessions: { offline: 0 % } }';
    const text = tiny('unknown', vague).replace(/population: .*/, online);
    writeFileSync(join(directory, 'unknown.yaml'), text);
    const [violated, strict, lenient] = await Promise.all([
      stormglass('run', 'violated.yaml'),
      stormglass('run', 'unknown.yaml', '--strict', '--out', 'strict'),
      stormglass('run', 'unknown.yaml', '--out', 'lenient'),
    ]);
    expect(violated.stdout).toMatch(/violated: messages should be at least 1 M;/);
    expect([violated.code, strict.code, lenient.code]).toEqual([1, 3, 0]);
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk behind standard output is told', async () => {
    const { fd, close } = openFull();
    const child = spawn(process.execPath, [main, '--version'], { stdio: ['ignore', fd, 'pipe'] });
    const { stderr, code } = await ended(child as ChildProcess);
    close();
    expect([stderr, code]).toEqual([
      expect.stringMatching(/^stormglass: cannot write standard output: ENOSPC/),
      2,
    ]);
  });

  test('a reader that leaves early is no error', async () => {
    const child = start(['run', 'tiny.yaml', '--out', 'piped', '--json', '--quiet']);
    child.stdout?.destroy();
    expect(await ended(child)).toMatchObject({ stderr: '', code: 0 });
    expect(existsSync(join(directory, 'piped/report.html'))).toBe(true);
  });
});

describe('Ctrl-C', () => {
  const endless = ['--set', 'duration=60 d', '--set', 'population.clients=20000'];
  const long = ['run', 'long.yaml', '--jobs', '1'];
  beforeAll(() => {
    writeFileSync(
      join(directory, 'long.yaml'),
      tiny('long').replace('replications: 2', 'replications: 12'),
    );
  });

  /** Ends a run by a signal as soon as it has kept more tasks than it found. */
  async function cut(folder: string, signal: NodeJS.Signals): Promise<Ended> {
    const cells = join(directory, folder, 'cells');
    const kept = (): number =>
      existsSync(cells) ? readdirSync(cells).filter((name) => !name.startsWith('.')).length : 0;
    const before = kept();
    const child = start([...long, '--out', folder]);
    const end = ended(child);
    while (child.exitCode === null && kept() <= before) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill(signal);
    return end;
  }

  test('keeps what is complete; resuming, even after a kill, gives the same bytes', async () => {
    await onSteadyCode(async (attempt) => {
      const [folder, whole] = [`cut${attempt}`, `uncut${attempt}`];
      const { code, stderr, stdout } = await cut(folder, 'SIGINT');
      expect([code, stdout]).toEqual([130, '']);
      expect(stderr).toMatch(
        /stopped: \d+ of 12 tasks are kept in cut\d\n {2}Resume with: npx stormglass/,
      );
      const manifest = JSON.parse(read(`${folder}/manifest.json`)) as Manifest;
      expect(manifest.status).toBe('interrupted');
      expect(existsSync(join(directory, `${folder}/.lock`))).toBe(false);
      const killed = await cut(folder, 'SIGKILL');
      expect(killed.code).toBeNull();
      expect(killed.stderr).toMatch(/12 tasks, [1-9]\d* are there/);
      expect(existsSync(join(directory, `${folder}/.lock`))).toBe(true);
      expect(existsSync(join(directory, `${folder}/summary.json`))).toBe(false);
      const [resumed, uncut] = await Promise.all([
        stormglass(...long, '--out', folder),
        stormglass(...long, '--out', whole),
      ]);
      expect([resumed.code, uncut.code]).toEqual([0, 0]);
      expect(read(`${folder}/summary.json`)).toBe(read(`${whole}/summary.json`));
      expect(read(`${folder}/measurements.csv`)).toBe(read(`${whole}/measurements.csv`));
    });
  });

  test('works through the launcher and when the signal comes twice at once', async () => {
    const child = start(
      ['run', 'long.yaml', ...endless, '--out', 'twice'],
      [...pretend20, launcher],
    );
    const end = ended(child);
    await new Promise((resolve) => child.stderr?.once('data', resolve));
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    const { code, stderr } = await end;
    expect(code).toBe(143);
    expect(stderr).toMatch(/stopped: 0 of 12 tasks are kept in twice/);
  });
});

/** A device on which every write fails for want of space. */
function openFull(): { fd: number; close(): void } {
  const fd = openSync('/dev/full', 'w');
  return { fd, close: () => closeSync(fd) };
}

/** Flags that make a Node say that it is version 20. */
const pretend20 = [
  '--import',
  `data:text/javascript,${encodeURIComponent(
    `const versions = { ...process.versions, node: '20.0.0' };
     Object.defineProperty(process, 'versions', { value: versions });`,
  )}`,
];

describe('the launcher', () => {
  test('hands over to Node 26 with arguments and exit code', async () => {
    const [version, wrong] = await Promise.all([
      ended(start(['--version'], [...pretend20, launcher])),
      ended(start(['run', 'no such.yaml'], [...pretend20, launcher])),
    ]);
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/^stormglass: no such.yaml does not exist/);
  });

  test('says what to do where Node 26 is not installed', async () => {
    const copy = join(directory, 'stormglass.mjs');
    copyFileSync(launcher, copy);
    const { code, stderr } = await ended(start(['--version'], [...pretend20, copy]));
    expect(code).toBe(2);
    expect(stderr).toMatch(/needs Node 26.*\n {2}Run: npm ci/);
  });
});

test('suite runs files into one folder, and not again what is complete', async () => {
  await onSteadyCode(async (attempt) => {
    const out = `suite${attempt}`;
    writeFileSync(join(directory, 'second.yaml'), tiny('second'));
    const suite = (): Promise<Ended> =>
      stormglass('suite', 'tiny.yaml', 'second.yaml', '--out', out);
    const first = await suite();
    expect([first.code, first.stderr]).toEqual([0, expect.any(String)]);
    expect(first.stdout.trim().split('\n').at(-1)).toBe(join(out, 'report.html'));
    const { runs, verdict } = JSON.parse(read(`${out}/suite.json`)) as Suite;
    expect(verdict).toBe('ok');
    expect(runs.map(({ workload, folder }) => [workload, folder])).toEqual([
      ['tiny', 'tiny'],
      ['second', 'second'],
    ]);
    const again = await suite();
    expect(again.stderr.match(/complete in/g)).toHaveLength(2);
    expect(again.stdout).toBe(first.stdout);
    const report = await stormglass('report', out);
    expect([report.code, report.stdout]).toEqual([0, `${join(out, 'report.html')}\n`]);
  });
});
