import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ValidationError } from '../errors.ts';

let folder: string;
let out: string;
let err: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tree-'));
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Runs the command on a history; each call has a program of its own, as each process does. */
async function runTree(lines: readonly (string | object)[], ...flags: string[]): Promise<void> {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  const file = join(folder, 'history.jsonl');
  writeFileSync(file, text.join('\n'));
  await parse('--history', file, ...flags);
}

async function parse(...argv: string[]): Promise<void> {
  vi.resetModules();
  const { tree } = await import('./tree.ts');
  await tree.exitOverride().parseAsync(argv, { from: 'user' });
}

/** The problems of a history as `line: message`. */
async function problems(...lines: (string | object)[]): Promise<string[]> {
  const error = await runTree(lines, '--json').then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect((error as Error).name, String(error)).toBe('ValidationError');
  return (error as ValidationError).problems.map(({ line, message }) => `${line}: ${message}`);
}

describe('stormglass tree', () => {
  it('prints one JSON object per commit', async () => {
    await runTree(
      [
        { members: 8 },
        { op: 'update', actor: 0 },
        { op: 'remove', actor: 0, target: 5 },
        { op: 'add', actor: 1, target: 5 },
        { op: 'propose-update', actor: 2 },
        { op: 'propose-remove', actor: 2, target: 7 },
        { op: 'propose-add', actor: 2 },
        { op: 'commit', actor: 0 },
      ],
      '--json',
    );
    const records = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(records).toEqual([
      // Everybody but the committer: 1 + 2 + 4.
      { encryptedPathSecrets: 7, filteredDirectPath: 3, updatePathBytes: 878, members: 8 },
      // Leaf 1, leaves 2 and 3, leaves 4, 6 and 7: the removed leaf is gone.
      { encryptedPathSecrets: 6, filteredDirectPath: 3, updatePathBytes: 796, members: 7 },
      // Leaf 0, leaves 2 and 3, leaves 4, 6 and 7: the added leaf 5 has its secret in the Welcome.
      { encryptedPathSecrets: 6, filteredDirectPath: 3, updatePathBytes: 796, members: 8 },
      // Leaf 1, leaves 2 and 3, leaves 4 to 6; leaf 7 is taken again by the member added.
      { encryptedPathSecrets: 6, filteredDirectPath: 3, updatePathBytes: 796, members: 8 },
    ]);
    expect(err).toBe('');
  });

  it('prints a table without --json', async () => {
    await runTree([{ members: 4 }, { op: 'remove', actor: 1, target: 3 }, '']);
    expect(out).toBe(
      'line  leaf  commit    secrets  path  path bytes  bytes  members\n' +
        '   2     1  remove 3        2     2         433    610        3\n',
    );
  });

  it('follows the suite and the sizes of the leaf', async () => {
    const lines = [{ members: 2 }, { op: 'update', actor: 0 }];
    await runTree(lines, '--json');
    await runTree(lines, '--json', '--identity-bytes', '20', '--capabilities-bytes', '13');
    await runTree(lines, '--json', '--suite', '0xF00D');
    const bytes = out
      .trimEnd()
      .split('\n')
      .map((l) => (JSON.parse(l) as { updatePathBytes: number }).updatePathBytes);
    expect(bytes[1]! - bytes[0]!).toBe(4 + 2);
    expect(bytes[2]).toBeGreaterThan(3 * 1216);
  });

  it('takes files as Windows editors save them', async () => {
    await runTree(['\uFEFF{"members": 2}\r', '{"op": "update", "actor": 0}\r', ''], '--json');
    expect(out).toMatch(/^{"encryptedPathSecrets":1,.*}\n$/);
  });

  it('commits open proposals with an operation that is committed at once', async () => {
    const lines = [
      { members: 4 },
      { op: 'propose-add', actor: 2, target: 1 },
      { op: 'remove', actor: 0, target: 1 },
    ];
    await runTree(lines);
    expect(out.split('\n')[1]).toMatch(/^ +3 +0 +1 remove, 1 add +2 /);
  });

  it('reports all problems at once, with lines', async () => {
    const found = await problems(
      { members: 4 },
      { op: 'update', actor: 9 },
      { op: 'remove', actor: 0, target: 0 },
      '{oops',
      { op: 'grow', actor: 1 },
      { op: 'add', actor: 1, where: 5 },
      { op: 'remove', actor: 2 },
      { op: 'update', actor: -1 },
      '[1]',
      { op: 'remove', actor: 0, target: 3 },
      { op: 'remove', actor: 0, target: 3 },
      { op: 'update', actor: 0, target: 1 },
    );
    expect(found).toEqual([
      '2: leaf 9 is blank, so it cannot update',
      '3: leaf 0 cannot remove itself in its own commit',
      expect.stringMatching(/^4: this is not JSON: /),
      '5: op "grow" is not an operation',
      '6: unknown key "where"',
      '7: remove needs the leaf to remove',
      '8: actor is -1',
      '9: a line must hold one JSON object',
      '11: leaf 3 is blank, so it cannot be removed',
      '12: a member can only update itself, leaf 0',
    ]);
  });

  it('names the leaf where an added member is placed', async () => {
    const expected = (line: number, leaf: number, wrong: number): string =>
      `${line}: the new member is placed at leaf ${leaf}, the leftmost blank one, not at ${wrong}`;
    expect(await problems({ members: 4 }, { op: 'add', actor: 0, target: 5 })).toEqual([
      expected(2, 4, 5),
    ]);
    const later = await problems(
      { members: 4 },
      { op: 'propose-add', actor: 0, target: 2 },
      { op: 'propose-remove', actor: 0, target: 1 },
      { op: 'commit', actor: 3 },
    );
    expect(later).toEqual([expected(2, 1, 2)]);
  });

  it('refuses commits of own proposals and two proposals for one leaf', async () => {
    const found = await problems(
      { members: 4 },
      { op: 'propose-update', actor: 2 },
      { op: 'propose-remove', actor: 1, target: 2 },
      { op: 'propose-remove', actor: 1, target: 1 },
      { op: 'commit', actor: 2 },
      { op: 'update', actor: 1 },
    );
    expect(found).toEqual([
      '3: there is already a proposal for leaf 2, from line 2',
      '5: leaf 2 cannot commit its own update proposal, from line 2',
      '6: leaf 1 cannot commit its own removal, from line 4',
    ]);
  });

  it.each([
    [[], '1: the history is empty'],
    [['', ' '], '1: the history is empty'],
    [[{ members: 0 }], '1: the number of members is 0'],
    [[{ members: 1_048_577 }], '1: the number of members is 1048577'],
    [[{ members: 2.5 }], '1: the number of members is 2.5'],
    [[{}], '1: the number of members is missing'],
    [[{ op: 'update', actor: 0 }], '1: the first line must give the size of the group'],
    [[{ members: 1_048_576 }, { op: 'add', actor: 0 }], '2: a group has at most 1048576 members'],
  ])('refuses %j', async (lines, message) => {
    expect(await problems(...lines)).toEqual([message]);
  });

  it('notes proposals that are never committed', async () => {
    await runTree([{ members: 2 }, { op: 'propose-add', actor: 1 }], '--json');
    expect(out).toBe('');
    expect(err).toMatch(/history.jsonl:2: note: propose-add by leaf 1 is never committed/);
  });

  it('refuses an unknown suite and an unreadable file', async () => {
    const lines = [{ members: 2 }];
    await expect(runTree(lines, '--suite', '0x0009')).rejects.toThrow('unknown suite 0x0009');
    await expect(parse('--history', join(folder, 'none'))).rejects.toThrow(/none: ENOENT/);
    await expect(parse('--json')).rejects.toThrow(/--history/);
    await expect(runTree(lines, '--identity-bytes', '-3')).rejects.toThrow(/whole number of bytes/);
  });
});
