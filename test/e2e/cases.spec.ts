import fs from 'node:fs'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { expect, ROOT, test } from './support/app.ts'
import { openSampleSkill, tab } from './support/skills.ts'

async function openCases(page: Page): Promise<void> {
  await openSampleSkill(page, 'pdf-forms')
  await tab(page, 'Benchmarks').click()
  await page.getByText('Cases', { exact: true }).click()
  await expect(page.getByRole('listbox', { name: 'Cases' })).toBeVisible()
}
const options = (page: Page) => page.getByRole('listbox', { name: 'Cases' }).getByRole('option')
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true })

test('@browser a case is edited with what is wrong said at its field, saved, undone, and put away', async ({ app }) => {
  const { page } = app
  await openCases(page)
  const many = await options(page).count()
  const first = options(page).first()
  const name = (await field(page, 'Name').inputValue()).trim()
  await field(page, 'Name').fill('')
  await expect(page.getByText('Give it a name.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save case' })).toBeDisabled()
  await field(page, 'Name').fill('Fills the tax form')
  await page.getByRole('button', { name: 'Add a demand' }).click()
  await expect(page.getByText('Fill this in, or remove the demand.')).toBeVisible()
  await page
    .getByRole('textbox', { name: /^What demand \d+ asks$/ })
    .last()
    .fill('Names every required field')
  await expect(first).toContainText('not saved')

  // Another case may be looked at meanwhile: the draft waits.
  await page.getByRole('listbox', { name: 'Cases' }).focus()
  await page.keyboard.press('ArrowDown')
  await expect(options(page).nth(1)).toHaveAttribute('aria-selected', 'true')
  await expect(field(page, 'Name')).not.toHaveValue('Fills the tax form')
  await page.keyboard.press('ArrowUp')
  await expect(field(page, 'Name')).toHaveValue('Fills the tax form')
  await expectAccessible(page)

  await field(page, 'Name').press('ControlOrMeta+Enter')
  await expect(first).not.toContainText('not saved')
  await expect(page.getByText('“Fills the tax form” is kept.')).toBeVisible()
  await page.reload()
  await expect(first).toContainText('Fills the tax form')

  await field(page, 'Name').fill('Fills it twice')
  await field(page, 'Name').press('ControlOrMeta+Enter')
  await expect(first).toContainText('Fills it twice')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(first).toContainText('Fills the tax form')
  expect(name).not.toBe('Fills the tax form')

  await page.getByRole('listbox', { name: 'Cases' }).focus()
  await page.keyboard.press('Delete')
  await expect(options(page)).toHaveCount(many - 1)
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await expect(options(page)).toHaveCount(many)
})

test('@browser a new case is kept once it says what is asked', async ({ app }) => {
  const { page } = app
  await openCases(page)
  const many = await options(page).count()
  await page.getByRole('button', { name: 'Add a case' }).click()
  await expect(options(page)).toHaveCount(many + 1)
  await expect(page.getByRole('button', { name: 'Save case' })).toBeDisabled()
  await field(page, 'Name').fill('Reads it back')
  await field(page, 'Prompt').fill('Which fields are still empty?')
  await page.getByRole('button', { name: 'Add a demand' }).click()
  await page
    .getByRole('combobox', { name: 'Kind of demand 1' })
    .or(page.getByRole('textbox', { name: 'Kind of demand 1' }))
    .first()
    .click()
  await page.getByRole('option', { name: 'Contains one of' }).click()
  await field(page, 'What demand 1 asks').fill('empty\nmissing')
  await page.getByRole('button', { name: 'Save case' }).click()
  await expect(page.getByText('“Reads it back” is added.')).toBeVisible()
  await page.reload()
  await expect(options(page).filter({ hasText: 'Reads it back' })).toContainText('1 demand')
})

test('a bug report becomes a case with one action, and is accepted with it', async ({ app }) => {
  const { page } = app
  await page.getByRole('button', { name: 'Open the sample' }).click()
  await expect(page.getByText('pdf-forms', { exact: true }).first()).toBeVisible()
  await page.getByRole('link', { name: 'Inbox' }).click()
  const entry = page.getByRole('listitem').filter({ hasText: 'Bug report' }).first()
  await entry.getByRole('button', { name: 'Make a case' }).click()
  // This one does not say what was asked, so its author is led to where that is written.
  await expect(page.getByText('The report does not say what was asked: write it in place of its words.')).toBeVisible()
  await expect(page.getByRole('listbox', { name: 'Cases' })).toBeVisible()
  await expect(field(page, 'What demand 1 asks')).toHaveValue(/^Does not show this fault: /)
  await expect(page.getByText('Made from feedback.')).toBeVisible()
  await page.getByRole('link', { name: 'Inbox' }).click()
  await page.getByText('All', { exact: true }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'accepted' }).first()).toBeVisible()
})

test('@browser what a dropped file does not say plainly is listed before anything is kept', async ({ app }) => {
  const { page } = app
  await openCases(page)
  const many = await options(page).count()
  const config =
    'prompts: ["Say {{word}}"]\nproviders: [echo]\ntests:\n  - description: greets\n    vars: {word: hello}\n    threshold: 0.5\n    assert: [{type: contains, value: hello}]\n'
  const data = await page.evaluateHandle(text => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([text], 'promptfooconfig.yaml'))
    return transfer
  }, config)
  await page.getByRole('listbox', { name: 'Cases' }).dispatchEvent('drop', { dataTransfer: data })
  const dialog = page.getByRole('dialog', { name: 'Import cases or results' })
  await expect(dialog.getByRole('status')).toContainText('1 case added')
  await expect(dialog.getByText('promptfooconfig.yaml: tests[0].threshold')).toBeVisible()
  await expectAccessible(page)
  await expect(options(page)).toHaveCount(many)
  await dialog.getByRole('button', { name: 'Import' }).click()
  await expect(options(page)).toHaveCount(many + 1)
  await expect(options(page).last()).toContainText('greets')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page
      .getByRole('button', { name: 'Export…' })
      .click()
      .then(() => page.getByRole('menuitem', { name: 'Table (CSV)' }).click()),
  ])
  expect(download.suggestedFilename()).toBe('cases.csv')
})

const gke = path.resolve(ROOT, '..', 'shared', 'data', 'benchmarks', 'gke-upgrades.tar.gz')
test('@browser nine iterations of another tool are imported and seen (needs the shared data)', async ({ app }) => {
  test.skip(!fs.existsSync(gke), 'the shared data is not on this computer')
  const { page } = app
  await openSampleSkill(page, 'handover-notes')
  await tab(page, 'Benchmarks').click()
  await page.getByText('Cases', { exact: true }).click()
  await expect(page.getByText('No cases yet')).toBeVisible()
  await page.getByRole('button', { name: 'Import…' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Import cases or results' })
  await dialog.getByText('Results of runs', { exact: true }).click()
  await dialog.getByRole('textbox', { name: 'File or folder on this computer' }).fill(gke)
  await dialog.getByRole('button', { name: 'Look at it' }).click()
  await expect(dialog.getByRole('status')).toContainText('20 runs added with 692 results')
  const row = dialog.getByRole('row').filter({ hasText: 'iteration-31' })
  await expect(row.first()).toContainText('84.5%')
  await expect(dialog.getByRole('region', { name: 'To look at', exact: true })).toContainText(
    'It says that 9 passed; its grading says 7.',
  )
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Import' }).click()
  await expect(options(page)).toHaveCount(40)
  await page.getByText('Results', { exact: true }).click()
  await expect(page.getByRole('cell', { name: /with_skill/ }).first()).toBeVisible()
})
