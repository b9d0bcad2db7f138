import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import * as published from 'ts-mls';
import { DependencyError } from '../../errors.ts';
import { digests, hunks } from './hunks.ts';
import { internal, mls } from './index.ts';
import { mend } from './load.ts';

const base = createRequire(import.meta.url)
  .resolve('ts-mls')
  .replace(/index\.js$/, '');
const files = [...new Set(hunks.map((hunk) => hunk.file))];

test.each(files)('every hunk of %s is applied', (file) => {
  const source = readFileSync(base + file, 'utf8');
  const mended = mend(file, source, hunks, digests);
  expect(mended).not.toBe(source);
  for (const { to } of hunks.filter((hunk) => hunk.file === file && !hunk.to.includes('${'))) {
    expect(mended).toContain(to);
  }
});

test('another source is refused, with the remedy', () => {
  const file = 'updatePath.js';
  const source = readFileSync(base + file, 'utf8');
  const mendOther = () => mend(file, `${source}\n`, hunks, digests);
  expect(mendOther).toThrow(DependencyError);
  expect(mendOther).toThrow(/has the digest/);
});

test('the published library stays as it is, beside the mended one', () => {
  expect(mls.createCommit).not.toBe(published.createCommit);
  expect(String(published.createGroup)).not.toContain('nowSeconds');
  expect(internal.createGroup).toBe(mls.createGroup);
});

test('loads in a worker thread', async () => {
  const url = new URL('./index.ts', import.meta.url).href;
  const code = `import { parentPort } from 'node:worker_threads';
    const { mls } = await import(${JSON.stringify(url)});
    parentPort.postMessage(typeof mls.createCommit);`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
  const answer = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  expect(answer).toBe('function');
});
