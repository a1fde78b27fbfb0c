import { defineConfig } from '@playwright/test'

/**
 * The same specs twice: in a real Chromium against the browser host, and in Electron where one can be had. Both run
 * what `npm run build` made. A spec about what only one of them has says so by its tag, @browser or @electron.
 */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../test-results',
  globalSetup: './support/setup.ts',
  fullyParallel: true,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  // A busy machine may make a window miss its moment. What passes only the second time is listed as flaky, not hidden.
  retries: process.env.CI ? 1 : 0,
  reporter: [
    ['list'],
    ...(process.env.WHETSTONE_E2E_REPORT ? [['json', { outputFile: process.env.WHETSTONE_E2E_REPORT }] as const] : []),
  ],
  projects: [
    { name: 'chromium', grepInvert: /@electron/ },
    { name: 'electron', grepInvert: /@browser/ },
  ],
})
