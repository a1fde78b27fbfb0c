import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{electron,renderer,shared,test}/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['test/support/properties.ts'],
    pool: 'forks',
    // Many wait for servers and processes more than they compute.
    maxWorkers: Math.max(2, availableParallelism()),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
