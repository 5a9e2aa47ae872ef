import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

if (!isBuiltin('node:sqlite')) {
  throw new Error(`Node ${process.version} is not the one that package.json pins: run npm test -- FILES`)
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/soak/**', '**/node_modules/**'],
    globalSetup: 'test/helpers/global-setup.ts',
    reporters: ['default', './test/helpers/summary-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A file without a test, or a test without an assertion, must not look green.
    passWithNoTests: false,
    // Tests have a database and a home of their own, whatever the developer's shell says.
    env: {
      ...{ DATABASE_URL: '', STARTLIST_HOME: '', STARTLIST_KEY: '' },
      // For processes that a test starts without the launcher, which has a cache of its own.
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/startlist-tests', import.meta.url)),
    },
  },
})
