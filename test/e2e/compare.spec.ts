import type { Page } from '@playwright/test'
import { expect, test } from './support/app.ts'
import { editor, openSampleSkill, saved, saveVersion, tab, typeAtEnd } from './support/skills.ts'

const summary = (page: Page) => page.getByTestId('summary')
const side = (page: Page, name: 'Left' | 'Right') => page.getByRole('button', { name: new RegExp(`^${name} side: `) })
const removed = (page: Page) => page.locator('del.ws-word-removed')
const added = (page: Page) => page.locator('ins.ws-word-added')

/** Chooses a side of the comparison as a person does: by typing some of its name. */
async function pick(page: Page, which: 'Left' | 'Right', typed: string): Promise<void> {
  await side(page, which).click()
  await page.getByRole('textbox', { name: 'Search versions and skills' }).fill(typed)
  await page.getByRole('option', { name: new RegExp(`^${typed}\\b`) }).click()
}

test('two versions that were just saved are compared word by word', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await typeAtEnd(app.page, '\nThe quick check comes last.')
  await saveVersion(app.page, 'Say when to check')
  await expect(app.page.getByText('Saved v7.')).toBeVisible()
  for (let i = 0; i < 'check comes last.'.length; i++) await app.page.keyboard.press('ArrowLeft')
  await editor(app.page)
    .getByText('The quick check')
    .dblclick({ position: { x: 50, y: 8 } })
  await app.page.keyboard.type('careful')
  await saved(app.page)
  await saveVersion(app.page, 'Check with care')

  await app.page.getByRole('button', { name: 'Compare with v7' }).first().click()
  await expect(side(app.page, 'Left')).toContainText('v7')
  await expect(side(app.page, 'Right')).toContainText('v8')
  await expect(summary(app.page)).toHaveText(/^1 file/)
  await expect(removed(app.page)).toHaveText(['quick'])
  await expect(added(app.page)).toHaveText(['careful'])
  // Never by colour alone.
  await expect(app.page.locator('.ws-sign-removed').first()).toHaveText('−')
  await expect(app.page.locator('.ws-sign-added').first()).toHaveText('+')

  await app.page.getByRole('button', { name: 'Copy as a unified patch' }).click()
  await expect(app.page.getByText('Copied as a unified patch.')).toBeVisible()
})

test('the address holds the whole comparison', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await tab(app.page, 'Compare').click()
  await pick(app.page, 'Left', 'v1')
  await pick(app.page, 'Right', 'v2')
  await app.page.getByRole('button', { name: /fill\.py/ }).click()
  await app.page.getByText('Inline', { exact: true }).click()
  await expect(app.page.getByText('Not in v1: everything here was added.')).toBeVisible()
  await app.page.reload()
  await expect(side(app.page, 'Left')).toContainText('v1')
  await expect(side(app.page, 'Right')).toContainText('v2')
  await expect(app.page.getByText('Not in v1: everything here was added.')).toBeVisible()
  await expect(app.page.getByRole('radio', { name: 'Inline' })).toBeChecked()

  await app.page.getByRole('button', { name: 'Swap sides' }).click()
  await expect(app.page.getByText('Not in v1: everything here was removed.')).toBeVisible()
  await app.page.goBack()
  await expect(app.page.getByText('Not in v1: everything here was added.')).toBeVisible()
})

test('the keyboard steps through the history and through the changes', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await tab(app.page, 'Compare').click()
  await expect(side(app.page, 'Right')).toContainText('v6')
  await app.page.keyboard.press('[')
  await expect(side(app.page, 'Left')).toContainText('v4')
  await expect(side(app.page, 'Right')).toContainText('v5')
  await app.page.keyboard.press(']')
  await expect(side(app.page, 'Right')).toContainText('v6')

  const said = app.page.locator('[aria-live="polite"]').filter({ hasText: /^Change/ })
  // The text of v6 follows its name; a key before it is there has nowhere to go.
  await expect(async () => {
    await app.page.keyboard.press('Alt+ArrowDown')
    await expect(said).toHaveText(/^Change 1 of \d+: /, { timeout: 1000 })
  }).toPass()
  await app.page.keyboard.press('Alt+ArrowDown')
  await expect(said).toHaveText(/^Change 2 of \d+: /)
  await app.page.keyboard.press('Shift+F7')
  await expect(said).toHaveText(/^Change 1 of \d+: /)
})

test('a renamed file is one change, and its text is compared across the names', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  const list = app.page.getByRole('list', { name: 'Files of the skill' })
  await list.getByRole('button', { name: 'fill_form.py', exact: true }).press('F2')
  await app.page.getByRole('textbox', { name: 'New name of scripts/fill_form.py' }).fill('scripts/fill.py')
  await app.page.keyboard.press('Enter')
  await expect(list.getByRole('button', { name: 'fill.py, added' })).toBeVisible()
  await tab(app.page, 'Compare').click()
  const files = app.page.getByRole('navigation', { name: 'Files that differ' })
  const renamed = files.getByRole('button', { name: /renamed/ })
  await expect(renamed).toContainText('scripts/fill_form.pyscripts/fill.py')
  await renamed.click()
  await expect(app.page.getByText('Both sides are the same, byte for byte.')).toBeVisible()
})

test('equal sides say so; two skills can be compared', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await tab(app.page, 'Compare').click()
  await pick(app.page, 'Left', 'v6')
  await expect(app.page.getByRole('heading', { name: 'Both sides are the same' })).toBeVisible()
  await side(app.page, 'Left').click()
  await app.page.getByRole('textbox', { name: 'Search versions and skills' }).fill('release')
  await app.page.getByRole('option', { name: /^release-notes/ }).click()
  await app.page.getByRole('option', { name: /^v1\b/ }).click()
  await expect(side(app.page, 'Left')).toContainText('release-notes')
  await expect(added(app.page).first()).toBeVisible()
})

test('what a version did is beside its text, and what was not measured is not invented', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await tab(app.page, 'Compare').click()
  const did = app.page.getByRole('region', { name: 'What it did' })
  await expect(did).toContainText('on trigger')
  await expect(did).toContainText(/[+−]\d+ (more|fewer)/)
  await expect(did).toContainText('not measured')
  await expect(did).toContainText('cannot tell')
  // Each figure opens what it is made of.
  await did.getByRole('button', { name: 'Rating, of 5' }).click()
  await expect(did.getByRole('columnheader', { name: 'Stars' })).toBeVisible()
})

test('lines that belong together stand at the same height, wrapped and folded or not', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await tab(app.page, 'Compare').click()
  await pick(app.page, 'Left', 'v1')
  await expect(added(app.page).first()).toBeVisible()
  await expectInStep(app.page)
  await app.page.getByRole('button', { name: 'Hide unchanged lines' }).click()
  await expectInStep(app.page)
  await app.page.getByRole('button', { name: 'Wrap long lines' }).click()
  await expectInStep(app.page)
})

/** Each unchanged line in sight on the left has its equal on the right at the same height. */
async function expectInStep(page: Page): Promise<void> {
  await expect(async () => {
    const { left, right } = await page.getByTestId('diff-scroller').evaluate(area => {
      const box = area.getBoundingClientRect()
      const [a, b] = [...area.querySelectorAll('.cm-editor')].map(view =>
        [...view.querySelectorAll('.cm-line:not(.ws-line)')].flatMap(line => {
          const { top } = line.getBoundingClientRect()
          return top > box.top && top < box.bottom ? [`${Math.round(top)} ${line.textContent}`] : []
        }),
      )
      return { left: a ?? [], right: b ?? [] }
    })
    expect(left.length).toBeGreaterThan(0)
    expect(left).toEqual(right)
  }).toPass()
}
