/** Whatever is done to a valid file, the answer is a workload or a list of problems, never a crash. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ValidationError } from '../errors.ts';
import { cells, countCells } from './cells.ts';
import { type LoadedWorkload, parseWorkload } from './load.ts';
import { fields } from './paths.ts';

const drafts = ['fan-out', 'commit-throughput'].map((name) =>
  readFileSync(new URL(`testdata/${name}.yaml`, import.meta.url), 'utf8'),
);

/** Fragments that have meaning somewhere, to get past the first check. */
const fragments = [
  ['50', '0x0001', '-1', '1e309', '.nan', '.inf', 'null', '~', 'true', '[]', '{}', '""', '*a'],
  ['&a ', '<<: *a', '__proto__: 1', 'constructor', '? ', '| ', '> ', '- ', ': ', '#', '\t', '\0'],
  ['zipf(1)', 'uniform(1 ms, 5 ms)', 'empirical(2: 1)', 'lognormal(', 'none', '5 ms', '1 kB'],
  ['{ a: [b, { c: d }] }', '!!binary x', '!!set {a}', '%YAML 1.1', '---', '...', '\u2028', '😀'],
].flat();

const anyEdit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  remove: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 })),
  insert: fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 5 })),
});

/** Loads, checks that a refusal says something, and gives the loaded workload if there is one. */
function attempt(load: () => LoadedWorkload): LoadedWorkload | undefined {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { message, file } of error.problems) expect(message && file).toBeTruthy();
    return undefined;
  }
}

describe('a mutated workload file', () => {
  test('is refused with problems, or makes cells', () => {
    const edits = fc.array(anyEdit, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...drafts), edits, (draft, edits) => {
        const text = edits.reduce((result, { at, remove, insert }) => {
          const start = Math.floor(at * result.length);
          return result.slice(0, start) + insert + result.slice(start + remove);
        }, draft);
        const loaded = attempt(() => parseWorkload('w.yaml', text));
        if (loaded === undefined) return;
        expect(cells(loaded.workload).length).toBeLessThanOrEqual(countCells(loaded.workload));
      }),
      { numRuns: 500 },
    );
  });

  test('with any value in any field is refused with problems, or loads', () => {
    const paths = [...fields.keys()].filter((path) => !path.includes('[]'));
    const anyValue = fc.oneof(fc.constantFrom(...fragments), fc.json({ maxDepth: 2 }), fc.string());
    fc.assert(
      fc.property(fc.constantFrom(...paths), anyValue, (path, value) => {
        const overrides = [`${path}=${value}`];
        attempt(() => parseWorkload('w.yaml', drafts[0]!, { overrides }));
      }),
      { numRuns: 500 },
    );
  });

  test('loses any one line and still gets an answer', () => {
    for (const draft of drafts) {
      const lines = draft.split('\n');
      for (const [index] of lines.entries()) {
        attempt(() => parseWorkload('w.yaml', lines.toSpliced(index, 1).join('\n')));
      }
    }
  });
});
