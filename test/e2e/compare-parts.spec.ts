import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { gitMissing, initRepository, writeCommits, writeHistories } from '../support/git-repository.ts'
import { historiesMissing, readSkillHistories } from '../support/skill-histories.ts'
import { expect, test } from './support/app.ts'
import { openSampleSkill, tab } from './support/skills.ts'

let folder = ''
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whetstone-compare-'))
})
test.afterEach(() => rm(folder, { recursive: true, force: true }))

const summary = (page: Page) => page.getByTestId('summary')
const side = (page: Page, name: 'Left' | 'Right') => page.getByRole('button', { name: new RegExp(`^${name} side: `) })
const files = (page: Page) => page.getByRole('navigation', { name: 'Files that differ' })
const pane = (page: Page, name: RegExp) => page.getByLabel(name).and(page.locator('.cm-content'))

async function importPath(page: Page, path: string): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: 'Import' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import' })
  await dialog.getByLabel('Folder, git repository or archive').fill(path)
  await page.keyboard.press('Enter')
  await dialog.getByRole('link', { name: /^Open / }).click()
}

async function writeFiles(root: string, contents: Record<string, string | Uint8Array>): Promise<string> {
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

/** Two folders on disk, compared by the address that the pickers would write. */
async function openFolders(page: Page, left: string, right: string): Promise<void> {
  const address = `/compare?${new URLSearchParams({ left: `folder:${left}`, right: `folder:${right}` })}`
  await page.evaluate(to => {
    window.history.pushState(null, '', to)
  }, address)
}

const skillMd = (name: string, body: string) => `---\nname: ${name}\ndescription: Fill and check forms.\n---\n\n${body}`

test('the longest real chain: every step of its history is compared', async ({ app }) => {
  const missing = historiesMissing('claude-plugins') ?? gitMissing
  test.skip(missing !== undefined, missing)
  const [longest] = (readSkillHistories('claude-plugins') ?? []).toSorted(
    (a, b) => b.versions.length - a.versions.length,
  )
  if (!longest) throw new Error('no chain')
  initRepository(folder)
  await writeHistories(folder, [longest])
  const { page } = app
  await importPath(page, folder)
  await tab(page, 'Compare').click()
  const last = longest.versions.length
  await expect(side(page, 'Right')).toContainText(new RegExp(`v${last}\\b`))
  for (let at = last; at > 1; at--) {
    await expect(side(page, 'Left')).toContainText(new RegExp(`v${at - 1}\\b`))
    await expect(side(page, 'Right')).toContainText(new RegExp(`v${at}\\b`))
    await expect(summary(page)).toContainText(/^1 file/)
    await expect(page.locator('.ws-line').first()).toBeVisible()
    if (at > 2) await page.keyboard.press('[')
  }
})

test('a rewritten file, a moved block, and search through both sides', async ({ app }) => {
  const block = Array.from({ length: 8 }, (_, i) => `Step ${i + 1}: look at field number ${i + 1} of the form.`)
  const rest = Array.from({ length: 30 }, (_, i) => `An unchanged sentence about topic ${i + 1} stays here.`)
  const left = await writeFiles(join(folder, 'left', 'forms'), {
    'SKILL.md': skillMd('forms', [...block, '', ...rest, ''].join('\n')),
    'notes.md': Array.from({ length: 200 }, (_, i) => `Old words ${i}, all of them.\n`).join(''),
  })
  const right = await writeFiles(join(folder, 'right', 'forms'), {
    'SKILL.md': skillMd('forms', [...rest, '', ...block, ''].join('\n')),
    'notes.md': Array.from({ length: 180 }, (_, i) => `Nothing ${i * 7} here was kept.\n`).join(''),
  })
  const { page } = app
  await openFolders(page, left, right)
  await expect(summary(page)).toContainText('2 files')

  // By the pointer and by the keyboard, there and back.
  await page.getByRole('button', { name: 'moved to line 37' }).click()
  const back = page.getByRole('button', { name: 'moved from line 6' })
  await expect(back).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'moved to line 37' })).toBeFocused()
  await page.keyboard.press('m')
  await expect(back).toBeFocused()

  await page.keyboard.press('ControlOrMeta+f')
  const sought = page.getByRole('textbox', { name: 'Search both sides' })
  await expect(sought).toBeFocused()
  // Folded away on both sides, and brought back.
  await page.keyboard.type('about topic 15 stays')
  await expect(page.getByRole('search')).toContainText('1 of 2')
  await expect(page.locator('.cm-searchMatch')).toHaveCount(2)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('search')).toContainText('2 of 2')
  await sought.fill('nowhere at all')
  await expect(page.getByRole('search')).toContainText('No results')
  await page.keyboard.press('Escape')
  await expect(sought).toBeHidden()

  await files(page)
    .getByRole('button', { name: /notes\.md/ })
    .click()
  await expect(page.getByText('+180 −200 lines')).toBeVisible()
  await files(page).getByRole('button', { name: 'Copy all files as a unified patch' }).click()
  await expect(page.getByText('Copied 2 files as a unified patch.')).toBeVisible()
})

test('a bundle under another name: its files are moved or renamed, not gone and new', async ({ app }) => {
  const script = 'import sys\n\nfor path in sys.argv[1:]:\n    print(path)\n'
  const left = await writeFiles(join(folder, 'forms'), {
    'SKILL.md': skillMd('forms', '# Forms\n'),
    'scripts/fill.py': script,
    'references/fields.md': '# Fields\n\nA field has a name and a value.\n',
  })
  const right = await writeFiles(join(folder, 'form-filling'), {
    'SKILL.md': skillMd('form-filling', '# Forms\n'),
    'tools/fill.py': script,
    'references/all-fields.md': '# Fields\n\nA field has a name and a value.\n',
  })
  const { page } = app
  await openFolders(page, left, right)
  await expect(summary(page)).toContainText('3 files, 2 renamed, name changed')
  await expect(files(page).getByRole('button', { name: /moved/ })).toContainText('scripts/fill.pytools/fill.py')
  await expect(files(page).getByRole('button', { name: /renamed/ })).toContainText('references/all-fields.md')
  await expect(page.getByRole('region', { name: 'Frontmatter' })).toContainText('name')
})

test('pictures are swiped by keyboard, other binaries have sizes, and a side may be empty', async ({ app }) => {
  test.skip(gitMissing !== undefined, gitMissing)
  const svg = (colour: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="${colour}"/></svg>\n`
  const at = (path: string, bytes: string | Uint8Array) => ({ write: `forms/${path}`, bytes })
  initRepository(folder)
  await writeCommits(folder, [
    {
      message: 'First',
      changes: [
        at('SKILL.md', skillMd('forms', '# Forms\n')),
        at('data.bin', new Uint8Array(2048)),
        at('logo.png', png(60, 40, 40)),
        at('icon.svg', svg('red')),
        at('emptied.md', 'It had words.\n'),
      ],
    },
    {
      message: 'Second',
      changes: [
        at('data.bin', new Uint8Array(5120)),
        at('logo.png', png(80, 40, 200)),
        at('icon.svg', svg('blue')),
        at('emptied.md', ''),
        at('added.md', 'New words.\n'),
      ],
    },
  ])
  const { page } = app
  await importPath(page, folder)
  await tab(page, 'Compare').click()
  await expect(summary(page)).toContainText('5 files, 1 added')

  const open = (name: RegExp) => files(page).getByRole('button', { name }).click()
  await open(/logo\.png/)
  await expect(page.getByText(/v1: 60 × 40 pixels, .* → v2: 80 × 40 pixels, /)).toBeVisible()
  const slider = page.getByRole('slider', { name: 'Swipe between v1 and v2' })
  await slider.focus()
  await page.keyboard.press('End')
  await expect(slider).toHaveAttribute('aria-valuetext', '100% v1, 0% v2')
  await page.keyboard.press('ArrowLeft')
  await expect(slider).toHaveAttribute('aria-valuetext', '99% v1, 1% v2')
  await expect(page.getByRole('img', { name: 'logo.png, v1' })).toHaveAttribute('src', /^blob:/)
  await page.getByText('Side by side', { exact: true }).click()
  await expect(slider).toBeHidden()

  await open(/icon\.svg/)
  await expect(page.getByRole('img', { name: 'icon.svg, v2' })).toHaveAttribute('src', /^blob:/)
  await page.getByText('Text', { exact: true }).click()
  await expect(page.locator('del.ws-word-removed')).toHaveText(['red'])

  await open(/data\.bin/)
  await expect(page.getByText('v1: not text, 2.0 KB')).toBeVisible()
  await expect(page.getByText('v2: not text, 5.0 KB (+3.0 KB)')).toBeVisible()

  await open(/emptied\.md/)
  await expect(page.getByText('+0 −1 lines')).toBeVisible()
  await open(/added\.md/)
  await expect(page.getByText('Not in v1: everything here was added.')).toBeVisible()

  await files(page).getByRole('button', { name: 'Copy all files as a unified patch' }).click()
  await expect(page.getByText('Without 2 files that are not text.')).toBeVisible()
})

test('the published version and a folder on disk are sides like any other', async ({ app }) => {
  const { page } = app
  const forms = await writeFiles(join(folder, 'forms'), { 'SKILL.md': skillMd('forms', '# Forms\n') })
  await openSampleSkill(page, 'pdf-forms')
  await tab(page, 'Compare').click()
  await side(page, 'Left').click()
  await page.getByRole('option', { name: /^Published/ }).click()
  await expect(side(page, 'Left')).toContainText(/Published: v\d/)
  await side(page, 'Right').click()
  await page.getByRole('option', { name: 'A folder on disk…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Right side: a folder on disk' })
  await dialog.getByRole('textbox').fill(join(folder, 'nothing-here'))
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('textbox')).toHaveAttribute('aria-invalid', 'true')
  await dialog.getByRole('textbox').fill(forms)
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(side(page, 'Right')).toContainText(forms)
  await expect(summary(page)).toContainText('description shortened by')
  await page.reload()
  await expect(side(page, 'Right')).toContainText(forms)
})

test('two dropped files are compared in the page alone, and a reload forgets them', async ({ app }) => {
  const { page } = app
  await page.getByRole('link', { name: 'Compare' }).click()
  await drop(page, [
    ['before.md', 'The quick check.\n'],
    ['after.md', 'The careful check.\n'],
  ])
  await expect(page.getByText('nothing is stored, and a reload forgets them')).toBeVisible()
  await expect(page.locator('del.ws-word-removed')).toHaveText(['quick'])
  await expect(page.locator('ins.ws-word-added')).toHaveText(['careful'])
  await page.getByRole('button', { name: 'Swap sides' }).click()
  await expect(page.locator('del.ws-word-removed')).toHaveText(['careful'])
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Choose two files' })).toBeVisible()

  // One after the other, and what cannot be compared.
  await drop(page, [['one.md', 'Same words.\n']])
  await expect(page.getByRole('heading', { name: 'One more file' })).toBeVisible()
  await page
    .getByLabel('Right file', { exact: true })
    .and(page.locator('input'))
    .setInputFiles({
      name: 'latin.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from([0x67, 0x72, 0xfc, 0xdf]),
    })
  await expect(page.getByText('latin.txt is text, but not UTF-8. Save it as UTF-8 to compare it.')).toBeVisible()
  await page
    .getByLabel('Right file', { exact: true })
    .and(page.locator('input'))
    .setInputFiles({
      name: 'big.md',
      mimeType: 'text/plain',
      buffer: Buffer.alloc(5 * 1024 * 1024 + 1, 'a'),
    })
  await expect(page.getByText('big.md has 5.0 MB. Files of up to 5.0 MB can be compared here.')).toBeVisible()
})

for (const scheme of ['light', 'dark'] as const)
  test(`axe finds nothing serious on the compare page (${scheme})`, async ({ app }) => {
    const { page } = app
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await openSampleSkill(page, 'pdf-forms')
    await tab(page, 'Compare').click()
    await expect(page.locator('.ws-line').first()).toBeVisible()
    await page.keyboard.press('ControlOrMeta+f')
    await page.keyboard.type('form')
    await expect(page.getByRole('search')).toContainText(/1 of \d/)
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(
      serious.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`)),
    ).toEqual([])
    await expect(pane(page, /SKILL\.md/).first()).toBeVisible()
  })

/** Drops files on the page as a file manager does. */
async function drop(page: Page, dropped: [name: string, text: string][]): Promise<void> {
  const carried = await page.evaluateHandle(list => {
    const data = new DataTransfer()
    for (const [name, text] of list) data.items.add(new File([text], name))
    return data
  }, dropped)
  for (const type of ['dragover', 'drop'])
    await page.locator('[data-over]').dispatchEvent(type, { dataTransfer: carried, clientX: 600, clientY: 400 })
}

/** A grey PNG of one shade. */
function png(width: number, height: number, shade: number): Uint8Array {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const framed = Buffer.alloc(body.length + 8)
    framed.writeUInt32BE(data.length, 0)
    body.copy(framed, 4)
    framed.writeUInt32BE(crc32(body), body.length + 4)
    return framed
  }
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0])
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width, shade)])
  const rows = Buffer.concat(Array.from({ length: height }, () => row))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
