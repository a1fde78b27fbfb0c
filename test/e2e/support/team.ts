import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { type App, test as base, expect } from './app.ts'
import { openInBrowser } from './open-browser.ts'
import { type Invited, type Registry, startRegistry } from './registry.ts'
import { connectTo } from './services.ts'

export { expect } from './app.ts'

/** One person's app, and its service to set up what a test is not about. */
export type Computer = App & { api: Awaited<ReturnType<typeof connectTo>>['api'] }
/** Two people's apps in one team, with what lies between each and the registry. Errors of their pages come with them. */
export type Pair = { registry: Registry; ada: Member; grace: Member }
export type Member = Computer & Invited

type Opened = { computer: Computer; close: () => Promise<void> }
type Fixtures = {
  /** Another computer, with an empty library; it ends with the test. */
  open: () => Promise<Computer>
  /** Ada, an admin, and Grace, an author: the same two apps for all tests of a file that run in one process. */
  pair: Pair
}
type Workers = {
  registry: Registry | { missing: string }
  shared: (Pair & { problems: string[] }) | { missing: string }
}

export const test = base.extend<Fixtures, Workers>({
  registry: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern which fixtures are wanted.
    async ({}, use) => {
      const registry = await startRegistry()
      await use(registry)
      if (!('missing' in registry)) await registry.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  shared: [
    async ({ browserProcess, registry }, use) => {
      if ('missing' in registry) return use(registry)
      if (!browserProcess) return use({ missing: process.env.WHETSTONE_E2E_NO_CHROMIUM ?? 'no Chromium' })
      const problems: string[] = []
      const opened: Opened[] = []
      try {
        for (const _ of ['Ada', 'Grace']) opened.push(await openComputer(browserProcess, problems))
        const [one, two] = opened.map(each => each.computer)
        if (!one || !two) throw new Error('There are no two computers.')
        const [forAda, forGrace] = [await registry.invite('Ada', 'admin'), await registry.invite('Grace')]
        await Promise.all([joinQuietly(one, forAda.invite), joinQuietly(two, forGrace.invite)])
        await use({ registry, ada: Object.assign(one, forAda), grace: Object.assign(two, forGrace), problems })
      } finally {
        await Promise.all(opened.map(each => each.close()))
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  pair: async ({ shared }, use, testInfo) => {
    if ('missing' in shared) return testInfo.skip(true, shared.missing)
    await use(shared)
    expect(shared.problems.splice(0), 'errors in the pages').toEqual([])
  },
  open: async ({ browserProcess, problems }, use, testInfo) => {
    const opened: Opened[] = []
    if (!browserProcess) return testInfo.skip(true, process.env.WHETSTONE_E2E_NO_CHROMIUM ?? 'no Chromium')
    await use(async () => {
      const one = await openComputer(browserProcess, problems)
      opened.push(one)
      return one.computer
    })
    for (const { close } of opened) await close()
  },
})

async function openComputer(browser: Browser, problems: string[]): Promise<Opened> {
  const dataDir = await mkdtemp(join(tmpdir(), 'whetstone-e2e-sync-'))
  const app = await openInBrowser(browser, {
    dataDir,
    watch: page => page.on('pageerror', error => problems.push(`${error.name}: ${error.message}`)),
  })
  const { api, close } = await connectTo(app)
  return {
    computer: Object.assign(app, { api }),
    close: async () => {
      close()
      await app.close()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Joins and starts without a page. */
export async function joinQuietly({ api }: Computer, invite: string, content: 'all' | 'newest' = 'all'): Promise<void> {
  const steps = await api.sync.join({ invite })
  for (;;) {
    const next = await steps.next()
    if (!next.done) continue
    const { tenantId } = next.value
    await api.sync.start({ tenantId, content })
    await expect.poll(async () => (await api.sync.status())[0]?.syncedAt ?? null).not.toBeNull()
    return
  }
}

/** How the team is doing, in one line at the bottom of the sidebar. */
export const line = (page: Page) => page.getByTestId('sync')
/** A notification in the corner. */
export const told = (page: Page, words: string) => page.getByRole('status').filter({ hasText: words })

/** 'v2: second, Ada' for each version that the page shows, newest first. */
export const history = (page: Page) =>
  page
    .getByRole('list', { name: 'Versions, newest first' })
    .locator('[data-version]')
    .evaluateAll(items => items.map(item => item.getAttribute('aria-label')))

/** Sets the text below the frontmatter, as typing it would. */
export async function write({ api }: Computer, skillId: string, body: string): Promise<void> {
  const { files } = await api.workingCopies.get({ skillId })
  const { slug } = await api.skills.get({ id: skillId })
  const text = `---\nname: ${slug}\ndescription: About ${slug}\n---\n${body}`
  const expected = files.find(file => file.path === 'SKILL.md')?.sha256 ?? null
  await api.workingCopies.write({ skillId, path: 'SKILL.md', content: { kind: 'text', text }, expected })
}

/** Writes and saves a version. */
export async function save(app: Computer, skillId: string, message: string, body = `${message}\n`): Promise<string> {
  await write(app, skillId, body)
  return (await app.api.versions.save({ skillId, message })).id
}

/** A skill of that library, with a version for each message. */
export async function newSkill(app: Computer, tenantId: string, slug: string, ...messages: string[]): Promise<string> {
  const { id } = await app.api.skills.create({ tenantId, slug, description: `About ${slug}` })
  for (const message of messages) await save(app, id, message)
  return id
}

export const spaceOf = async (app: Computer, kind: 'personal' | 'team'): Promise<string> =>
  (await app.api.spaces.list()).find(space => space.kind === kind)?.tenantId ?? ''

/** What a version's row says of all that both sides must agree on. */
const versionsOf = async ({ api }: Computer, skillId: string) =>
  (await api.versions.list({ skillId })).map(row => [row.number, row.id, row.contentHash, row.published])

/** Until the other one has the same versions of a skill, numbered, the same published, and their content. */
export async function sameVersions(one: Computer, other: Computer, skillId: string): Promise<void> {
  await expect(async () => {
    const [mine, theirs] = [await versionsOf(one, skillId), await versionsOf(other, skillId).catch(() => [])]
    expect(theirs).toEqual(mine)
    expect(mine.every(([number]) => number !== null)).toBe(true)
    for (const [, id] of theirs) await other.api.sync.fetchContent({ versionId: String(id) })
  }).toPass()
}

/** Both have sent and received all there was, and nobody is asked anything. */
export async function bothCalm({ ada, grace }: Pair): Promise<void> {
  for (const { page } of [ada, grace]) await expect(line(page)).toHaveText(/^synced \d\d:\d\d$/)
}
