import { expect, test } from './support/app.ts'

test('opens', async ({ app }) => {
  await expect(app.page.locator('#root')).not.toBeEmpty()
  await app.page.screenshot({ path: `/tmp/shell/shot-${app.host}.png` })
})
test('killed', async ({ app }) => {
  await expect(app.page.locator('#root')).not.toBeEmpty()
  await app.killBackend()
  await app.page.waitForTimeout(1000)
  await app.page.screenshot({ path: `/tmp/shell/shot2-${app.host}.png` })
})
