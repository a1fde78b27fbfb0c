import type { Page } from '@playwright/test'
import { hiddenCharacters } from '../../shared/domain/hidden-characters.ts'
import { type App, expect, test } from './support/app.ts'
import { serviceOf } from './support/services.ts'

/**
 * Names and texts that others wrote, on every page: what is hidden in them is written out, and what runs from right to left
 * stands where it is written and swaps places with nothing.
 */
const HIDDEN = 'in\u202evoice\u200b\u2066\u{e0041}\u0007'
/** Three letters from right to left, which no text of ours has. */
const RTL = '\u05d0\u05d1\u05d2'
const HOSTILE = `${RTL}${HIDDEN}`

/** Fills the library with what others may have written. Gives the addresses of all pages that show it. */
async function fill(app: App): Promise<string[]> {
  const api = await serviceOf(app, 'app')
  const tenantId = (await api.spaces.list())[0]?.tenantId ?? ''
  const { id: skillId } = await api.skills.create({ tenantId, slug: 'names' })
  const write = async (path: string, text: string) => {
    const was = (await api.workingCopies.get({ skillId })).files.find(file => file.path === path)
    await api.workingCopies.write({ skillId, path, content: { kind: 'text', text }, expected: was?.sha256 ?? null })
  }
  const quoted = JSON.stringify(HOSTILE)
  await write('SKILL.md', `---\nname: ${quoted}\ndescription: ${quoted}\n${quoted}: 1\n---\n\n# ${HOSTILE}\n`)
  await write(`references/${RTL}-1.md`, `${HOSTILE}\n`)
  const one = await api.versions.save({ skillId, message: HOSTILE })
  await write('SKILL.md', `---\nname: names\ndescription: ${quoted}\n---\n\n[words](${RTL}.md)\n`)
  const two = await api.versions.save({ skillId, message: `${RTL}\n${HIDDEN}` })
  await api.skills.describe({ id: skillId, category: HOSTILE, tags: [RTL, HIDDEN] })
  await api.ratings.rate({ versionId: one.id, rating: 4, comment: HOSTILE, hoursSaved: 1 })
  await api.cases.add({
    skillId,
    content: {
      name: HOSTILE,
      prompt: HOSTILE,
      expectedOutput: HOSTILE,
      assertions: [],
      files: [],
      tags: [RTL],
      weight: 1,
    },
  })
  await api.agentCommands.save({ name: HOSTILE, argv: ['id', HOSTILE], form: 'text', layout: '.claude/skills' })
  await api.providers.save({ name: HOSTILE, kind: 'compatible', baseUrl: 'http://127.0.0.1:9/', models: [RTL, HIDDEN] })
  const sides = `left=version:${one.id}&right=version:${two.id}`
  const skill = `/skill/${skillId}`
  return [
    '/',
    `/s/${tenantId}`,
    `/s/${tenantId}?q=names`,
    `/s/${tenantId}/inbox`,
    `/s/${tenantId}/sync`,
    skill,
    `${skill}?file=references/${encodeURIComponent(RTL)}-1.md`,
    `${skill}/history`,
    `${skill}/history?version=${one.id}`,
    `${skill}/history?version=${one.id}&as=blame`,
    `${skill}/compare?${sides}`,
    `${skill}/benchmarks`,
    `${skill}/ratings`,
    `/compare?${sides}`,
    `/merge?${sides.replaceAll('version:', '')}`,
    '/settings',
    '/providers',
    '/registries',
    '/import',
    '/join',
  ]
}

/** Runs in the page: what a person would read wrongly. `hidden`: the source of the pattern; isolates of our own are none. */
function misleading([hidden, rtl]: readonly [string, string]): { wrong: string[]; seen: number } {
  const pattern = new RegExp(hidden, 'u')
  const own = /[\u2068\u2069]/g
  const wrong: string[] = []
  let seen = 0
  const escaped = (text: string): string =>
    text.replace(/[^\x20-\x7e]/gu, each => `\\u{${each.codePointAt(0)?.toString(16)}}`).slice(0, 200)
  const look = (text: string | null, where: string): void => {
    if (text === null) return
    const balanced = (text.match(/\u2068/g)?.length ?? 0) === (text.match(/\u2069/g)?.length ?? 0)
    if (!balanced || pattern.test(text.replaceAll(own, ''))) wrong.push(`hidden in ${where}: ${escaped(text)}`)
  }
  look(document.title, 'the title')
  for (const element of document.querySelectorAll('*'))
    for (const name of ['title', 'aria-label', 'aria-description', 'alt', 'placeholder'])
      look(element.getAttribute(name), `${element.tagName} ${name}`)

  // The text of each block, letter by letter, with where it is drawn.
  type Letter = { letter: string; node: Text; at: number }
  const blocks = new Map<Element, Letter[]>()
  const blockOf = (node: Node): Element => {
    let element = node.parentElement ?? document.body
    while (/^inline$|^contents$/.test(getComputedStyle(element).display) && element.parentElement)
      element = element.parentElement
    return element
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!(node instanceof Text) || node.parentElement?.closest('style, script, noscript')) continue
    // In an editor each hidden character has a mark of its own.
    const inEditor = node.parentElement?.closest('.cm-content') !== null
    if (!inEditor) look(node.data, `a ${node.parentElement?.tagName}`)
    if (inEditor || !node.parentElement?.checkVisibility()) continue
    const block = blockOf(node)
    const letters = blocks.get(block) ?? []
    for (const { index, 0: letter } of node.data.matchAll(/[\p{L}\p{N}()·:,.]/gu))
      letters.push({ letter, node, at: index })
    blocks.set(block, letters)
  }
  const placeOf = ({ node, at }: Letter): DOMRect | undefined => {
    const range = document.createRange()
    range.setStart(node, at)
    range.setEnd(node, at + 1)
    return range.getClientRects()[0]
  }
  for (const letters of blocks.values()) {
    const text = letters.map(({ letter }) => letter).join('')
    for (let at = text.indexOf(rtl); at !== -1; at = text.indexOf(rtl, at + rtl.length)) {
      seen++
      const name = letters.slice(at, at + rtl.length).map(placeOf)
      const [before, after] = [letters[at - 1], letters[at + rtl.length]]
      const [left, right] = [before && placeOf(before), after && placeOf(after)]
      const [first, last] = [name.at(-1), name[0]]
      if (!first || !last) continue
      const sameLine = (one: DOMRect, other: DOMRect) => Math.abs(one.top - other.top) < one.height / 2
      const swapped =
        (left && sameLine(left, first) && left.left > first.left) ||
        (right && sameLine(right, last) && right.left < last.left)
      if (swapped) wrong.push(`swapped: ${escaped(text.slice(Math.max(0, at - 40), at + 40))}`)
    }
  }
  return { wrong, seen }
}

async function goTo(page: Page, address: string): Promise<void> {
  await page.evaluate(to => {
    window.history.pushState(null, '', to)
    window.dispatchEvent(new PopStateEvent('popstate'))
  }, address)
  await page.locator('main').first().waitFor()
  // What a page still waits for is there once nothing under way is left.
  await page.waitForFunction(() => document.querySelectorAll('[aria-busy="true"], .mantine-Loader-root').length === 0)
}

/** Pages on which somebody's words are in sight at once. */
const SHOWN = /^\/s\/[^/]+$|q=names|\/skill\/[^/]+($|\/history|\/compare|\/ratings)|^\/compare|providers/

test('on no page does a name hide anything or swap places with what stands beside it', async ({ app }) => {
  const { page } = app
  const addresses = await fill(app)
  const pattern = hiddenCharacters().source
  const found: string[] = []
  let seen = 0
  for (const address of addresses) {
    await goTo(page, address)
    if (SHOWN.test(address)) await page.getByText(RTL).first().waitFor()
    const looked = await page.evaluate(misleading, [pattern, RTL] as const)
    seen += looked.seen
    found.push(...looked.wrong.map(each => `${address.replace(/[0-9a-f-]{36}/g, '…')}: ${each}`))
  }
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('names')
  await page.getByRole('option').first().waitFor()
  const quick = await page.evaluate(misleading, [pattern, RTL] as const)
  found.push(...quick.wrong.map(each => `quick open: ${each}`))
  expect([...new Set(found)]).toEqual([])
  // The pages did show them.
  expect(seen + quick.seen).toBeGreaterThan(15)
})
