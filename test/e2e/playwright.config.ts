import { defineConfig } from '@playwright/test'

/**
 * The specs in a real Chromium against the browser host, and those that reach beyond the page in Electron, too, where one
 * can be had. Both run what `npm run build` made. A spec about what only one of them has says so by its tag, @browser or @electron.
 */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../test-results',
  globalSetup: './support/setup.ts',
  fullyParallel: true,
  workers: 2,
  timeout: 120_000,
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
    // What only the page does is the same page there: walked through once is enough.
    {
      name: 'electron',
      grepInvert: /@browser/,
      testIgnore:
        /(history|merge|compare|compare-parts|rebuild|cases|results|benchmarks|registries|names|large-text|sync[a-z-]*)\.spec\.ts$/,
    },
  ],
})
