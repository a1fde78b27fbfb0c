import type { Page } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { expect, test } from './support/app.ts'
import { openSampleSkill, tab } from './support/skills.ts'

const picture = (page: Page) => page.getByRole('region', { name: 'The history as a picture' })
const versions = (page: Page) => picture(page).getByRole('listbox')
/** What the listbox says one is at. */
const active = (page: Page) =>
  versions(page).evaluate(list => {
    const at = list.getAttribute('aria-activedescendant') ?? ''
    return document.getElementById(at)?.getAttribute('aria-label') ?? ''
  })
const side = (page: Page, name: 'Left' | 'Right') => page.getByRole('button', { name: new RegExp(`^${name} side: `) })

async function openHistory(page: Page, skill: string): Promise<void> {
  await openSampleSkill(page, skill)
  await tab(page, /History/).click()
  await expect(versions(page)).toBeVisible()
}

test('the picture is gone through by keyboard; two picked are compared', async ({ app }) => {
  await openHistory(app.page, 'sql-review')
  await versions(app.page).focus()
  await expect.poll(() => active(app.page)).toMatch(/^v6: The table of locks/)
  await app.page.keyboard.press('ArrowLeft')
  await expect
    .poll(() => active(app.page))
    .toMatch(/^v5: .*; merge of v3 and v4; published; Quality \d+ \(\d+ to \d+\)/)
  await app.page.keyboard.press('Space')
  await expect(picture(app.page).getByText('v5 is picked. Pick another to compare the two.')).toBeVisible()
  await app.page.keyboard.press('Home')
  await app.page.keyboard.press('ArrowRight')
  await expect.poll(() => active(app.page)).toMatch(/^v2: /)
  await app.page.keyboard.press('Space')
  await expect(versions(app.page).getByRole('option', { selected: true })).toHaveCount(2)
  await picture(app.page).getByRole('button', { name: 'Compare v2 and v5' }).click()
  await expect(side(app.page, 'Left')).toContainText('v2')
  await expect(side(app.page, 'Right')).toContainText('v5')
})

test('the picture follows the pointer, and Enter opens a version', async ({ app }) => {
  await openHistory(app.page, 'sql-review')
  const drawing = versions(app.page).locator('svg')
  const box = await drawing.boundingBox()
  await drawing.hover({ position: { x: 20, y: (box?.height ?? 0) - 10 } })
  await expect(picture(app.page).getByText('First version: rows, safety, speed')).toBeVisible()
  await versions(app.page).focus()
  await app.page.keyboard.press('Home')
  await app.page.keyboard.press('Enter')
  await expect(app.page.getByRole('heading', { level: 2, name: 'v1' })).toBeVisible()
})

test('what was not measured is said to be so, in the picture and as a table', async ({ app }) => {
  await openHistory(app.page, 'sql-review')
  await expect(picture(app.page).getByText('not measured').first()).toBeVisible()
  await picture(app.page).getByRole('button', { name: 'Show as a table' }).click()
  const row = (name: RegExp) => picture(app.page).getByRole('row', { name })
  await expect(row(/^v6\b/)).toContainText('not measured')
  await expect(row(/^v5\b/)).toContainText('merge of v3 and v4')
  await expect(
    row(/^v5\b/)
      .getByRole('cell')
      .filter({ hasText: /^\d+ \(\d+ to \d+\)$/ }),
  ).toHaveCount(1)
  await expectAccessible(app.page)
  await picture(app.page).getByRole('button', { name: 'v1' }).click()
  await expect(app.page.getByRole('heading', { level: 2, name: 'v1' })).toBeVisible()
})

test('quality that was measured otherwise is told apart', async ({ app }) => {
  await openHistory(app.page, 'pdf-forms')
  await expect(picture(app.page).getByText('Quality was measured in 2 ways')).toBeVisible()
})

test('what one chose of the picture is remembered', async ({ app }) => {
  await openHistory(app.page, 'handover-notes')
  await expect(picture(app.page).getByText(/^Not measured for any version: quality/)).toBeVisible()
  await picture(app.page).getByRole('button', { name: 'Picture' }).click()
  await expect(versions(app.page)).toBeHidden()
  await app.page.reload()
  await expect(picture(app.page).getByRole('button', { name: 'Picture' })).toHaveAttribute('aria-expanded', 'false')
  await expect(versions(app.page)).toBeHidden()
})

test('the picture is accessible in light and dark', async ({ app }) => {
  await app.page.emulateMedia({ colorScheme: 'light' })
  await openHistory(app.page, 'sql-review')
  await expectAccessible(app.page)
  await app.page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible(app.page)
})

test('each line leads to the version that brought it, and to what that version changed', async ({ app }) => {
  await openHistory(app.page, 'sql-review')
  await app.page.getByRole('button', { name: /^v6: / }).click()
  await app.page.getByText('Blame', { exact: true }).click()
  const shares = app.page.getByRole('navigation', { name: /^Versions that lines of this file came with/ })
  await expect(shares.getByRole('button')).toHaveText([/^v6/, /^v4/, /^v3/, /^v2/, /^v1/])

  const here = app.page.getByRole('status').filter({ hasText: /^v\d/ })
  await app.page.locator('.cm-line').filter({ hasText: 'name: sql-review' }).click()
  await expect(here).toContainText('v1, Tomas Varga')
  await app.page.keyboard.press('Alt+ArrowDown')
  await expect(here).toContainText('v6, Jonas Lind')
  await expect(app.page.getByText('Line 6', { exact: true })).toBeVisible()
  await expectAccessible(app.page)

  await app.page.reload()
  await expect(app.page.locator('.ws-origin-name:visible').filter({ hasText: 'v6' }).first()).toBeVisible()
  await shares.getByRole('button', { name: /^v3/ }).click()
  await expect(here).toContainText('v3, Jonas Lind')
  await app.page.getByRole('button', { name: 'What v3 changed here' }).click()
  await expect(side(app.page, 'Left')).toContainText('v2')
  await expect(side(app.page, 'Right')).toContainText('v3')
  await app.page.goBack()

  await app.page.locator('.ws-origin-name:visible').filter({ hasText: 'v6' }).first().click()
  await expect(side(app.page, 'Left')).toContainText('v5')
  await expect(side(app.page, 'Right')).toContainText('v6')
})
