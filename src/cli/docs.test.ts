import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DependencyError } from '../errors.ts';
import { metrics } from '../results/metrics.ts';
import { fields } from '../workload/paths.ts';
import { workloadReference } from '../workload/reference.ts';
import { generateDocs } from './docs.ts';
import { metricReference } from './docs-metrics.ts';

describe('docs', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'docs-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const files = [
    { file: 'a/b/one.md', text: () => 'one\n' },
    { file: 'two.md', text: async () => Promise.resolve('two\n') },
  ];

  test('writes what is missing, then finds nothing to do', async () => {
    expect(await generateDocs(root, { check: false, files })).toEqual({
      stale: ['a/b/one.md', 'two.md'],
    });
    expect(readFileSync(join(root, 'a/b/one.md'), 'utf8')).toBe('one\n');
    expect(await generateDocs(root, { check: true, files })).toEqual({ stale: [] });
  });

  test('a check names the stale file and leaves it alone', async () => {
    await generateDocs(root, { check: false, files });
    writeFileSync(join(root, 'two.md'), 'edited by hand\n');
    expect(await generateDocs(root, { check: true, files })).toEqual({ stale: ['two.md'] });
    expect(readFileSync(join(root, 'two.md'), 'utf8')).toBe('edited by hand\n');
  });

  test('a file that cannot be written is named', async () => {
    writeFileSync(join(root, 'a'), 'a file where a folder should be');
    const failure = generateDocs(root, { check: false, files });
    await expect(failure).rejects.toThrow(DependencyError);
    await expect(failure).rejects.toThrow(/one\.md cannot be written/);
  });
});

describe('reference pages', () => {
  test('every option of the schema has a row with a sentence', () => {
    const page = workloadReference();
    for (const [path, { info }] of fields) {
      if (info.type === 'section' || path.endsWith('[]')) continue;
      expect(page, path).toContain(`| \`${path}\``);
      expect(info.description, path).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('every metric has a row', () => {
    const page = metricReference();
    for (const [name, { formula }] of Object.entries(metrics)) {
      expect(page).toContain(`| \`${name}\` |`);
      expect(page).toContain(formula);
    }
  });
});
