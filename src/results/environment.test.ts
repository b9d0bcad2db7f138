import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeFingerprint, projectRoot, readCommit, readEnvironment } from './environment.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stormglass-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const git = (...args: string[]): void => {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
  execFileSync('git', ['-C', root, ...identity, ...args], { stdio: 'ignore' });
};

describe('readCommit', () => {
  test('clean, dirty, and no checkout of ours', () => {
    expect(readCommit(root)).toBeNull();
    git('init');
    expect(readCommit(root)).toBeNull();
    writeFileSync(join(root, 'a'), '1');
    git('add', '.');
    git('commit', '-m', 'one');
    const commit = readCommit(root);
    expect(commit).toMatch(/^[\da-f]{40}$/);
    writeFileSync(join(root, 'untracked'), '');
    expect(readCommit(root)).toBe(commit);
    writeFileSync(join(root, 'a'), '2');
    expect(readCommit(root)).toBe(`${commit}+dirty`);
    mkdirSync(join(root, 'inner'));
    expect(readCommit(join(root, 'inner'))).toBeNull();
  });
});

describe('codeFingerprint', () => {
  test('changes with sources and data, not with tests, pages or places', () => {
    mkdirSync(join(root, 'sim/model'), { recursive: true });
    const write = (name: string, text: string): string => {
      writeFileSync(join(root, name), text);
      return codeFingerprint(root);
    };
    const first = write('sim/model/a.ts', '1');
    expect(write('sim/model/a.test.ts', '1')).toBe(first);
    expect(write('sim/model/a.bench.ts', '1')).toBe(first);
    expect(write('README.md', '1')).toBe(first);
    const copy = join(root, 'copy');
    cpSync(join(root, 'sim'), join(copy, 'sim'), { recursive: true });
    expect(codeFingerprint(copy)).toBe(first);
    const second = write('sim/model/costs.json', '1');
    expect(second).not.toBe(first);
    expect(write('sim/model/a.ts', '2')).not.toBe(second);
  });

  test('sees the real sources', () => {
    expect(codeFingerprint()).not.toBe(codeFingerprint(root));
    expect(codeFingerprint()).toBe(codeFingerprint(projectRoot));
  });
});

test('readEnvironment fills every field', () => {
  const environment = readEnvironment({ name: 'reference', sha256: '00' });
  expect(environment.node).toBe(process.version);
  expect(environment.cores).toBeGreaterThan(0);
  expect(Object.values(environment).every((value) => value !== undefined)).toBe(true);
});
