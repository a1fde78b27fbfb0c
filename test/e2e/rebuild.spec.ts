import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addSkill, fillLibrary, openOrThrow, PERSONAL } from '../support/library-to-break.ts'
import { expectAccessible } from './support/accessible.ts'
import { expect, test } from './support/app.ts'
import { type HostProcess, startHost } from './support/open-browser.ts'

/** The backend comes up behind the page. */
const STARTING = { timeout: 60_000 }

/** A library that broke between two starts: what the page says and does about it. The page is the same in Electron. */
test.describe('a broken library', () => {
  let dataDir: string
  let host: HostProcess
  test.beforeEach(async ({ browserProcess }) => {
    test.skip(browserProcess === undefined, process.env.WHETSTONE_E2E_NO_CHROMIUM ?? 'the page is the same in Electron')
    dataDir = await mkdtemp(join(tmpdir(), 'whetstone-e2e-'))
    const library = openOrThrow(dataDir)
    fillLibrary(library, 4)
    addSkill(library, PERSONAL, 2)
    library.close()
  })
  test.afterEach(async () => {
    await host?.close()
    if (dataDir) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })
  const file = () => join(dataDir, 'library.db')

  test('is rebuilt from the page, which says what came back and what did not', async ({ browserProcess, problems }) => {
    const bytes = readFileSync(file())
    for (let page = 30; page < 40; page++) bytes.fill(0xff, page * 4096, page * 4096 + 512)
    writeFileSync(file(), bytes)
    host = await startHost(dataDir)
    const page = await browserProcess?.newPage({ viewport: { width: 1280, height: 800 } })
    if (!page) throw new Error('there is no browser')
    page.on('pageerror', error => problems.push(error.message))
    await page.goto(host.address)
    await expect(page.getByRole('heading', { name: 'The library could not be opened' })).toBeVisible(STARTING)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Rebuild the library' }).click()
    await expect(page.getByRole('heading', { name: 'The library was rebuilt' })).toBeVisible()
    await expect(page.getByText(/^9 skills, 34 versions/)).toBeVisible()
    await expect(page.getByText('library-set-aside-')).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Open the library' }).click()
    await expect(page.getByRole('button', { name: 'New skill' })).toBeVisible()
    await page.close()
  })

  test('older than it was is opened as it is, when its reader says so', async ({ browserProcess }) => {
    writeFileSync(join(dataDir, 'library.mark'), '9\n')
    host = await startHost(dataDir)
    const page = await browserProcess?.newPage()
    if (!page) throw new Error('there is no browser')
    await page.goto(host.address)
    await expect(page.getByText('The library is older than what was saved in it before')).toBeVisible(STARTING)
    await page.getByRole('button', { name: 'Open it as it is' }).click()
    await expect(page.getByRole('button', { name: 'New skill' })).toBeVisible()
    await page.close()
  })
})
