import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { AttackReport } from '../attack/run.ts';
import type { AttackSummary } from '../attack/summary.ts';
import { describeError } from './failure.ts';
import { program } from './program.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Standard output of `stormglass attack`, and the exit code it sets. */
async function run(...options: string[]): Promise<{ out: string; exitCode: unknown }> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const argv = ['attack', ...options];
  await (await program(argv)).parseAsync(argv, { from: 'user' });
  return { out, exitCode: process.exitCode };
}

describe('stormglass attack', () => {
  test('--json: raw admits nothing, and says at which layer each operation was tried', () => {
    // As a process of its own: Node, not the test runner, reads the sources.
    const options = ['attack', '--scheme', 'raw', '--json'];
    const out = execFileSync(process.execPath, [main, ...options], { encoding: 'utf8' });
    const summary = JSON.parse(out) as AttackSummary;
    expect(summary.admitted).toEqual([]);
    expect(summary.deviations).toEqual([]);
    const { service, authentication } = summary.layers;
    expect(summary.operations).toBe(service.length + authentication.length);
    expect(service).toContain('qs/dequeue');
    expect(summary.unsigned).toContain('as/register');
    expect(summary.attempts).toBeGreaterThan(summary.operations * 100);
  });

  test('the matrix has a row per operation and explains itself', async () => {
    const { out, exitCode } = await run('--scheme', 'reencoded');
    expect(exitCode).toBeUndefined();
    expect(out).toMatch(/^Scheme reencoded: \d+ operations, \d+ attempts, 0 admitted/);
    expect(out).toMatch(/^qs\/dequeue +(\.|-)/m);
    expect(out).toContain('The admitted set is exactly the expected one.');
  });

  test('a deviation from the expected set is shown, and is exit code 1', async () => {
    const deviation = {
      kind: 'admitted-unexpectedly',
      operation: 'qs/dequeue',
      version: 2,
      attack: 'replay-at-once',
      target: 'qs/dequeue',
      code: 'ok',
    } as const;
    const report: AttackReport = {
      scheme: 'raw',
      operations: ['qs/dequeue'],
      attempts: 1,
      findings: [],
      deviations: [deviation],
    };
    vi.doMock('../attack/run.ts', () => ({ runAttacks: () => report }));
    vi.resetModules();
    const { attack } = await import('./attack.ts');
    vi.doUnmock('../attack/run.ts');
    let out = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += String(text);
      return true;
    });
    attack.parse(['--scheme', 'raw'], { from: 'user' });
    expect(process.exitCode).toBe(1);
    expect(out).toContain('admitted-unexpectedly: qs/dequeue v2, replay-at-once');
  });

  test('an unknown or missing scheme is a usage error', async () => {
    for (const options of [[], ['--scheme', 'none']]) {
      const error = await run(...options).catch((thrown: unknown) => thrown);
      expect(describeError(error).exitCode).toBe(2);
    }
  });
});
