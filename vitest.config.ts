import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Addons are loaded in the worker process; forks keep one test's native crash from hiding another's result.
    pool: 'forks',
  },
});
