import { expect, type Page } from '@playwright/test'

/** Opens the sample library and one of its skills. */
export async function openSampleSkill(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Open the sample' }).click()
  await openSkill(page, name)
}

/** Opens a skill from the list. */
export async function openSkill(page: Page, name: string): Promise<void> {
  await page.getByText(name, { exact: true }).first().click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
}

/** The text of the file being edited. */
export const editor = (page: Page) => page.getByTestId('editor').locator('.cm-content')

/** Resolves when all that was typed is in the library. */
export async function saved(page: Page): Promise<void> {
  await expect(page.getByTestId('saved')).toHaveText(/^saved/)
}

/** Goes to the end of the file: what is far out of sight is not in the page. */
export async function goToEnd(page: Page): Promise<void> {
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+End')
}

/** Goes to the end of the file and types, as a person does. */
export async function typeAtEnd(page: Page, text: string): Promise<void> {
  await goToEnd(page)
  await page.keyboard.type(text)
}

/** Saves what is being edited as a version. */
export async function saveVersion(page: Page, message: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+s')
  const dialog = page.getByRole('dialog', { name: 'Save version' })
  await dialog.getByRole('textbox').fill(message)
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(dialog).toBeHidden()
}

export const tab = (page: Page, name: string | RegExp) => page.getByRole('tab', { name })
