import type { Page } from '@playwright/test'
import { expect, test } from './support/app.ts'
import { editor, goToEnd, openSampleSkill, saved, saveVersion, tab, typeAtEnd } from './support/skills.ts'

test('what is typed is kept by itself, also when the backend is killed in the middle of it', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await typeAtEnd(app.page, '\nTyped before.')
  await saved(app.page)

  const killed = app.killBackend()
  await app.page.keyboard.type(' Typed while it died, and after.', { delay: 40 })
  await killed
  await saved(app.page)

  await app.page.reload()
  await goToEnd(app.page)
  await expect(editor(app.page)).toContainText('Typed before. Typed while it died, and after.')
  await app.restart()
  await expect(app.page.getByText('pdf-forms').first()).toBeVisible()
  await app.page.getByText('pdf-forms').first().click()
  await goToEnd(app.page)
  await expect(editor(app.page)).toContainText('Typed before. Typed while it died, and after.')
})

test('text that could not be sent before the page went away is sent by the next one', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await typeAtEnd(app.page, '\nJust before')
  // No pause: the reload comes before the quiet that autosave waits for.
  await app.page.keyboard.insertText(' the reload.')
  await app.page.reload()
  await goToEnd(app.page)
  await expect(editor(app.page)).toContainText('Just before the reload.')
  await saved(app.page)
})

test('a version is saved with its reason, published, and taken back', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await typeAtEnd(app.page, '\nSay which fields stayed empty.')
  await expect(app.page.getByText('working copy changed')).toBeVisible()
  await saveVersion(app.page, 'Report empty fields\n\nUsers asked what was left out.')
  await expect(app.page.getByText('Saved v7.')).toBeVisible()

  await tab(app.page, /History/).click()
  const newest = app.page.getByRole('listitem').filter({ hasText: 'Report empty fields' })
  await expect(newest).toContainText('v7')
  await newest.getByRole('button', { name: 'Whole message of v7' }).click()
  await expect(newest).toContainText('Users asked what was left out.')

  await app.page.getByRole('button', { name: 'Publish v7' }).click()
  await expect(newest).toContainText('published')
  await app.page.getByRole('alert').or(app.page.getByRole('status')).getByRole('button', { name: 'Undo' }).click()
  await expect(newest).not.toContainText('published')
})

test('an old version is restored as a new one', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await tab(app.page, /History/).click()
  await app.page.getByRole('button', { name: 'Actions for v2' }).click()
  await app.page.getByRole('menuitem', { name: 'Restore as a new version' }).click()
  await expect(app.page.getByRole('listitem').filter({ hasText: 'Restore v2' })).toContainText('v7')
})

test('findings follow the text, lead to their place, and are mended', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await expect(app.page.getByText('Nothing to mend')).toBeVisible()
  await editor(app.page).getByText('pdf-forms', { exact: false }).first().click()
  await app.page.keyboard.press('End')
  await app.page.keyboard.type('X')
  const finding = app.page.getByRole('list', { name: 'Findings' }).getByRole('listitem').first()
  await expect(finding).toContainText('line 2')
  await expect(app.page.locator('.cm-lintRange-error').first()).toBeVisible()
  await finding.getByRole('button').last().click()
  await expect(app.page.getByText('Nothing to mend')).toBeVisible()
  await expect(editor(app.page)).not.toContainText('pdf-formsX')
})

test('files are added, renamed and removed, and each can be taken back', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  const files = app.page.getByRole('list', { name: 'Files of the skill' })
  await app.page.getByRole('button', { name: 'New file' }).click()
  await app.page.getByRole('textbox', { name: 'Name of the new file' }).fill('references/notes.md')
  await app.page.keyboard.press('Enter')
  await expect(files.getByRole('button', { name: 'notes.md, added' })).toBeVisible()
  await typeAtEnd(app.page, 'Some notes.')
  await saved(app.page)

  await files.getByRole('button', { name: 'notes.md, added' }).press('Delete')
  await expect(files.getByRole('button', { name: 'notes.md, added' })).toBeHidden()
  await app.page.getByRole('button', { name: 'Undo' }).click()
  await expect(files.getByRole('button', { name: 'notes.md, added' })).toBeVisible()
  await expect(editor(app.page)).toContainText('Some notes.')
})

test('changes are discarded, and that is undone', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await typeAtEnd(app.page, '\nTo be thrown away.')
  await saved(app.page)
  await app.page.getByRole('button', { name: 'Discard changes' }).click()
  await expect(editor(app.page)).not.toContainText('To be thrown away.')
  await app.page.getByRole('button', { name: 'Undo' }).click()
  await expect(editor(app.page)).toContainText('To be thrown away.')
})

test('another window’s text is not overwritten without a choice', async ({ app }) => {
  test.skip(app.host === 'electron', 'the desktop app has one window')
  await openSampleSkill(app.page, 'pdf-forms')
  const other = await app.page.context().newPage()
  await other.goto(app.page.url())
  await expect(editor(other)).toContainText('PDF forms')
  // Both type at once, longer than autosave waits: whoever is written second would overwrite the first.
  const typing = (page: Page, text: string) => page.keyboard.type(text.repeat(12), { delay: 40 })
  await goToEnd(app.page)
  await goToEnd(other)
  await Promise.all([typing(app.page, 'mine '), typing(other, 'yours ')])

  const strip = (page: Page) => page.getByRole('alert').filter({ hasText: 'in another window' })
  await expect.poll(async () => (await strip(app.page).count()) + (await strip(other).count())).toBeGreaterThan(0)
  const page = (await strip(app.page).count()) > 0 ? app.page : other
  await strip(page).getByRole('button', { name: 'Compare' }).click()
  const dialog = page.getByRole('dialog', { name: 'SKILL.md: theirs and mine' })
  await expect(dialog.locator('ins.ws-word-added, .ws-added').first()).toBeVisible()
  await page.keyboard.press('Escape')
  await strip(page).getByRole('button', { name: 'Keep mine' }).click()
  await saved(page)
  await expect(strip(page)).toBeHidden()
})

const HOSTILE = `---
name: pdf-forms
description: <script>parent.hacked = 1</script>
---

# Title <img src=x onerror="parent.hacked = 1">

<script>parent.hacked = 1; top.hacked = 1</script>
<iframe src="https://evil.test/frame"></iframe>
<form action="https://evil.test/form"><button>Send</button></form>

[a script](javascript:parent.hacked=1) [a place](https://evil.test/link) ![seen](https://evil.test/pixel.png)

[refer]: https://evil.test/refer
[shown][refer]

In\u202Evisible and \u{E0068}\u{E0069} hidden.
`

test('hostile Markdown runs nothing, reaches nothing, and hides nothing', async ({ app }) => {
  const requests: string[] = []
  app.page.on('request', request => requests.push(request.url()))
  await openSampleSkill(app.page, 'pdf-forms')
  await editor(app.page).click()
  await app.page.keyboard.press('ControlOrMeta+a')
  await app.page.keyboard.press('Delete')
  await app.page.keyboard.insertText(HOSTILE)
  await app.page.getByText('Preview', { exact: true }).click()
  const element = app.page.locator('iframe[title="Preview of SKILL.md"][data-front="true"]')
  await expect(element).toHaveAttribute('sandbox', '')
  const frame = element.contentFrame()
  await expect(frame.getByText('hidden.')).toBeVisible()

  for (const selector of ['script', 'iframe', 'form', 'button', 'a', 'img', '[href]', '[onerror]'])
    await expect(frame.locator(selector)).toHaveCount(0)
  // What the agent would read is shown instead.
  await expect(frame.getByText('https://evil.test/link')).toBeVisible()
  await expect(frame.getByText('https://evil.test/pixel.png, not loaded')).toBeVisible()
  await expect(frame.getByText('⟨U+202E⟩')).toBeVisible()
  await expect(frame.getByText('⟨hi⟩')).toBeVisible()
  await frame.getByText('a place').click()
  await expect(frame.getByText('hidden.')).toBeVisible()
  expect(await app.page.evaluate(() => Reflect.get(window, 'hacked'))).toBeUndefined()
  expect(requests.filter(url => url.includes('evil'))).toEqual([])
})

test('a version is rated, and rating it again changes the rating', async ({ app }) => {
  await openSampleSkill(app.page, 'pdf-forms')
  await tab(app.page, /Ratings/).click()
  await app.page.getByRole('radio', { name: '4 of 5' }).press('Space')
  await app.page.getByRole('textbox', { name: 'Comment' }).fill('It found my empty boxes.')
  await app.page.getByRole('button', { name: 'Rate v6' }).click()
  const mine = app.page.getByRole('listitem').filter({ hasText: 'It found my empty boxes.' })
  await expect(mine).toContainText('you')
  await app.page.getByRole('radio', { name: '5 of 5' }).press('Space')
  await app.page.getByRole('button', { name: 'Change my rating of v6' }).click()
  await expect(mine.getByRole('img', { name: '5 of 5' })).toBeVisible()
  await expect(mine).toHaveCount(1)
})
