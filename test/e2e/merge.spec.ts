import type { Page } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { type App, expect, test } from './support/app.ts'
import { serviceOf } from './support/services.ts'
import { editor, openSampleSkill, saved, saveVersion, tab } from './support/skills.ts'

const conflict = (page: Page, number: number) =>
  page.getByRole('region', { name: new RegExp(`^Conflict ${number} of `) })
const save = (page: Page) => page.getByRole('button', { name: 'Save merged version…' })
const progress = (page: Page) => page.getByRole('status').filter({ hasText: / settled\./ })
const undo = (page: Page) => page.getByRole('main').getByRole('button', { name: 'Undo' })

type Contents = Record<string, string | { base64: string }>
const PIXEL = (last: string) => `iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9aw${last}=`

/**
 * Makes a skill whose history goes apart, as two computers do: `left` and `right` both start from `base`, or from nothing.
 * Answers the path of the merge's address.
 */
async function divergence(app: App, base: Contents | undefined, left: Contents, right: Contents): Promise<string> {
  const api = await serviceOf(app, 'app')
  const tenantId = (await api.spaces.list()).find(space => space.kind === 'personal')?.tenantId ?? ''
  const { id: skillId } = await api.skills.create({ tenantId, slug: 'two-ways' })
  const version = async (message: string, contents: Contents, baseId: string | null) => {
    const files = baseId === null ? [] : (await api.versions.get({ id: baseId })).files
    await api.workingCopies.put({ skillId, baseId, files })
    for (const { path } of files) if (!(path in contents)) await api.workingCopies.remove({ skillId, path })
    for (const [path, content] of Object.entries(contents)) {
      const expected = files.find(file => file.path === path)?.sha256 ?? null
      const body =
        typeof content === 'string' ? { kind: 'text' as const, text: content } : { kind: 'base64' as const, ...content }
      await api.workingCopies.write({ skillId, path, content: body, expected })
    }
    return (await api.versions.save({ skillId, message })).id
  }
  const from = base ? await version('base', base, null) : null
  const one = await version('left', left, from)
  const other = await version('right', right, from)
  return `/merge?left=${one}&right=${other}`
}

const skillMd = (body: string) => `---\nname: two-ways\ndescription: Made to be merged.\n---\n${body}`
const lines = (middle: string, end = 'end') => skillMd(`start\n\n${middle}\n\nx\n\ny\n\n${end}\n`)

async function openMerge(app: App, path: string): Promise<void> {
  await app.page.goto(new URL(path, app.page.url()).href)
  await expect(app.page.getByRole('heading', { level: 1, name: /^Merge v\d+ into v\d+$/ })).toBeVisible()
  await expect(progress(app.page)).toBeVisible()
}

test('two that went apart are put together: from an older version, to one with two parents', async ({ app }) => {
  const { page } = app
  await openSampleSkill(page, 'sql-review')
  await tab(page, /History/).click()
  await page.getByRole('button', { name: 'Actions for v5' }).click()
  await page.getByRole('menuitem', { name: 'Edit from this version' }).click()
  await expect(page.getByText('You are editing v5 now.')).toBeVisible()
  await editor(page).getByText('1.3').click()
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+End')
  await page.keyboard.type('version: "1.9"')
  await saved(page)
  await saveVersion(page, 'Another way from v5')

  await tab(page, /History/).click()
  await expect(page.getByText('v6 and v7 both come from v5.')).toBeVisible()
  await page.getByRole('link', { name: 'Merge…' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Merge v7 into v6' })).toBeVisible()
  await expect(progress(page)).toHaveText('0 of 1 settled. Still to settle: SKILL.md (1 conflict).')
  await expect(save(page)).toBeDisabled()
  await expect(page.getByText('1 file taken from v6')).toBeVisible()
  await expect(conflict(page, 1).locator('mark')).toHaveText(['4', '9'])
  await expectAccessible(page)

  await conflict(page, 1).getByRole('button', { name: 'Take v7' }).click()
  await expect(conflict(page, 1)).toContainText('version: "1.9"')
  await expect(progress(page)).toHaveText('1 of 1 settled.')
  await save(page).click()
  const dialog = page.getByRole('dialog', { name: 'Save the merged version' })
  await expect(dialog.getByRole('textbox')).toHaveValue('Merge v7 into v6')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved v8, made of v6 and v7.')).toBeVisible()
  await expect(page.getByRole('listitem').filter({ hasText: 'Merge v7 into v6' })).toContainText('merge of two')
  await expect(page.getByText('both come from')).toBeHidden()

  await page.getByRole('button', { name: 'Compare with v6' }).first().click()
  await expect(page.locator('ins.ws-word-added')).toHaveText(['9'])
})

test('choices are gone through by keyboard, taken back, and outlive a reload', async ({ app }) => {
  const { page } = app
  const base = { 'SKILL.md': lines('middle'), 'notes.md': 'one\n' }
  const left = { 'SKILL.md': lines('left', 'left end'), 'notes.md': 'left\n' }
  const right = { 'SKILL.md': lines('right', 'right end'), 'notes.md': 'right\n' }
  await openMerge(app, await divergence(app, base, left, right))
  await page.keyboard.press('F7')
  await expect(conflict(page, 1)).toBeFocused()
  await page.keyboard.press('l')
  await expect(conflict(page, 1)).toContainText('settled: v2')
  await page.keyboard.press('Alt+ArrowDown')
  await expect(conflict(page, 2)).toBeFocused()
  await page.keyboard.press('b')
  await expect(conflict(page, 2)).toContainText('settled: v2, then v3')
  await page.keyboard.press('F7')
  await expect(conflict(page, 3)).toBeFocused()
  await expect(page.getByRole('heading', { level: 2, name: 'notes.md' })).toBeVisible()
  await page.keyboard.press('Shift+F7')
  await expect(conflict(page, 2)).toBeFocused()
  await expect(progress(page)).toContainText('2 of 3 settled. Still to settle: notes.md (1 conflict).')

  await page.reload()
  await expect(progress(page)).toContainText('2 of 3 settled.')
  await expect(undo(page)).toBeDisabled()
  await page.keyboard.press('F7')
  await page.keyboard.press('r')
  await expect(conflict(page, 1)).toContainText('settled: v3')
  await page.keyboard.press('ControlOrMeta+z')
  await expect(conflict(page, 1)).toContainText('settled: v2')
  await page.keyboard.press('ControlOrMeta+Shift+z')
  await expect(conflict(page, 1)).toContainText('settled: v3')

  await page.getByRole('switch', { name: 'Show v1' }).check()
  await conflict(page, 1).getByRole('button', { name: 'Show both sides' }).click()
  await expect(conflict(page, 1)).toContainText('v1, what both come from')
})

test('a conflict, and a whole result, can be written by hand; marks of a conflict are not saved', async ({ app }) => {
  const { page } = app
  const base = { 'SKILL.md': lines('middle') }
  await openMerge(app, await divergence(app, base, { 'SKILL.md': lines('left') }, { 'SKILL.md': lines('right') }))
  await conflict(page, 1).getByRole('button', { name: 'Edit…' }).click()
  const field = page.getByRole('textbox', { name: 'Conflict 1 of 1, by hand' })
  await expect(field).toHaveValue('left\nright\n')
  await field.fill('<<<<<<< left\nleft\n=======\nright\n>>>>>>> right\n')
  await page.getByRole('button', { name: 'Use this text' }).click()
  await expect(conflict(page, 1)).toContainText('settled: edited by hand')
  await save(page).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByRole('alert')).toContainText('These files still hold the lines that mark a conflict')
  await expect(dialog.getByRole('alert')).toContainText('SKILL.md')
  await dialog.getByRole('button', { name: 'Cancel' }).click()

  await conflict(page, 1).getByRole('button', { name: 'Take v3' }).click()
  await page.getByRole('button', { name: 'Edit the result' }).click()
  await editor(page).getByText('right').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' and more')
  await expect(page.getByText('edited by hand, in place of the choices')).toBeVisible()
  await save(page).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved v4, made of v2 and v3.')).toBeVisible()
  await tab(page, 'Write').click()
  await expect(editor(page)).toContainText('right and more')
})

test('files without lines, and those that one side removed, are chosen', async ({ app }) => {
  const { page } = app
  const common = { 'SKILL.md': skillMd('same\n') }
  const path = await divergence(
    app,
    { ...common, 'old.md': 'old\n', 'logo.png': { base64: PIXEL('AAAABJRU5ErkJggg') } },
    { ...common, 'logo.png': { base64: PIXEL('BAAABJRU5ErkJggg') } },
    { ...common, 'old.md': 'changed\n', 'logo.png': { base64: PIXEL('CAAABJRU5ErkJggg') } },
  )
  await openMerge(app, path)
  await expect(progress(page)).toHaveText('0 of 2 settled. Still to settle: logo.png, old.md.')
  await expect(page.getByText('both changed it, and it has no lines that could be merged')).toBeVisible()
  await expect(page.getByText('image/png')).toHaveCount(2)
  await expectAccessible(page)
  await page.getByRole('radio', { name: /^Take v3’s/ }).check()
  await page.keyboard.press('F7')
  await expect(page.getByText('v2 removed it, v3 changed it')).toBeVisible()
  await page.getByRole('radio', { name: 'Leave it out, as v2 does' }).check()
  await expect(progress(page)).toHaveText('2 of 2 settled.')
  await save(page).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: /^v4: Merge v3 into v2/ }).click()
  const files = page.getByRole('navigation', { name: 'Files of v4' })
  await expect(files.getByRole('listitem')).toHaveText([/^SKILL\.md/, /^logo\.png/])
})

test('without a common version every difference is a choice, and it says so', async ({ app }) => {
  const { page } = app
  const left = { 'SKILL.md': skillMd('one\nboth\n'), 'only.md': 'left\n' }
  await openMerge(app, await divergence(app, undefined, left, { 'SKILL.md': skillMd('two\nboth\n') }))
  await expect(page.getByText('have no common version')).toBeVisible()
  await expect(progress(page)).toHaveText('0 of 2 settled. Still to settle: SKILL.md (1 conflict), only.md.')
  await expect(page.getByText('both sides').first()).toBeVisible()
})

test('nothing is merged twice, and a version that is gone is said to be', async ({ app }) => {
  const { page } = app
  const path = await divergence(app, { 'SKILL.md': lines('a') }, { 'SKILL.md': lines('b') }, { 'SKILL.md': lines('c') })
  const left = new URL(path, page.url()).searchParams.get('left') ?? ''
  const go = (to: string) => page.goto(new URL(to, page.url()).href)
  await go(`/merge?left=${left}&right=${left}`)
  await expect(page.getByText('Both sides are the same version.')).toBeVisible()
  await go(`/merge?left=${left}&right=gone`)
  await expect(page.getByText('One of these versions is no longer here.')).toBeVisible()
  await go('/merge')
  await expect(page.getByText('Choose two versions to merge')).toBeVisible()
})

test('a comparison of two that went apart leads to their merge; one of a version and its parent does not', async ({
  app,
}) => {
  const { page } = app
  const api = await serviceOf(app, 'app')
  const { tenantId } = await api.spaces.openSample()
  const [skill] = (await api.skills.list({ tenantId, slug: 'sql-review' })).rows
  const versions = await api.versions.list({ skillId: skill?.id ?? '' })
  const compare = async (left: number, right: number) => {
    const [from, to] = [left, right].map(number => versions.find(version => version.number === number)?.id)
    await page.goto(new URL(`/compare?left=version:${from}&right=version:${to}`, page.url()).href)
    await expect(page.getByTestId('summary')).toContainText('file')
  }
  await compare(2, 3)
  await expect(page.getByRole('link', { name: 'Merge…' })).toHaveCount(0)
  await compare(3, 4)
  await page.getByRole('link', { name: 'Merge…' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Merge v4 into v3' })).toBeVisible()
})
