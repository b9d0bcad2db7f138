/**
 * What a user sees of wrong input, one command line after the other in this process; that the same
 * reaches a terminal with its exit code is tested on real processes in main.test.ts.
 */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { describeError } from './failure.ts';
import { program } from './program.ts';

let directory: string;
let good: string;

const text = `name: good
scenario: fan-out
question: Is it refused?
duration: 10 min
replications: 1
population: { homeservers: 2, clients: 50 }
groups: { perClient: 2, size: 4 }
`;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'stormglass-mistakes-'));
  good = join(directory, 'good.yaml');
  writeFileSync(good, text);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Standard error of a command line that fails, with the folder's name left out. */
async function refusal(...argv: string[]): Promise<string> {
  let said = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    said += String(chunk);
    return true;
  });
  try {
    await (await program(argv)).parseAsync(argv, { from: 'user' });
  } catch (error) {
    const failure = describeError(error);
    expect(failure.exitCode).toBe(2);
    return `${said}${failure.text}`.replaceAll(directory, '');
  } finally {
    spy.mockRestore();
  }
  throw new Error(`nothing was wrong with ${argv.join(' ')}`);
}

describe('flags', () => {
  test.each([
    [
      ['--seed', '-1'],
      /--seed <n>' argument '-1' is invalid. Expected a whole number of at least 0/,
    ],
    [['--seed', '1e999'], /Expected a whole number/],
    [['--seed', '18446744073709551616'], /Expected a whole number of at least 0, below 2\^53/],
    [['--jobs', '0'], /Expected a whole number of at least 1/],
    [['--workers', '65'], /--workers <n>' argument '65' is invalid.*from 1 to 64/],
    [
      ['--replications', '1000000'],
      /the value `1000000` is above `10000` \(write `10000` or less\)/,
    ],
    [['--out', ''], /--out <dir>' argument '' is invalid. Expected the name of a folder/],
    [['--set', 'population.clients=1e9'], /`1000000000` is above `20000000`/],
    [['--set', 'population.clients=NaN'], /`NaN` is not a number/],
    [['--set', 'population.clients=1e999'], /`Infinity` is not a number/],
    [['--set', 'seed=-4'], /the value `-4` is below `0`/],
    [['--set', 'duration=10'], /duration=10: /],
    [['--set', 'vary=[{"groups.size":[]}]'], /the list is empty \(give at least one value\)/],
    [['--set', '__proto__.x=1'], /there is no field `__proto__.x`/],
    [['--set', 'clients'], /is not of the form path=value \(write/],
    [['--tier', 'protocol'], /good does not run on tier "protocol"\n {2}Its tiers: model/],
    [['--only', 'nope'], /no task "nope"\n {2}There (is|are) 1/],
  ] as const)('run %j', async (flags, message) => {
    expect(await refusal('run', good, ...flags)).toMatch(message);
  });

  test('several threads need a distance between homeservers', async () => {
    const flags = ['--set', 'network.federation=constant(0 ms)', '--workers', '2', '--quiet'];
    const said = await refusal('run', good, ...flags, '--out', join(directory, 'near'));
    expect(said).toMatch(/lookahead|distance|delay/);
    expect(said).toMatch(/workers/);
  });

  test('a workload that cannot fit into memory is refused before it runs', async () => {
    const huge = ['--set', 'population.clients=20000000', '--set', 'groups.perClient=10000'];
    const said = await refusal('run', good, ...huge, '--out', join(directory, 'huge'));
    expect(said).toMatch(/needs at least [\d.]+ TB of memory, and there are [\d.]+ .B\n {2}Lower/);
    expect(readdirSync(directory)).not.toContain('huge');
    expect(await refusal('phold', '--lps', '100000000', '--population', '1000000')).toMatch(
      /events in flight need at least [\d.]+ PB|[\d,]+ TB of memory/,
    );
  });

  test.each([
    [['--lps', '0'], /--lps: 0 is not an integer in 1\.\./],
    [['--remote', '2'], /2 is not a probability in 0\.\.1/],
    [['--lookahead', '0', '--workers', '2'], /several workers and the window queue need one/],
    [['--lookahead', '0', '--mean', '0'], /both 0: time would stand still/],
    [['--queue', 'pile'], /there is no queue pile \(one of auto, window, bucketed, heap\)/],
  ] as const)('phold %j', async (flags, message) => {
    expect(await refusal('phold', ...flags)).toMatch(message);
  });
});

describe('files and folders', () => {
  const run = (file: string): Promise<string> => refusal('run', join(directory, file));
  const into = (name: string): Promise<string> =>
    refusal('run', good, '--quiet', '--out', join(directory, name));

  test('what is no workload file', async () => {
    writeFileSync(join(directory, 'latin1.yaml'), Buffer.from('name: caf\xe9\n', 'latin1'));
    writeFileSync(join(directory, 'utf16.yaml'), Buffer.from(text, 'utf16le'));
    writeFileSync(join(directory, 'empty.yaml'), '\n');
    writeFileSync(join(directory, 'twice.yaml'), `${text}seed: 1\nseed: 2\n`);
    mkdirSync(join(directory, 'folder.yaml'));
    expect(await run('missing.yaml')).toMatch(/\/missing.yaml does not exist\n {2}check the path/);
    expect(await run('folder.yaml')).toMatch(/is a directory\n {2}name one file in it/);
    expect(await run('latin1.yaml')).toMatch(/is not UTF-8 text/);
    expect(await run('utf16.yaml')).toMatch(/is not a text file/);
    expect(await run('empty.yaml')).toMatch(/is empty/);
    expect(await run('twice.yaml')).toMatch(/twice.yaml:9: the same key twice/);
  });

  test('a folder of another workload, and two files of one name in a suite', async () => {
    const taken = join(directory, 'taken');
    const argv = ['run', good, '--json', '--quiet', '--out', taken];
    const spy = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await (await program(argv)).parseAsync(argv, { from: 'user' });
    spy.mockRestore();
    process.exitCode = undefined;
    writeFileSync(join(directory, 'other.yaml'), text.replace('name: good', 'name: other'));
    const said = await refusal('run', join(directory, 'other.yaml'), '--out', taken);
    expect(said).toMatch(/taken holds a run of workload "good", this is "other"/);
    expect(said).toMatch(/--force/);
    expect(await refusal('suite', good, `${directory}/./good.yaml`)).toMatch(/both would write/);
  });

  test('links in a circle', async () => {
    symlinkSync(join(directory, 'b'), join(directory, 'a'));
    symlinkSync(join(directory, 'a'), join(directory, 'b'));
    expect(await into('a')).toMatch(
      /a: symbolic links that lead in a circle \(ELOOP\)\n {2}Choose/,
    );
  });

  test('a file where a folder should be', async () => {
    expect(await into('good.yaml')).toMatch(/part of the path is a file, not a folder/);
    expect(await into('good.yaml/x')).toMatch(/part of the path is a file, not a folder/);
    expect(await refusal('report', good)).toMatch(/has no manifest.json, suite.json or validation/);
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written', async () => {
    mkdirSync(join(directory, 'locked'));
    chmodSync(join(directory, 'locked'), 0o555);
    expect(await into('locked/x')).toMatch(/permission denied \(EACCES\)/);
  });
});
