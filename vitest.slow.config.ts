import { defineConfig } from 'vitest/config';

/** Suites that take minutes: image steps, long runs, large sizes. CI runs them after the fast ones. */
export default defineConfig({
  test: {
    include: ['test/slow/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
