import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createRouterClient, type RouterClient } from '@orpc/server'
import { chromium, type Page } from '@playwright/test'
import { startBackend } from '../electron/backend.ts'
import { backendOptions, syncOptions } from '../electron/entry/options.ts'
import { findChromium } from './e2e/support/chromium.ts'
import { startHost } from './e2e/support/open-browser.ts'
import { type Registry, startRegistry } from './e2e/support/registry.ts'
import { projectDir, temporaryFolder } from './support/backend.ts'

/**
 * `npm run screenshots [folder]`: the README's pictures, taken from the running app with the sample library in it. Builds
 * first, so that what is shown is what is here.
 */
const target = process.argv[2] ?? join(projectDir, 'docs', 'screenshots')
const found = await findChromium(projectDir)
if ('missing' in found) {
  console.error(found.missing)
  process.exit(2)
}
const built = spawnSync(
  process.execPath,
  [join(projectDir, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'],
  {
    cwd: projectDir,
    stdio: ['ignore', 'ignore', 'inherit'],
  },
)
if (built.status !== 0) process.exit(1)

const dataDir = temporaryFolder()
const registry = await startRegistry()
const sample = await openSample()
const host = await startHost(dataDir)
const browser = await chromium.launch({
  executablePath: found.executablePath,
  args: found.args,
  env: { ...process.env, ...found.env },
})
try {
  mkdirSync(target, { recursive: true })
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 2,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await page.goto(host.address)
  const origin = new URL(host.address).origin
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    for (const { name, address, ready } of sample) {
      await page.goto(`${origin}${address}`)
      await ready(page)
      const file = join(target, scheme === 'light' ? `${name}.png` : `${name}-dark.png`)
      await page.screenshot({ path: file, animations: 'disabled' })
      console.log(file)
    }
  }
} finally {
  await browser.close()
  await host.close()
  if (!('missing' in registry)) await registry.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

type Api = RouterClient<Awaited<ReturnType<typeof startBackend>>['router']>
type Shot = { name: string; address: string; ready: (page: Page) => Promise<void> }

/** Fills the library before the app opens it, and says what is to be seen where. */
async function openSample(): Promise<Shot[]> {
  const backend = await startBackend({ ...backendOptions(dataDir, () => {}), sync: syncOptions() })
  const api = createRouterClient(backend.router)
  const { tenantId } = await api.spaces.openSample()
  const skill = async (slug: string) => (await api.skills.list({ tenantId, slug })).rows[0]?.id ?? ''
  await api.versions.series({ skillId: await skill('sql-review') })
  await backend.settled()
  const versions = await api.versions.list({ skillId: await skill('release-notes') })
  const version = (number: number) => versions.find(one => one.number === number)?.id ?? ''
  const shots: Shot[] = [
    { name: 'library', address: `/s/${tenantId}`, ready: async page => page.getByText('sql-review').first().waitFor() },
    {
      name: 'skill',
      address: `/skill/${await skill('api-docs')}`,
      ready: async page => page.locator('.cm-content').first().waitFor(),
    },
    {
      name: 'history',
      address: `/skill/${await skill('sql-review')}/history`,
      ready: async page => page.getByText('Loaded on trigger').first().waitFor(),
    },
    {
      name: 'compare',
      address: `/compare?left=version:${version(2)}&right=version:${version(4)}`,
      ready: async page => {
        await page.locator('.cm-content').nth(1).waitFor()
        await page
          .getByText(/11 won/)
          .first()
          .waitFor()
      },
    },
    {
      name: 'benchmarks',
      address: `/skill/${await skill('release-notes')}/benchmarks`,
      ready: async page => {
        await page.locator('canvas').first().waitFor()
      },
    },
  ]
  if ('missing' in registry) console.error(`No picture of sync: ${registry.missing}`)
  else shots.push(await openTeam(api, registry, await skill('sql-review')))
  await backend.close()
  return shots
}

/** A team in which somebody else published another version of a skill while this computer was not connected. */
async function openTeam(api: Api, { tenantId, invite, program }: Registry, shared: string): Promise<Shot> {
  const steps = await api.sync.join({ invite: (await invite('Ada', 'admin')).invite })
  while (!(await steps.next()).done);
  await api.sync.start({ tenantId, content: 'all' })
  const { skillId } = await api.sync.share({ skillId: shared, tenantId })
  const versions = () => api.versions.list({ skillId })
  await until(async () => (await versions()).every(version => version.number !== null))
  const [ours = '', , theirs = ''] = (await versions()).map(version => version.id)
  const grace = await program('Grace', 'admin')
  await api.sync.pause({ tenantId })
  await api.versions.publish({ skillId, versionId: ours, expected: null })
  await grace.publish({ skillId, versionId: theirs, expected: null, content: null })
  await api.sync.start({ tenantId, content: 'all' })
  await until(async () => (await api.sync.status())[0]?.needsYou === 1)
  return {
    name: 'sync',
    address: `/s/${tenantId}/sync`,
    ready: async page => page.getByRole('article').first().waitFor(),
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 100))
}
