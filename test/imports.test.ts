/**
 * Import directions between the rooms of the house. ARCHITECTURE.md draws the same table; change
 * both together.
 */
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFiles, readProjectFile } from './source-files.ts';

/** Longest prefix wins. A room may always import itself. `npm:*` allows any package. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  'sim/kernel': [],
  'sim/parallel': ['sim/kernel', 'node:worker_threads', 'node:url', 'node:os'],
  'sim/model': [
    'sim/kernel',
    'sim/parallel',
    'src/workload',
    'src/results',
    'src/suites',
    'src/errors.ts',
    'src/client/retry.ts',
    'npm:zod',
    'node:fs',
    'node:path',
    'node:url',
    'node:crypto',
  ],
  'sim/validate': [
    'sim/kernel',
    'sim/parallel',
    'sim/model',
    'sim/experiment',
    'src/statistics',
    'src/workload',
    'src/results',
    'src/errors.ts',
    'node:worker_threads',
    'node:url',
    'node:os',
  ],
  'sim/experiment': [
    'sim/kernel',
    'sim/parallel',
    'sim/model',
    'src/statistics',
    'src/workload',
    'src/results',
    'src/errors.ts',
    'node:worker_threads',
    'node:crypto',
    'node:fs',
    'node:path',
    'node:url',
    'node:os',
  ],
  'src/errors.ts': [],
  'src/statistics': ['sim/kernel'],
  'src/suites': [],
  'src/workload': ['src/errors.ts', 'src/results', 'src/suites', 'npm:*', 'node:fs', 'node:path'],
  'src/results': ['src/errors.ts', 'src/workload', 'npm:*', 'node:*'],
  'src/crypto': ['src/errors.ts', 'src/suites', 'npm:*', 'node:crypto', 'node:buffer'],
  'src/protocol': ['src/errors.ts', 'src/crypto', 'src/suites'],
  'src/mls': [
    'src/crypto',
    'src/suites',
    'src/errors.ts',
    'npm:*',
    'node:crypto',
    'node:fs',
    'node:module',
    'node:url',
  ],
  'src/store': ['src/errors.ts'],
  'src/homeserver': ['src/protocol', 'src/crypto', 'src/suites', 'src/store', 'src/errors.ts'],
  'src/attack': [
    'src/homeserver',
    'src/protocol',
    'src/crypto',
    'src/suites',
    'src/store',
    'src/errors.ts',
  ],
  'src/client': ['src/protocol', 'src/crypto', 'src/suites', 'src/errors.ts'],
  'sim/protocol': [
    'sim/kernel',
    'sim/parallel',
    'sim/model',
    'src/client',
    'src/homeserver',
    'src/store',
    'src/protocol',
    'src/crypto',
    'src/suites',
    'src/workload',
    'src/results',
    'src/errors.ts',
    'node:crypto',
  ],
  'src/cli': ['*'],
  reports: [
    'src/results',
    'src/workload',
    'src/statistics',
    'src/suites',
    'src/errors.ts',
    'npm:*',
    'node:*',
  ],
  workloads: ['*'],
  test: ['*'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

function roomOf(path: string): string | undefined {
  return Object.keys(rooms)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function importsOf(path: string): Import[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*'([^']+)'|(?:^|[^.\w])import\s*\(?\s*'([^']+)'/g;
  return [...readProjectFile(path).matchAll(pattern)].map((match) => {
    const to = match[1] ?? match[2] ?? '';
    return { from: path, to: to.startsWith('.') ? posix.join(posix.dirname(path), to) : to };
  });
}

function target(to: string): string {
  if (to.startsWith('node:') || /^(sim|src|reports|workloads|test)(\/|$)/.test(to)) return to;
  return `npm:${to}`;
}

/** Why an import is not allowed, or undefined when it is. */
function refusal({ from, to }: Import): string | undefined {
  const room = roomOf(from);
  if (room === undefined) return `${from} is in no room of test/imports.test.ts`;
  const allowed = rooms[room]!;
  const wanted = target(to);
  const isOwn = roomOf(wanted) === room;
  const matches = allowed.some(
    (rule) =>
      rule === '*' ||
      wanted === rule ||
      wanted.startsWith(`${rule}/`) ||
      (rule.endsWith(':*') && wanted.startsWith(rule.slice(0, -1))),
  );
  return isOwn || matches ? undefined : `${from} imports ${to}, which ${room} may not`;
}

const sources = projectFiles().filter(
  (path) => path.endsWith('.ts') && !path.endsWith('.config.ts') && !path.endsWith('.d.ts'),
);

describe('import directions', () => {
  test('every import stays within its room or goes down', () => {
    const production = sources.filter(
      (path) => !/\.(test|bench)\.ts$|\/(testdata|testing)\//.test(path),
    );
    expect(production.length).toBeGreaterThan(0);
    expect(production.flatMap(importsOf).flatMap((found) => refusal(found) ?? [])).toEqual([]);
  });

  test('the checker sees static, dynamic and type imports', () => {
    expect(refusal({ from: 'sim/kernel/engine.ts', to: 'node:fs' })).toContain('may not');
    expect(refusal({ from: 'sim/parallel/run.ts', to: 'sim/model/run.ts' })).toContain('may not');
    expect(refusal({ from: 'reports/build.ts', to: 'chart.js' })).toBeUndefined();
    expect(importsOf('test/imports.test.ts').map((found) => found.to)).toContain('vitest');
  });
});
