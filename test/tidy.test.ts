/** House style that no linter checks, as tests. Each failure names the file and line. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFiles, readProjectFile, root } from './source-files.ts';

const files = projectFiles();
const code = files.filter((path) => /\.(ts|mjs)$/.test(path));
const text = files.filter((path) => /\.(ts|mjs|md|ya?ml|json|sh)$|^Dockerfile$|^\.ci\//.test(path));

function linesWhere(paths: readonly string[], wrong: (line: string) => boolean): string[] {
  return paths.flatMap((path) =>
    readProjectFile(path)
      .split('\n')
      .flatMap((line, index) => (wrong(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}

describe('tidy', () => {
  test('code lines fit 100 columns, save links, tables, titles and long literals', () => {
    const excused =
      /https?:\/\/|^\s*\* \||^\s*(test|it)\(|^\s*['"`/]|['"`],?;?$|oxlint-disable|eslint-disable|^\s*\/[*/]/;
    expect(linesWhere(code, (line) => line.length > 100 && !excused.test(line))).toEqual([]);
  });

  test('nothing is left to be fixed later', () => {
    const marker = new RegExp(`\\b(${['FIX', 'ME'].join('')}|${['X', 'XX'].join('')})\\b`);
    expect(linesWhere(code, (line) => marker.test(line))).toEqual([]);
  });

  test('no test is skipped or focused by hand', () => {
    const tests = code.filter((path) => path.endsWith('.test.ts') && path !== 'test/tidy.test.ts');
    expect(linesWhere(tests, (line) => /\b(test|it|describe)\.(only|todo)\b/.test(line))).toEqual(
      [],
    );
  });

  test('no machine paths and no registry hosts', () => {
    const host = new RegExp(
      `${['registry', 'npmjs'].join('\\.')}|${['proxy', 'golang'].join('\\.')}`,
    );
    const path = new RegExp(`(^|[\\s'"\`(=])/${'work'}/|/${'root'}/|/tmp/[a-z]+-bench`);
    const own = text.filter((file) => file !== 'package-lock.json');
    expect(linesWhere(own, (line) => host.test(line) || path.test(line))).toEqual([]);
  });

  test('no large blobs', () => {
    const large = files.filter((path) => statSync(join(root, path)).size > 1024 * 1024);
    expect(large).toEqual([]);
  });

  test('TypeScript stays erasable: no enums', () => {
    expect(linesWhere(code, (line) => /^\s*(export )?(const )?enum \w/.test(line))).toEqual([]);
  });
});
