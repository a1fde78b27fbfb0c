import { expect, test } from 'vitest'
import { DEFAULT_SETTINGS, type Settings, settingsShape } from '../../shared/contract/settings.ts'
import { testBackend } from '../../test/support/backend.ts'

/** Two values of every setting, neither the default: a new setting does not compile without its own. */
const VALUES: { [K in keyof Settings]: [Settings[K], Settings[K]] } = {
  colorScheme: ['dark', 'light'],
  profile: ['claude-code', 'reference'],
  authorName: ['Ada', 'Grace'],
  authorEmail: ['ada@example.com', 'grace@example.com'],
  answersMegabytes: [64, 32],
}
const chosen = (at: 0 | 1): Settings =>
  settingsShape.parse(Object.fromEntries(Object.entries(VALUES).map(([key, values]) => [key, values[at]])))

test.each(settingsShape.keyof().options)('changing %s leaves every other setting as it is', async key => {
  await using t = await testBackend()
  const [all, other] = [chosen(0), chosen(1)]
  expect(await t.api.settings.get()).toEqual(DEFAULT_SETTINGS)
  expect(await t.api.settings.set(all)).toEqual(all)
  expect(await t.api.settings.set({ [key]: other[key] })).toEqual({ ...all, [key]: other[key] })
  await using again = await t.restart()
  expect(await again.api.settings.get()).toEqual({ ...all, [key]: other[key] })
})

test('a change of the theme keeps the name that versions are saved under', async () => {
  await using t = await testBackend()
  await t.api.settings.set({ authorName: 'Ada', authorEmail: 'ada@example.com' })
  await t.api.settings.set({ colorScheme: 'dark' })
  const { id } = await t.api.skills.create({ tenantId: t.tenantId, slug: 'one' })
  await t.api.versions.save({ skillId: id, message: 'x' })
  expect(await t.api.versions.list({ skillId: id })).toMatchObject([
    { author: { name: 'Ada', email: 'ada@example.com' } },
  ])
})
