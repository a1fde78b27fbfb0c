import { readFile, writeFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { expect, test } from './support/app.ts'
import { openSampleSkill, tab } from './support/skills.ts'

const chart = (page: Page, name: string | RegExp) => page.getByRole('region', { name })
const drawing = (page: Page, name: string | RegExp) => page.getByRole('application', { name })

async function openResults(page: Page, skill: string): Promise<void> {
  await openSampleSkill(page, skill)
  await tab(page, 'Benchmarks').click()
  await expect(page.getByRole('heading', { name: 'Compare' })).toBeVisible()
}

test('two runs are compared in words first, then case by case, down to the outputs', async ({ app }) => {
  await openResults(app.page, 'release-notes')
  const left = app.page.getByRole('combobox', { name: 'Left run' })
  const right = app.page.getByRole('combobox', { name: 'Right run' })
  await left.click()
  await app.page.getByRole('option', { name: /^v2,/ }).click()
  await right.click()
  await app.page.getByRole('option', { name: /^v4,/ }).click()
  await expect(app.page.getByText(/^better: \+\d+\.\d points \(95%: \d/)).toBeVisible()
  await expect(drawing(app.page, /^v2 → v4, case by case/)).toHaveAttribute('data-drawn', 'true')
  // The link brings back what is shown.
  await app.page.reload()
  await expect(app.page.getByText(/^better: \+/)).toBeVisible()

  const demands = app.page.getByRole('region', { name: 'Demands that went differently' }).last()
  await expect(demands.getByText(/met$/).first()).toBeVisible()
  await demands.getByRole('button').first().click()
  const drawer = app.page.getByRole('dialog')
  await expect(drawer.getByRole('region', { name: 'Output of v2' })).toBeVisible()
  await expect(drawer.getByRole('region', { name: 'Output of v4' })).toBeVisible()
  await expect(drawer.getByText('✓ met').first()).toBeVisible()
  await expectAccessible(app.page)
  await app.page.keyboard.press('Escape')
  await expect(drawer).toBeHidden()
})

// A saved file comes through the browser's own download; in Electron that is a dialog of the system.
test('@browser every chart is drawn, walked through by keyboard, read as a table and saved', async ({ app }) => {
  await openResults(app.page, 'release-notes')
  for (const name of [
    /^Quality by version/,
    /^Cases by version/,
    /^Cost against quality/,
    /^Time/,
    /^Tokens/,
    /^Quality over time/,
  ])
    await expect(drawing(app.page, name)).toHaveAttribute('data-drawn', 'true')
  const quality = chart(app.page, 'Quality by version')
  await drawing(app.page, /^Quality by version/).focus()
  await app.page.keyboard.press('ArrowRight')
  await expect(quality.getByText(/^(no skill|v1): \d+\.\d of 100 \(95%/)).toBeAttached()
  await app.page.keyboard.press('End')
  await expect(quality.getByText(/^v\d+: \d+\.\d of 100 \(95%/).last()).toBeAttached()

  await quality.getByText('Table', { exact: true }).click()
  await expect(quality.getByRole('columnheader', { name: '95% from' })).toBeVisible()
  const rows = await quality.getByRole('row').count()
  expect(rows).toBeGreaterThan(3)

  const saved = async (kind: string) => {
    const download = app.page.waitForEvent('download')
    await quality.getByRole('button', { name: 'Save Quality by version' }).click()
    await app.page.getByRole('menuitem', { name: kind }).click()
    const file = await download
    return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) }
  }
  const csv = await saved('Figures (CSV)')
  expect(csv.name).toBe('quality-by-version.csv')
  expect(csv.bytes.toString('utf8').trim().split('\r\n')).toHaveLength(rows)
  const svg = await saved('Picture (SVG)')
  expect(svg.bytes.toString('utf8')).toMatch(/^<svg[^>]*width/)
  await quality.getByText('Chart', { exact: true }).click()
  await expect(drawing(app.page, /^Quality by version/)).toHaveAttribute('data-drawn', 'true')
  const png = await saved('Picture (PNG)')
  expect([...png.bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
})

/** Results of 60 cases by 40 versions, some not measured, as a table that another tool might write. */
const manyResults = (): string => {
  const rows = ['case,prompt,configuration,run,model,score']
  for (let version = 1; version <= 40; version++)
    for (let one = 1; one <= 60; one++) {
      const score = (one * 37 + version * (one % 7) * 2) % 101
      rows.push(`Case ${one},Question ${one}?,w${version},history,north,${(one + version) % 29 === 0 ? '' : score}`)
    }
  return rows.join('\n')
}

test('@browser a heat map of thousands of cells answers to the pointer, the keyboard and the table', async ({
  app,
}) => {
  const { page } = app
  const file = test.info().outputPath('many.csv')
  await writeFile(file, manyResults())
  await openSampleSkill(page, 'handover-notes')
  await tab(page, 'Benchmarks').click()
  await page.getByText('Cases', { exact: true }).click()
  await page.getByRole('button', { name: 'Import…' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Import cases or results' })
  await dialog.getByText('Results of runs', { exact: true }).click()
  await dialog.getByRole('textbox', { name: 'File or folder on this computer' }).fill(file)
  await dialog.getByRole('button', { name: 'Look at it' }).click()
  await dialog.getByRole('button', { name: 'Import' }).click()
  await page.getByText('Results', { exact: true }).click()
  const map = drawing(page, /^Cases by version/)
  await expect(map).toHaveAttribute('data-drawn', 'true')
  await expect(chart(page, 'Cases by version').getByText(/^60 cases, 40 versions/)).toBeVisible()

  await map.focus()
  const said = chart(page, 'Cases by version').locator('[aria-live]')
  await page.keyboard.press('ArrowRight')
  const first = (await said.textContent()) ?? ''
  expect(first).toMatch(/^Case \d+, w1: (\d+ of 100|not measured)$/)
  await page.keyboard.press('ArrowRight')
  await expect(said).toHaveText(new RegExp(`^${first.split(',')[0]}, w2: `))
  await page.keyboard.press('ArrowDown')
  await expect(said).not.toHaveText(new RegExp(`^${first.split(',')[0]},`))
  await expect(said).toHaveText(/, w2: /)
  await page.keyboard.press('Enter')
  const drawer = page.getByRole('dialog')
  await expect(drawer.getByRole('listbox', { name: 'Results' })).toBeVisible()
  await expect(page).toHaveURL(/run=.*case=/)
  const byKey = page.url()
  await page.keyboard.press('Escape')
  await expect(drawer).toBeHidden()
  await expect(map).toHaveAttribute('data-drawn', 'true')
  await map.scrollIntoViewIfNeeded()
  await map.hover()
  await expectAccessible(page)
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await expect(map).toHaveAttribute('data-drawn', 'true')
    await map.hover({ position: { x: 640, y: 400 } })
    await chart(page, 'Cases by version').screenshot({ path: test.info().outputPath(`heat-map-${scheme}.png`) })
  }
  await map.click({ position: { x: 700, y: 400 } })
  await expect(page).toHaveURL(/run=.*case=/)
  await expect(page).not.toHaveURL(byKey)
  await page.keyboard.press('Escape')

  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save Cases by version' }).click()
  await page.getByRole('menuitem', { name: 'Picture (SVG)' }).click()
  const svg = await readFile(await (await download).path(), 'utf8')
  // A shape for each shade rather than for each cell.
  expect((svg.match(/<path/g) ?? []).length).toBeLessThan(400)
  expect(svg).toMatch(/>w1<\/text>/)
})

test('@browser a run opens with every output and its evidence, and says why a result has no grade', async ({ app }) => {
  const { page } = app
  await openResults(page, 'release-notes')
  const drawer = page.getByRole('dialog')
  const results = drawer.getByRole('listbox', { name: 'Results' })
  const runs = page.getByRole('region', { name: 'Runs' }).last()
  await runs.getByRole('row').filter({ hasText: 'not graded' }).first().click()
  await drawer.getByText(/^Not graded \(\d+\)$/).click()
  await expect(drawer.getByRole('alert')).toContainText(/^Not graded: \S/)
  await expectAccessible(page)
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.screenshot({ path: test.info().outputPath(`run-${scheme}.png`) })
  }
  await drawer.getByText(/^All \(\d+\)$/).click()
  await results.focus()
  await page.keyboard.press('Home')
  await expect(results.getByRole('option').first()).toHaveAttribute('aria-selected', 'true')
  await expect(drawer.getByRole('region', { name: /^Output of/ })).toBeVisible()
  await expect(drawer.getByText(/^(✓ met|✗ missed)$/).first()).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await expect(results.getByRole('option').nth(1)).toHaveAttribute('aria-selected', 'true')
  // The address brings it back, and Back closes it.
  await page.reload()
  await expect(results).toBeVisible()
  await page.goBack()
  await expect(drawer).toBeHidden()

  // The same from a point of a chart and from a cell of the matrix, which opens its case.
  await drawing(page, /^Quality by version/).focus()
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  await expect(drawer.getByRole('button', { name: 'Compare this run' })).toBeVisible()
  await page.keyboard.press('Escape')
  await drawing(page, /^Cases by version/).focus()
  await page.keyboard.press('ArrowRight')
  const said = (await chart(page, 'Cases by version').locator('[aria-live]').textContent()) ?? ''
  await page.keyboard.press('Enter')
  const name = said.replace(/, [^,]*$/, '')
  await expect(drawer.getByRole('heading', { name, exact: true })).toBeVisible()
})

test('@browser what was not measured alike gets a reason and no number', async ({ app }) => {
  await openResults(app.page, 'pdf-forms')
  await expect(app.page.getByText(/measured in 2 ways|Runs measured alike/).first()).toBeVisible()
  await app.page.getByRole('combobox', { name: 'Left run' }).click()
  await app.page.getByRole('option').last().click()
  await app.page.getByRole('combobox', { name: 'Right run' }).click()
  await app.page.getByRole('option').first().click()
  await expect(app.page.getByText('Not comparable')).toBeVisible()
  await expect(app.page.getByText(/They ran other cases\./)).toBeVisible()
  await expect(app.page.getByText(/points \(95%/)).toBeHidden()
})

for (const scheme of ['light', 'dark'] as const)
  test(`@browser no grave fault of accessibility, ${scheme}`, async ({ app }) => {
    await app.page.emulateMedia({ colorScheme: scheme })
    await openResults(app.page, 'release-notes')
    await expect(drawing(app.page, /^Quality over time/)).toHaveAttribute('data-drawn', 'true')
    await expectAccessible(app.page)
    await app.page.screenshot({ path: test.info().outputPath(`results-${scheme}.png`), fullPage: true })
  })

test('@browser a skill that was never run says so', async ({ app }) => {
  await openSampleSkill(app.page, 'handover-notes')
  await tab(app.page, 'Benchmarks').click()
  await expect(app.page.getByRole('heading', { name: 'Not measured' })).toBeVisible()
})
