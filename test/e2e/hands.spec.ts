import { expectAccessible } from './support/accessible.ts'
import { expect, test } from './support/app.ts'
import { editor, openSampleSkill, saved, tab } from './support/skills.ts'

/** What the hands expect: where the focus is, what Enter does, and that nothing typed is lost. The page alone: one browser is enough. */

test('@browser after New, Open and New file one can write at once', async ({ app }) => {
  const { page } = app
  await openSampleSkill(page, 'pdf-forms')
  await expect(editor(page)).toBeFocused()
  await page.keyboard.type('X')
  await expect(editor(page)).toContainText('X---')
  await page.keyboard.press('ControlOrMeta+z')

  await page.getByRole('button', { name: 'New file' }).click()
  await page.getByRole('textbox', { name: 'Name of the new file' }).fill('scripts/run.sh')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/file=scripts/)
  await expect(editor(page)).toBeFocused()
  await page.keyboard.type('echo hi')
  await saved(page)
  await expect(editor(page)).toContainText('echo hi')

  // The new script can be made executable, and that taken back.
  await page.getByRole('button', { name: 'Actions for scripts/run.sh' }).click()
  await page.getByRole('menuitem', { name: 'Make executable' }).click()
  await expect(page.getByText('scripts/run.sh is executable now.')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Actions for scripts/run.sh' }).click()
  await expect(page.getByRole('menuitem', { name: 'Make executable' })).toBeVisible()
  await page.keyboard.press('Escape')

  // A hand on the tabs stays there.
  await tab(page, 'Write').focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowLeft')
  await expect(tab(page, 'Write')).toBeFocused()

  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('commit')
  await page.getByRole('option').first().click()
  await expect(editor(page)).toBeFocused()
})

test('@browser a file’s name that cannot be says why, keeps the text, and offers what can', async ({ app }) => {
  const { page } = app
  await openSampleSkill(page, 'pdf-forms')
  const name = page.getByRole('textbox', { name: 'Name of the new file' })
  const ask = async (text: string) => {
    await page.getByRole('button', { name: 'New file' }).click()
    await name.fill(text)
    await page.keyboard.press('Enter')
  }
  const files = page.getByRole('list', { name: 'Files of the skill' }).getByRole('button')
  await ask('../outside.md')
  await expect(page.getByText('points outside its folder')).toBeVisible()
  await expect(name).toHaveValue('../outside.md')
  await name.fill(`${'n'.repeat(300)}.md`)
  await page.keyboard.press('Enter')
  await expect(name).toHaveAttribute('aria-invalid', 'true')
  // Going elsewhere loses nothing, and makes nothing.
  await page.getByRole('heading', { level: 1 }).click()
  await expect(name).toHaveValue(`${'n'.repeat(300)}.md`)
  await name.press('Escape')
  await expect(name).toBeHidden()

  await ask('skill.MD')
  await expect(page.getByText('“SKILL.md” and “skill.MD” are one file where capitals do not count.')).toBeVisible()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await ask('SKILL.md')
  await expect(page.getByText('“SKILL.md” is there already.')).toBeVisible()
  await page.getByRole('button', { name: 'Call it SKILL-2.md' }).click()
  await expect(files.filter({ hasText: 'SKILL-2.md' })).toBeVisible()
  await ask('SKILL-2.md')
  await page.getByRole('button', { name: 'Open the one there' }).click()
  await expect(page).toHaveURL(/file=SKILL-2.md/)
})

test('@browser Enter writes the export, and takes the first hit for a side to compare', async ({ app }) => {
  const { page } = app
  await openSampleSkill(page, 'pdf-forms')
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: /to a folder…/ }).click()
  await page.getByRole('textbox', { name: 'Folder' }).fill(app.dataDir)
  await page.keyboard.press('Enter')
  await expect(page.getByText(`Written to ${app.dataDir}`)).toBeVisible()

  await tab(page, 'Compare').click()
  await page.getByRole('button', { name: /^Left side/ }).click()
  await page.getByRole('textbox', { name: 'Search versions and skills' }).fill('v1')
  await expect(page.getByRole('option', { name: /^v1 / })).toHaveAttribute('data-combobox-selected', 'true')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: /^Left side: v1 / })).toBeVisible()
})

test('@browser at 200 % of a small screen no button is out of reach', async ({ app }) => {
  const { page } = app
  await page.setViewportSize({ width: 640, height: 400 })
  const expectInReach = async (where: string) => {
    const lost = await page.evaluate(() => {
      const scrolls = (element: Element | null): boolean =>
        element !== null &&
        ((/auto|scroll/.test(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth) ||
          scrolls(element.parentElement))
      return [...document.querySelectorAll('button, a, input, [role="tab"]')]
        .filter(element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        .filter(element => {
          const { left, right, width } = element.getBoundingClientRect()
          return width > 1 && (right > window.innerWidth + 1 || left < -1) && !scrolls(element.parentElement)
        })
        .map(element => element.getAttribute('aria-label') ?? element.textContent)
    })
    expect(lost, where).toEqual([])
  }
  await openSampleSkill(page, 'pdf-forms')
  for (const name of ['Write', 'History', 'Compare', 'Benchmarks', 'Ratings']) {
    await tab(page, new RegExp(`^${name}`)).click()
    await expect(tab(page, new RegExp(`^${name}`))).toHaveAttribute('aria-selected', 'true')
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
    await expectInReach(name)
  }
  for (const name of ['Library', 'Compare', 'Inbox', 'Settings']) {
    await page
      .getByRole('navigation')
      .getByRole('link', { name: new RegExp(`^${name}`) })
      .click()
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
    await expectInReach(name)
  }
})

test('@browser a version opens wherever its row is pressed, and can be worked with from there', async ({ app }) => {
  const { page } = app
  await openSampleSkill(page, 'pdf-forms')
  await tab(page, /^History/).click()
  const row = page.getByRole('list', { name: 'Versions, newest first' }).getByRole('listitem').nth(1)
  // Where no text is.
  await row.click({ position: { x: 400, y: 4 } })
  await expect(page.getByRole('heading', { level: 2, name: 'v5' })).toBeVisible()
  await page.getByRole('button', { name: 'Actions for v5' }).click()
  await expect(page.getByRole('menuitem', { name: 'Restore as a new version' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Compare with v4' }).click()
  await expect(page.getByRole('button', { name: /^Left side: v4 / })).toBeVisible()
  await page.goBack()
  await page.goBack()
  // What else the row has is still to be pressed by itself.
  await row.getByRole('checkbox').check()
  await expect(row.getByRole('checkbox')).toBeChecked()
  await row.getByRole('button', { name: 'Actions for v5' }).click()
  await expect(page.getByRole('menuitem', { name: 'Open' })).toBeVisible()
})

test('@browser finding in a file counts, steps, replaces, and takes no letter for another', async ({ app }) => {
  const { page } = app
  await openSampleSkill(page, 'pdf-forms')
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+a')
  // What is typed over a selection of all brings styles with it, which the policy blocks: Chromium's own doing.
  await page.keyboard.press('Backspace')
  await page.keyboard.type('One one\nbone C:\\new one')
  await page.keyboard.press('ControlOrMeta+Home')
  await page.keyboard.press('ControlOrMeta+f')
  const find = page.getByRole('search', { name: 'Find in this file' })
  await expect(find.getByRole('textbox', { name: 'Find' })).toBeFocused()
  await page.keyboard.type('one')
  await expect(find.getByRole('status')).toHaveText('4')
  await page.keyboard.press('Enter')
  await expect(find.getByRole('status')).toHaveText('1 of 4')
  await page.keyboard.press('Shift+Enter')
  await expect(find.getByRole('status')).toHaveText('4 of 4')
  await find.getByRole('button', { name: 'Match upper and lower case' }).click()
  await expect(find.getByRole('status')).toHaveText('3 of 3')
  await find.getByRole('button', { name: 'Whole words' }).click()
  await expect(find.getByRole('status')).toHaveText('2 of 2')
  await expectAccessible(page)
  await find.getByRole('button', { name: 'Replace', exact: true }).click()
  await find.getByRole('textbox', { name: 'Replace with' }).fill('1')
  await find.getByRole('button', { name: 'Replace all' }).click()
  await expect(editor(page)).toContainText('One 1')
  await expect(find.getByRole('status')).toHaveText('not found')
  await find.getByRole('button', { name: 'Whole words' }).click()
  await find.getByRole('textbox', { name: 'Find' }).fill('\\n')
  await expect(find.getByRole('status')).toHaveText('1')
  await find.getByRole('button', { name: 'Regular expression' }).click()
  await find.getByRole('textbox', { name: 'Find' }).fill('(')
  await expect(find.getByRole('status')).toHaveText('not a valid expression')
  await page.keyboard.press('Escape')
  await expect(find).toBeHidden()
  await expect(editor(page)).toBeFocused()
})
