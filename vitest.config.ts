import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Temporal's native runtime crashes in worker threads; forks are safe.
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
