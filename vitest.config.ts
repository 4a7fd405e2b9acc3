import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Temporal's native runtime crashes in worker threads; forks are safe.
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Limits for what hangs. Tests take a fraction of it, also on a machine that is busy with something else.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
});
