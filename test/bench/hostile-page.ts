/**
 * How long heavy documents hold the page: each opened for editing, typed into, previewed and compared in a real browser, behind
 * the browser host. Figures are the longest single task of the page's thread, in ms of the processor. Baseline: a README of usual size in the same
 * run. `node test/bench/run.ts hostile-page [name of a document]`.
 */

import { mkdirSync, rmSync } from 'node:fs'
import { createRouterClient } from '@orpc/server'
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import { startBackend } from '../../electron/backend.ts'
import { backendOptions } from '../../electron/entry/options.ts'
import { findChromium } from '../e2e/support/chromium.ts'
import { startHost } from '../e2e/support/open-browser.ts'
import { projectDir, temporaryFolder } from '../support/backend.ts'
import { type HeavyDocument, heavyDocuments, largeDocuments } from '../support/heavy-documents.ts'

const GOAL_MS = 100
const PATIENCE_MS = 40_000
const STEPS = ['open', 'type', 'beside', 'search', 'preview', 'compare', 'seek', 'version'] as const
type Step = (typeof STEPS)[number]
/** 'no answer': not within PATIENCE_MS. */
type Figures = Partial<Record<Step, number | 'no answer'>>
type Stored = { name: string; skillId: string; path: string; left: string; right: string }

const usual: HeavyDocument = {
  name: 'baseline: usual prose',
  path: 'SKILL.md',
  text: `---\nname: usual\ndescription: Usual.\n---\n\n${'# Title\n\nSome *words* and a [link](a.md).\n\n'.repeat(100)}`,
}

export async function benchHostilePage(print: (line: string) => void): Promise<void> {
  const found = await findChromium(projectDir)
  if ('missing' in found) return print(`Left out: ${found.missing}`)
  // A pattern of documents' names, to look at a few alone.
  const only = process.env.WHETSTONE_HEAVY
  const documents = [
    usual,
    usual,
    ...[...largeDocuments(), ...heavyDocuments()].filter(
      each => only === undefined || new RegExp(only).test(each.name),
    ),
  ]
  const dataDir = temporaryFolder()
  mkdirSync(dataDir, { recursive: true })
  const stored = await store(dataDir, documents)
  const host = await startHost(dataDir)
  const browser = await chromium.launch({
    executablePath: found.executablePath,
    args: found.args,
    env: { ...process.env, ...found.env },
  })
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    let page = await openPage(context, host.address)
    print(`Longest task of the page in ms (goal ${GOAL_MS})`)
    print(`${'document'.padEnd(32)} ${STEPS.map(step => step.padStart(9)).join(' ')}`)
    for (const each of stored) {
      const figures: Figures = {}
      for (const step of STEPS) {
        const figure = await Promise.race([measure(browser, page, each, step), after(PATIENCE_MS)])
        figures[step] = figure
        if (figure === 'no answer') {
          await Promise.race([browser.stopTracing().catch(() => {}), after(2_000)])
          await Promise.race([page.close(), after(2_000)])
          page = await openPage(context, new URL(host.address).origin)
        }
      }
      const row = STEPS.map(step => say(figures[step]).padStart(9)).join(' ')
      print(`${each.name.padEnd(32)} ${row}`)
    }
  } finally {
    await browser.close()
    await host.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const say = (figure: number | 'no answer' | undefined): string =>
  figure === undefined ? '–' : figure === 'no answer' ? '> 40 s' : String(Math.round(figure))

const after = (ms: number): Promise<'no answer'> => new Promise(resolve => setTimeout(() => resolve('no answer'), ms))

/** One skill for each document, with two versions of which the second has a line more. */
async function store(dataDir: string, documents: readonly HeavyDocument[]): Promise<Stored[]> {
  const backend = await startBackend(backendOptions(dataDir, () => {}))
  const api = createRouterClient(backend.router)
  const tenantId = (await api.spaces.list())[0]?.tenantId ?? ''
  const stored: Stored[] = []
  for (const [at, { name, path, text }] of documents.entries()) {
    const skill = await api.skills.create({ tenantId, slug: `heavy-${at}` })
    const write = async (content: string, expected: string | null) =>
      (await api.workingCopies.write({ skillId: skill.id, path, content: { kind: 'text', text: content }, expected }))
        .sha256
    const was = (await api.workingCopies.get({ skillId: skill.id })).files.find(file => file.path === path)?.sha256
    const first = await write(text, was ?? null)
    const left = await api.versions.save({ skillId: skill.id, message: 'One' })
    await write(`${text}\nOne line more.\n`, first)
    const right = await api.versions.save({ skillId: skill.id, message: 'Two' })
    stored.push({ name, skillId: skill.id, path, left: left.id, right: right.id })
  }
  await backend.settled()
  await backend.close()
  return stored
}

async function openPage(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  await stopListening(page)
  await page.goto(address)
  await page.getByRole('grid').or(page.getByRole('table')).first().waitFor()
  return page
}

/**
 * Playwright has the page tell it of every message of a socket, which takes the page 100 ms for one of 5 MB: it is told not to. There
 * is no public way to.
 */
async function stopListening(page: Page): Promise<void> {
  const reach = (from: unknown, name: string): unknown => Reflect.get(Object(from), name)
  const connection = reach(page, '_connection')
  const inside: unknown = Reflect.apply(Object(reach(connection, 'toImpl')), connection, [page])
  const client = reach(reach(reach(inside, 'delegate'), '_mainFrameSession'), '_client')
  await Reflect.apply(Object(reach(client, 'send')), client, ['Network.disable'])
}

async function measure(
  browser: Browser,
  page: Page,
  { skillId, path, left, right }: Stored,
  step: Step,
): Promise<number> {
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] })
  try {
    switch (step) {
      case 'open':
        await goTo(page, `/skill/${skillId}?file=${path}`)
        await page.locator('.cm-content').first().waitFor()
        break
      case 'type':
        await page
          .locator('.cm-content')
          .first()
          .click({ position: { x: 60, y: 12 } })
        for (const letter of 'abc') await page.keyboard.type(letter)
        break
      case 'beside':
        if (!/\.md$/.test(path)) break
        await page.locator('aside').getByText('Preview', { exact: true }).click()
        await page.locator('iframe, [data-testid="plain-preview"]').first().waitFor()
        await page
          .locator('.cm-content')
          .first()
          .click({ position: { x: 60, y: 12 } })
        for (const letter of 'abc') await page.keyboard.type(letter)
        await page.waitForTimeout(700)
        await page.locator('aside').getByText('Checks').click()
        break
      case 'search':
        await page
          .locator('.cm-content')
          .first()
          .click({ position: { x: 60, y: 12 } })
        await page.keyboard.press('Control+f')
        await page.locator('.cm-search').waitFor()
        // One that occurs everywhere, and one that occurs nowhere.
        for (const sought of ['a', 'qzq']) {
          await page.keyboard.press('Control+a')
          await page.keyboard.type(sought)
          await page.keyboard.press('Enter')
          await page.waitForTimeout(300)
        }
        await page.keyboard.press('Escape')
        break
      case 'preview':
        if (!/\.md$/.test(path)) break
        await page.getByText('Read', { exact: true }).click()
        await page.locator('iframe, [data-testid="plain-preview"]').first().waitFor()
        await page.waitForTimeout(700)
        await page.getByText('Write', { exact: true }).last().click()
        break
      case 'compare':
        await goTo(page, `/skill/${skillId}/compare?left=version:${left}&right=version:${right}&file=${path}`)
        await page.locator('.cm-content').nth(1).waitFor()
        break
      case 'seek':
        await page.keyboard.press('Control+f')
        await page.getByRole('search').waitFor()
        for (const sought of ['a', 'qzq']) {
          await page.keyboard.press('Control+a')
          await page.keyboard.type(sought)
          await page.waitForTimeout(300)
        }
        await page.keyboard.press('Escape')
        break
      case 'version':
        await goTo(page, `/skill/${skillId}/history`)
        await page.getByText('Two').first().waitFor()
        break
      default:
        step satisfies never
    }
  } catch (error) {
    if (!/Timeout|closed/.test(String(error))) throw error
  }
  await page.waitForTimeout(700)
  return longestTask(await browser.stopTracing())
}

/** As a click on a link would: without loading the page again. */
const goTo = (page: Page, address: string): Promise<void> =>
  page.evaluate(to => {
    window.history.pushState(null, '', to)
    window.dispatchEvent(new PopStateEvent('popstate'))
  }, address)

type TraceEvent = { name: string; ph: string; pid: number; tid: number; tdur?: number; args?: { name?: string } }

/** The longest task of a page's main thread, in ms of the processor: a busy machine does not lengthen it. */
function longestTask(trace: Buffer): number {
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(trace.toString())
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  let longest = 0
  for (const { name, ph, pid, tid, tdur } of traceEvents)
    if (name === 'RunTask' && ph === 'X' && mains.has(`${pid} ${tid}`)) longest = Math.max(longest, tdur ?? 0)
  return longest / 1_000
}
