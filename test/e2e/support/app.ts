import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Browser,
  test as base,
  chromium,
  type ElectronApplication,
  type Page,
  type TestInfo,
} from '@playwright/test'
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
  /**
   * Set where tests only look or knock: they share one app, each with the page loaded anew. A test that leaves something
   * behind needs an app of its own.
   */
  together: boolean
}
type WorkerFixtures = { browserProcess: Browser | undefined; oneApp: OneApp }

/** An app that is opened when first asked for. `problems` of the test that runs. */
type OneApp = { app: () => Promise<App>; problems: { now: string[] } }

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

  together: [false, { option: true }],

  problems: async ({ expectsBlocked }, use) => {
    const problems: string[] = []
    await use(problems)
    base.expect(expectsBlocked ? [] : problems, 'errors in the page').toEqual([])
  },

  oneApp: [
    async ({ browserProcess }, use) => {
      const problems: OneApp['problems'] = { now: [] }
      let opened: Opened | undefined
      const app = async () => {
        opened ??= await open(browserProcess, page => watchPage(page, () => problems.now))
        return opened.app
      }
      await use({ app, problems })
      await opened?.close()
    },
    { scope: 'worker' },
  ],

  app: async ({ browserProcess, problems, together, oneApp }, use, testInfo) => {
    const missing = testInfo.project.name === 'electron' ? missingElectron(ROOT) : missingChromium(browserProcess)
    if (missing !== undefined) return testInfo.skip(true, missing)
    if (together) {
      oneApp.problems.now = problems
      const app = await oneApp.app()
      await app.page.evaluate(() => window.history.replaceState(null, '', '/'))
      await app.page.reload()
      await use(app)
      return attachOutput(app, testInfo)
    }
    const { app, close } = await open(browserProcess, page => watchPage(page, () => problems))
    try {
      await use(app)
      await attachOutput(app, testInfo)
    } finally {
      await close()
    }
  },
})

const missingChromium = (browser: Browser | undefined): string | undefined =>
  browser ? undefined : (process.env.WHETSTONE_E2E_NO_CHROMIUM ?? 'no Chromium')

type Opened = { app: App; close: () => Promise<void> }

/** In the browser, or in Electron where none is given. */
async function open(browser: Browser | undefined, watch: Opening['watch']): Promise<Opened> {
  const dataDir = await mkdtemp(join(tmpdir(), 'whetstone-e2e-'))
  const remove = () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  try {
    const app = await (browser ? openInBrowser(browser, { dataDir, watch }) : openInElectron({ dataDir, watch }))
    return { app, close: () => app.close().finally(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

async function attachOutput(app: App, testInfo: TestInfo): Promise<void> {
  if (testInfo.status === testInfo.expectedStatus) return
  await testInfo.attach('terminal', { body: app.output.join('\n'), contentType: 'text/plain' })
}

/** The page's own report of what its policy blocked comes as a console error. */
function watchPage(page: Page, problems: () => string[]): void {
  page.on('pageerror', error => problems().push(`${error.name}: ${error.message}`))
  page.on('console', message => {
    if (message.type() === 'error' && /Content Security Policy|Refused to/.test(message.text())) {
      problems().push(message.text())
    }
  })
}
