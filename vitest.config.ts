import { defineConfig } from 'vitest/config';

/** `ok` runs the unit suites; `browser`, `live` and `slow` suites have their own commands. */
export default defineConfig({
  test: {
    include: ['{sim,workloads,reports,src,test}/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/slow/**', 'node_modules/**'],
    testTimeout: 30_000,
    pool: 'threads',
    maxWorkers: 2,
  },
});
