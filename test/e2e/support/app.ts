import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, test as base, chromium, type ElectronApplication, type Page } from '@playwright/test'
import type { Chromium } from './chromium.ts'
import { missingElectron } from './electron.ts'
import { openInBrowser } from './open-browser.ts'
import { openInElectron } from './open-electron.ts'

export { expect } from '@playwright/test'

export const ROOT = join(import.meta.dirname, '..', '..', '..')

/** The running app, the same for a spec whether it runs in Electron or behind the browser host. */
export type App = {
  readonly host: 'browser' | 'electron'
  /** The window. Another one after `restart`. */
  readonly page: Page
  /** A folder of this test's own, gone afterwards. */
  readonly dataDir: string
  /** Ends the backend's process by force. Resolves when another one serves, unless none is to be expected. */
  killBackend(then?: 'and does not return'): Promise<void>
  /** Ends the whole app as a person does and opens it again on the same library. */
  restart(): Promise<void>
  /** What the app wrote to its terminal. */
  readonly output: readonly string[]
  /** Only in Electron: main, to look into. */
  readonly electron: ElectronApplication | undefined
  /** Only behind the browser host: its origin. */
  readonly origin: string | undefined
  /** Only behind the browser host: ends it by force, and starts it again on the same library and port. */
  killHost?(): Promise<void>
  startHostAgain?(): Promise<void>
  /** Only behind the browser host: the address it printed last, which lets one tab in. */
  address?(): string
  /** Only behind the browser host: its process. */
  hostPid?(): number | undefined
  /** Ends it; done after each test anyway. */
  close(): Promise<void>
}

export type Opening = { dataDir: string; watch: (page: Page) => void }

type TestFixtures = {
  app: App
  /** Errors thrown in the page and what its security policy blocked; a test fails where this is not empty at its end. */
  problems: string[]
  /** Set by a spec that is about what the policy blocks. */
  expectsBlocked: boolean
}
type WorkerFixtures = { browserProcess: Browser | undefined }

export const test = base.extend<TestFixtures, WorkerFixtures>({
  browserProcess: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern which fixtures are wanted.
    async ({}, use, workerInfo) => {
      const found = process.env.WHETSTONE_E2E_CHROMIUM
      if (workerInfo.project.name !== 'chromium' || found === undefined) return use(undefined)
      const { executablePath, args, env }: Chromium = JSON.parse(found)
      const browser = await chromium.launch({ executablePath, args, env: { ...process.env, ...env } })
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],

  expectsBlocked: [false, { option: true }],

  problems: async ({ expectsBlocked }, use) => {
    const problems: string[] = []
    await use(problems)
    base.expect(expectsBlocked ? [] : problems, 'errors in the page').toEqual([])
  },

  app: async ({ browserProcess, problems }, use, testInfo) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'whetstone-e2e-'))
    const opening: Opening = { dataDir, watch: page => watchPage(page, problems) }
    let app: App | undefined
    try {
      if (testInfo.project.name === 'electron') {
        const missing = missingElectron(ROOT)
        if (missing !== undefined) return testInfo.skip(true, missing)
        app = await openInElectron(opening)
      } else {
        if (!browserProcess) return testInfo.skip(true, process.env.WHETSTONE_E2E_NO_CHROMIUM ?? 'no Chromium')
        app = await openInBrowser(browserProcess, opening)
      }
      await use(app)
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach('terminal', { body: app.output.join('\n'), contentType: 'text/plain' })
      }
    } finally {
      await app?.close()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    }
  },
})

/** The page's own report of what its policy blocked comes as a console error. */
function watchPage(page: Page, problems: string[]): void {
  page.on('pageerror', error => problems.push(`${error.name}: ${error.message}`))
  page.on('console', message => {
    if (message.type() === 'error' && /Content Security Policy|Refused to/.test(message.text())) {
      problems.push(message.text())
    }
  })
}
