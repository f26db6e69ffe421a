import { defineConfig } from 'vitest/config';

/** The runs against real backends, one at a time because they share ports: `npm run test:peers`. */
export default defineConfig({
  test: {
    include: ['test/end-to-end/**/*.peers.test.ts'],
    passWithNoTests: true,
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
