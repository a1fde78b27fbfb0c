import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { strToU8, zipSync } from 'fflate'
import { gitMissing, initRepository, writeHistories } from '../support/git-repository.ts'
import { generateSkillHistories } from '../support/skill-histories.ts'
import { type App, expect, test } from './support/app.ts'

/** More rows than one page of the list holds (200). */
const SKILLS = 320

let sources: string
let repository: string

test.beforeAll(async () => {
  sources = await mkdtemp(join(tmpdir(), 'whetstone-sources-'))
  repository = join(sources, 'skills')
  if (gitMissing !== undefined) return
  initRepository(repository)
  await writeHistories(repository, generateSkillHistories({ chains: SKILLS, versions: 2, seed: 7 }))
})
test.afterAll(() => rm(sources, { recursive: true, force: true, maxRetries: 5 }))

const grid = (page: Page) => page.getByRole('grid', { name: 'Skills' })
const rows = (page: Page) => grid(page).locator('tbody tr')
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search this library' })
const footer = (page: Page) => page.locator('footer')
const dialog = (page: Page, name: string) => page.getByRole('dialog', { name })
/** The row the keys act on, by the name in it. */
const activeName = (page: Page) => grid(page).locator('tr[data-active] td[data-column=name]')

async function importPath(page: Page, path: string): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: 'Import' }).click()
  await dialog(page, 'Import').getByLabel('Folder, git repository or archive').fill(path)
  await page.keyboard.press('Enter')
}

/** A skill's folder of our own, as small as one can be. */
async function writeSkill(folder: string, name: string, words: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true })
  await writeFile(join(folder, name, 'SKILL.md'), skillMd(name, words))
}
const skillMd = (name: string, words: string) =>
  `---\nname: ${name}\ndescription: ${words}\n---\n\n# ${name}\n\n${words}\n`

/** A library of three skills of our own. */
async function withThreeSkills({ page }: App): Promise<void> {
  const folder = await mkdtemp(join(sources, 'three-'))
  await writeSkill(folder, 'pdf-forms', 'Fill and check PDF forms.')
  await writeSkill(folder, 'release-notes', 'Turn merged changes into notes.')
  await writeSkill(folder, 'sql-review', 'Review SQL before it runs.')
  await importPath(page, folder)
  await page.getByRole('link', { name: 'Show the library' }).click()
  await expect(rows(page)).toHaveCount(3)
}

test.describe('an empty library', () => {
  test('opens the sample by one click, says that its figures are invented, and throws it away', async ({ app }) => {
    const { page } = app
    await expect(page.getByRole('heading', { name: 'Your skills will be listed here' })).toBeVisible()
    await page.getByRole('button', { name: 'Open the sample' }).click()
    await expect(page.getByText(/every figure are invented/)).toBeVisible()
    await expect.poll(() => rows(page).count()).toBeGreaterThanOrEqual(6)

    await page.getByRole('button', { name: 'Throw the sample away…' }).click()
    await expect(dialog(page, 'Throw the sample away?')).toContainText(/removes \d+ skills with \d+ versions/)
    await page.getByRole('button', { name: 'Throw it away' }).click()
    await expect(page.getByRole('heading', { name: 'Your skills will be listed here' })).toBeVisible()
    await page.getByRole('button', { name: 'Space: Personal' }).click()
    await expect(page.getByRole('menuitem', { name: 'Open the sample library' })).toBeVisible()
  })

  test('@browser makes a new skill whose name is checked while it is typed', async ({ app }) => {
    const { page } = app
    await page.getByRole('button', { name: 'New skill…' }).click()
    const name = dialog(page, 'New skill').getByLabel('Name')
    await name.fill('PDF forms')
    await expect(page.getByText('Only lowercase letters')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Create' })).toBeDisabled()
    await page.getByRole('button', { name: 'Use “pdf-forms”' }).click()
    await expect(name).toHaveValue('pdf-forms')
    await dialog(page, 'New skill').getByLabel('What it is for').fill('Fill forms 😀.')
    await expect(page.getByText('13 of 1,024 characters')).toBeVisible()
    await page.getByRole('button', { name: 'Create' }).click()
    await expect(page).toHaveURL(/\/skill\//)
    const made = page.url()

    await page.getByRole('banner').getByRole('button', { name: 'New skill' }).click()
    await name.fill('pdf-forms')
    await page.getByRole('button', { name: 'Create' }).click()
    await expect(page.getByText('A skill of that name is already here.')).toBeVisible()
    await page.getByRole('link', { name: 'Open it' }).click()
    await expect(page).toHaveURL(made)
  })
})

test.describe('an import', () => {
  test.skip(() => gitMissing !== undefined, gitMissing ?? '')

  test('of a repository fills a list of which only what is seen is drawn; again, it adds nothing', async ({ app }) => {
    const { page } = app
    await importPath(page, repository)
    await expect(dialog(page, 'Import')).toContainText(`${SKILLS} skills added`)
    await page.getByRole('link', { name: 'Show the library' }).click()
    await expect(footer(page)).toContainText(`${SKILLS} skills ·`)
    await expect(grid(page)).toHaveAttribute('aria-rowcount', String(SKILLS + 1))
    expect(await rows(page).count()).toBeLessThan(80)

    await grid(page).focus()
    await page.keyboard.press('End')
    await expect(rows(page).last()).toHaveAttribute('aria-rowindex', String(SKILLS + 1))
    await expect(activeName(page)).not.toBeEmpty()
    const last = (await activeName(page).textContent()) ?? ''
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/\/skill\//)
    await page.goBack()
    await expect(activeName(page), 'coming back finds the list where it was').toHaveText(last)
    await expect(activeName(page)).toBeInViewport()

    await importPath(page, repository)
    await expect(dialog(page, 'Import')).toContainText(`${SKILLS} already here.`)
  })

  test('@browser finds words in the text, marks them, and keeps the search in the address', async ({ app }) => {
    const { page } = app
    await importPath(page, repository)
    await page.getByRole('link', { name: 'Show the library' }).click()
    await expect(footer(page)).toContainText(`${SKILLS} skills`)
    const name = ((await activeName(page).textContent()) ?? '').trim()
    await search(page).fill(name)
    await expect(rows(page).first()).toContainText(name)
    await expect.poll(() => rows(page).count()).toBeLessThan(10)
    await page.reload()
    await expect(search(page)).toHaveValue(name)
    await expect(rows(page).first()).toContainText(name)

    await search(page).fill('commit')
    await expect(page.locator('mark').first()).toHaveText(/^commit/i)
    await search(page).fill('no-such-word-anywhere')
    await expect(page.getByRole('heading', { name: 'No skill matches “no-such-word-anywhere”' })).toBeVisible()
    await page.getByRole('button', { name: 'Clear the search' }).last().click()
    await expect(footer(page)).toContainText(`${SKILLS} skills`)
  })

  test('@browser that cannot be done says what happened, what was kept and what to do', async ({ app }) => {
    const { page } = app
    await importPath(page, join(sources, 'not-there'))
    await expect(page.getByRole('alert')).toContainText('Your library is as it was.')
    await dialog(page, 'Import').getByRole('button', { name: 'Back' }).click()
    const empty = await mkdtemp(join(sources, 'empty-'))
    const field = dialog(page, 'Import').getByLabel('Folder, git repository or archive')
    // A path that failed is there to be mended.
    await expect(field).toHaveValue(join(sources, 'not-there'))
    await field.fill(empty)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('alert')).toContainText('There is no SKILL.md in there.')
  })

  test('takes an archive dropped on the window, and says why it does not take another file', async ({ app }) => {
    const { page } = app
    await expect(page.getByRole('heading', { name: 'Your skills will be listed here' })).toBeVisible()
    await drop(page, 'notes.txt', strToU8('x'))
    await expect(dialog(page, 'Import')).toContainText('“notes.txt” is no .zip or .skill file.')
    await page.keyboard.press('Escape')
    const archive = zipSync({ 'pdf-forms/SKILL.md': strToU8(skillMd('pdf-forms', 'Fill PDF forms.')) })
    await drop(page, 'pdf-forms.skill', archive)
    await expect(dialog(page, 'Import')).toContainText('1 skill added')
    await page.getByRole('link', { name: 'Open pdf-forms' }).click()
    await expect(page).toHaveURL(/\/skill\//)
  })
})

/** As a file manager drops it. */
async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([file, base64]) => {
      const carried = new DataTransfer()
      carried.items.add(new File([Uint8Array.from(atob(base64), byte => byte.charCodeAt(0))], file))
      return carried
    },
    [name, Buffer.from(bytes).toString('base64')] as const,
  )
  for (const event of ['dragover', 'drop']) await page.dispatchEvent('body', event, { dataTransfer })
}

test.describe('the list', () => {
  test('@browser is sorted and walked by keys, and a letter typed in it starts a search', async ({ app }) => {
    const { page } = app
    await withThreeSkills(app)
    const name = grid(page).getByRole('columnheader', { name: 'Name' })
    await expect(name).toHaveAttribute('aria-sort', 'ascending')
    await name.getByRole('button').press('Enter')
    await expect(name).toHaveAttribute('aria-sort', 'descending')
    await expect(rows(page).first()).toContainText('sql-review')

    await grid(page).focus()
    await page.keyboard.press('ArrowDown')
    await expect(activeName(page)).toHaveText('release-notes')
    await page.keyboard.press('p')
    await expect(search(page)).toBeFocused()
    await page.keyboard.type('df')
    await expect(rows(page)).toHaveCount(1)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'pdf-forms' })).toBeVisible()
  })

  test('archives what is selected, and undoes it', async ({ app }) => {
    const { page } = app
    await withThreeSkills(app)
    await grid(page).focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Shift+ArrowDown')
    await expect(footer(page)).toContainText('2 selected')
    await footer(page).getByRole('button', { name: 'Archive' }).click()
    await expect(rows(page)).toHaveCount(1)
    await expect(page.getByRole('button', { name: /^Archived/ })).toContainText('2')
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect(rows(page)).toHaveCount(3)
    await grid(page).focus()
    await page.keyboard.press('ControlOrMeta+a')
    await expect(footer(page)).toContainText('3 selected')
    await page.getByRole('checkbox', { name: 'Select release-notes' }).click()
    await expect(footer(page)).toContainText('2 selected')
    await expect(page.getByRole('checkbox', { name: 'Select release-notes' })).not.toBeChecked()
    await grid(page).focus()
    await page.keyboard.press('Escape')
    await expect(footer(page)).toContainText('3 skills · 3 versions')
  })

  test('@browser shows the columns one chose, also after a reload', async ({ app }) => {
    const { page } = app
    await withThreeSkills(app)
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'Cost' }).click()
    await expect(grid(page).getByRole('columnheader', { name: 'Cost' })).toHaveCount(0)
    await page.reload()
    await expect(rows(page)).toHaveCount(3)
    await expect(grid(page).getByRole('columnheader', { name: 'Cost' })).toHaveCount(0)
    await expect(grid(page).getByRole('columnheader', { name: 'Tokens' })).toBeVisible()
  })

  test('is there again after the backend was killed, without anybody asking', async ({ app }) => {
    const { page } = app
    await withThreeSkills(app)
    await app.killBackend()
    await search(page).fill('sql')
    await expect(rows(page)).toHaveCount(1)
    await expect(rows(page).first()).toContainText('sql-review')
  })
})

test('@browser quick open jumps to a skill and to an action, by keys alone', async ({ app }) => {
  const { page } = app
  await withThreeSkills(app)
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('release')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'release-notes' })).toBeVisible()
  await expect(page.getByRole('navigation').getByRole('link', { name: 'release-notes' })).toBeVisible()
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('preferences')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/settings$/)
})

test('colours chosen in the settings are there at once and after a restart', async ({ app }) => {
  const html = () => app.page.locator('html')
  await app.page.getByRole('link', { name: 'Settings' }).click()
  await app.page.getByText('Dark', { exact: true }).click()
  await expect(html()).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await app.restart()
  await expect(html()).toHaveAttribute('data-mantine-color-scheme', 'dark')
})
