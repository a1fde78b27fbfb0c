import { expectAccessible } from './support/accessible.ts'
import { choose, onlyChoices, open, sharedSkill } from './support/at-odds.ts'
import { bothCalm, expect, line, type Pair, sameVersions, save, test } from './support/team.ts'

/** A registry, or whoever has hold of it, that says something else than before: told by name, and not believed. */
test.describe.configure({ mode: 'default' })

const syncPages = async ({ ada, grace, registry }: Pair) => {
  for (const { page, origin } of [ada, grace]) await page.goto(`${origin}/s/${registry.tenantId}/sync`)
}
const syncBoth = async ({ ada, grace, registry }: Pair) => {
  for (const { api } of [ada, grace]) await api.sync.now({ tenantId: registry.tenantId })
}

test('@browser a version that the registry rewrote is told by name, and what is here stays', async ({ pair }) => {
  const { ada, grace, registry } = pair
  const skillId = await sharedSkill(pair, 'rewritten', 'one', 'two')
  const [, version] = await grace.api.versions.list({ skillId })
  const rewrite = async (hash: string) => {
    await registry.sql('SET session_replication_role = replica')
    await registry.sql('UPDATE whetstone.skill_versions SET content_hash = $2 WHERE id = $1', [version?.id, hash])
    await registry.sql('SET session_replication_role = origin')
    // Everything is read again.
    await registry.sql('UPDATE whetstone.tenant_heads SET epoch = gen_random_uuid()::text')
    await syncBoth(pair)
  }
  await syncPages(pair)
  await rewrite('f'.repeat(64))
  const said =
    'The registry says something else about v1 of rewritten than before: its content. Versions never change, so it was not believed.'
  for (const one of [ada, grace]) await onlyChoices(one, said, ['Open the skill', 'I have told the team'])
  await expect(grace.page.getByText('What is on this computer is as it was.')).toBeVisible()
  await expectAccessible(grace.page)
  await choose(grace, said, 'Open the skill')
  await expect(grace.page).toHaveURL(new RegExp(`/skill/${skillId}`))
  for (const { api } of [ada, grace]) {
    const text = await api.files.read({ of: { kind: 'version', id: version?.id ?? '' }, path: 'SKILL.md' })
    expect(text).toMatchObject({ text: expect.stringContaining('one') })
  }
  await rewrite(version?.contentHash ?? '')
  for (const one of [ada, grace]) await choose(one, said, 'I have told the team')
  await bothCalm(pair)
  await sameVersions(grace, ada, skillId)
})

test('@browser a registry put back to a backup: announced or not, nothing is lost and both see the same', async ({
  pair,
}) => {
  const { ada, grace, registry } = pair
  const skillId = await sharedSkill(pair, 'put-back', 'one')
  await syncPages(pair)
  for (const announced of [true, false]) {
    const putBack = await registry.backup()
    const [before] = await grace.api.versions.list({ skillId })
    await save(grace, skillId, announced ? 'after the backup' : 'after another backup')
    await sameVersions(grace, ada, skillId)
    await putBack()
    if (announced) await registry.sql('UPDATE whetstone.tenant_heads SET epoch = gen_random_uuid()::text')
    await syncBoth(pair)
    const hers = announced
      ? 'The team’s registry was restored from a backup.'
      : 'The team’s registry answers with an older state than it had. Nobody announced that: ask whoever runs it.'
    await choose(grace, hers, 'All right')
    await sameVersions(grace, ada, skillId)
    expect((await ada.api.versions.list({ skillId }))[0]?.number).toBe((before?.number ?? 0) + 1)
    for (const one of [ada, grace]) await settle(one)
    await bothCalm(pair)
  }
})

/** Whatever else is told of it is acknowledged. */
async function settle({ page, api }: Pair['ada']): Promise<void> {
  await expect(async () => {
    const allRight = page.getByRole('button', { name: 'All right' }).first()
    if (await allRight.isVisible()) await allRight.click({ timeout: 2_000 })
    const [team] = await api.sync.status()
    expect(team).toMatchObject({ needsYou: 0, state: 'synced', waiting: 0 })
  }).toPass()
}

test('@browser damaged content is told, never shown, and mended by whoever has it', async ({ pair }) => {
  const { ada, grace, registry } = pair
  const skillId = await sharedSkill(pair, 'damaged', 'one')
  await grace.storage.cut()
  await save(ada, skillId, 'two', 'whole\n')
  await syncPages(pair)
  await expect(line(ada.page)).toHaveText(/^synced/)
  const [version] = await ada.api.versions.list({ skillId })
  const { files } = await ada.api.versions.get({ id: version?.id ?? '' })
  const file = files[0]?.sha256 ?? ''
  await registry.spoil(file, 'ruined\n')
  await grace.storage.mend()
  await grace.api.sync.now({ tenantId: registry.tenantId })
  const said = 'Content of v2 of damaged came from the team’s store damaged: it is not what was saved.'
  await onlyChoices(grace, said, ['All right'])
  await expectAccessible(grace.page)
  await grace.page.goto(`${grace.origin}/skill/${skillId}/history?version=${version?.id}`)
  await expect(grace.page.getByText('ruined')).toBeHidden()
  await expect(grace.page.getByRole('alert')).toContainText(
    'The content of this version is not on this computer, and it could not be brought.',
  )
  await expectAccessible(grace.page)
  await choose(grace, said, 'All right')
  // Ada checks her library, which looks at the team's store, too.
  await ada.page.goto(`${ada.origin}/settings`)
  await ada.page.getByRole('button', { name: /^Check / }).click()
  await expect(ada.page.getByText('1 file was missing or damaged in a team’s store')).toBeVisible()
  await grace.page.getByRole('button', { name: 'Try again' }).click()
  await expect(grace.page.getByRole('heading', { level: 2, name: 'v2' })).toBeVisible()
  await open(pair, skillId)
  for (const { page } of [ada, grace]) await expect(page.getByTestId('editor')).toContainText('whole')
  await bothCalm(pair)
})
