import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { validationTable } from './validate-table.ts';

let folder: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'validate-'));
  out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  process.exitCode = undefined;
});

/** Each call has a program of its own, as each process does. */
async function run(...argv: string[]): Promise<void> {
  vi.resetModules();
  const { validate } = await import('./validate.ts');
  validate.exitOverride().configureOutput({ writeErr: () => undefined });
  await validate.parseAsync(['--out', folder, '--jobs', '1', ...argv], { from: 'user' });
}

interface Printed {
  readonly schema: string;
  readonly cases: Record<string, unknown>[];
  readonly environment: { readonly node: string };
}

describe('stormglass validate', () => {
  it('prints JSON alone, the same as it writes, and builds the report', async () => {
    await run('--only', 'sampler/uniform/mean', '--json');
    const printed = JSON.parse(out) as Printed;
    expect(readFileSync(join(folder, 'validation.json'), 'utf8')).toBe(out);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain(
      'Validation of the simulator',
    );
    expect(printed.schema).toBe('stormglass.validation/1');
    expect(printed.environment.node).toBe(process.version);
    expect(printed.cases).toHaveLength(1);
    expect(printed.cases[0]).toMatchObject({
      name: 'sampler/uniform/mean',
      group: 'sampler',
      expected: 2,
      tolerance: 0.02,
      verdict: 'ok',
    });
    const [lo, hi] = printed.cases[0]!['interval'] as [number, number];
    expect(lo).toBeLessThan(2);
    expect(hi).toBeGreaterThan(2);
    expect(process.exitCode).toBe(0);
  });

  it('gives the same numbers for the same seed, and others for another', async () => {
    const draw = async (seed: string): Promise<unknown> => {
      out = '';
      await run('--only', 'fan-out*n-10/', '--replications', '2', '--json', '--seed', seed);
      return (JSON.parse(out) as Printed).cases[0]?.['actual'];
    };
    const first = await draw('5');
    expect(await draw('5')).toBe(first);
    expect(await draw('6')).not.toBe(first);
  });

  it('prints a table with verdicts for people', async () => {
    await run('--only', 'tree/removal');
    expect(out).toMatch(/tree\/removal\/n-8\/path-secrets +4 +4 +- +exact +1 {2}ok/);
    expect(out).toContain('4 cases: 4 ok, 0 violated, 0 unknown');
    expect(out).toContain('report.html');
  });

  it('answers one replication with unknown, which fails under --strict only', async () => {
    await run('--only', 'fan-out*n-1000', '--replications', '1', '--json');
    const first = (JSON.parse(out) as Printed).cases[0];
    expect(first).toMatchObject({ verdict: 'unknown', samples: 3 });
    expect(process.exitCode).toBe(0);
    await run('--only', 'fan-out*n-1000', '--replications', '1', '--strict');
    expect(process.exitCode).toBe(3);
  });

  it('lists the groups when nothing matches', async () => {
    await expect(run('--only', 'mm2')).rejects.toMatchObject({
      name: 'UsageError',
      message: 'no case matches --only mm2',
      remedy: expect.stringContaining('sampler, queue, fan-out, commit-race, backoff, tree'),
    });
  });

  it('refuses numbers that are none, and a folder that is a file', async () => {
    await expect(run('--seed', '-1')).rejects.toThrow('whole number');
    await expect(run('--replications', '0')).rejects.toThrow('whole number');
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(run('--only', 'tree/removal', '--out', file)).rejects.toMatchObject({
      name: 'DependencyError',
    });
  });
});

it('shows a violated case in the table', () => {
  const table = validationTable([
    {
      name: 'queue/x/wait',
      group: 'queue',
      expected: 4,
      actual: 4.834567,
      interval: [4.7, 4.9],
      tolerance: 0.08,
      verdict: 'violated',
      unit: 's',
      source: 'test',
      n: 60,
      samples: 2,
    },
  ]);
  expect(table).toMatch(/queue\/x\/wait +4 +4\.8346 +\[4\.7, 4\.9\] +± 0\.08 +60 {2}violated/);
  expect(table).toContain('1 cases: 0 ok, 1 violated, 0 unknown');
});
