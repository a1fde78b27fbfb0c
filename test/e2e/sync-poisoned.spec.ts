import { v7 } from 'uuid'
import type { VersionToPush } from '../../electron/registry/postgres.ts'
import { checksOf, constraintOf } from '../../electron/registry/row-checks.ts'
import { newMeasurement, newSkill, newVersion } from '../registry/registry.ts'
import { expectAccessible } from './support/accessible.ts'
import { onlyChoices, open, sharedSkill } from './support/at-odds.ts'
import { bothCalm, expect, sameVersions, test } from './support/team.ts'

/** A registry without the rules of rows, and a member who knows it: what their rows are for everybody else's page. */
const RULES = [
  ['skills', 'slug'],
  ['skill_versions', 'metadata'],
  ['token_measurements', 'estimated_cost_microcents'],
] as const
const without = RULES.map(
  ([table, column]) => `ALTER TABLE whetstone.${table} DROP CONSTRAINT ${constraintOf(table, column)}`,
)
const withThem = RULES.map(([table, column]) => {
  const condition = checksOf(table).find(check => check.column === column)?.condition
  return `ALTER TABLE whetstone.${table} ADD CONSTRAINT ${constraintOf(table, column)} CHECK (${condition})`
})
const NOT_A_FOLDER = 'A skill from Mallory called “ssh” can’t be used.'

test('@browser rows that no app can use are told once a skill, everything else goes on, and once corrected they arrive', async ({
  pair,
}) => {
  const { ada, grace, registry } = pair
  const skillId = await sharedSkill(pair, 'poisoned', 'one')
  const [slug, cost] = [newSkill({ slug: '../../.ssh', name: 'ssh' }), v7()]
  await registry.sql(without.join('; '))
  const mallory = await registry.program('Mallory')
  const [first] = await grace.api.versions.list({ skillId })
  const versions: VersionToPush[] = []
  for (let n = 0; n < 3; n++)
    versions.push(
      newVersion(skillId, {
        ...{ content_hash: first?.contentHash ?? '', name: 'poisoned', metadata: 'null' },
        parent_version_id: versions.at(-1)?.id ?? first?.id ?? null,
      }),
    )
  await mallory.pushSkills([slug])
  await mallory.pushVersions(versions)
  await mallory.pushRows('measurements', [
    newMeasurement(skillId, first?.id ?? '', { id: cost, estimated_cost_microcents: '9007199254740993' }),
  ])
  for (const { page, origin } of [ada, grace]) await page.goto(`${origin}/s/${registry.tenantId}/sync`)
  for (const { api } of [ada, grace]) await api.sync.now({ tenantId: registry.tenantId })

  const ofSkill = 'A version of poisoned from Mallory and 3 more entries can’t be used.'
  await onlyChoices(grace, NOT_A_FOLDER, ['All right'])
  const notice = grace.page.getByRole('article').filter({ hasText: 'A version of poisoned' })
  await expect(notice.getByRole('button')).toHaveText(['Open the skill', 'All right'])
  await expect(notice).toHaveAttribute('aria-label', ofSkill)
  for (const scheme of ['light', 'dark'] as const) {
    await grace.page.emulateMedia({ colorScheme: scheme })
    await expectAccessible(grace.page)
  }
  await open(pair, skillId)
  await expect(grace.page.getByText(ofSkill)).toBeVisible()

  // As a migration does it.
  await registry.sql("UPDATE whetstone.skills SET slug = 'ssh' WHERE id = $1", [slug.id])
  await registry.sql('ALTER TABLE whetstone.skill_versions DISABLE TRIGGER never_changed')
  await registry.sql("UPDATE whetstone.skill_versions SET metadata = '{}' WHERE skill_id = $1", [skillId])
  await registry.sql('ALTER TABLE whetstone.skill_versions ENABLE TRIGGER never_changed')
  await registry.sql('UPDATE whetstone.token_measurements SET estimated_cost_microcents = NULL WHERE id = $1', [cost])
  await registry.sql(withThem.join('; '))
  await registry.sql('UPDATE whetstone.tenant_heads SET epoch = gen_random_uuid()::text')
  for (const { api } of [ada, grace]) await api.sync.now({ tenantId: registry.tenantId })
  for (const { page, origin } of [ada, grace]) await page.goto(`${origin}/s/${registry.tenantId}/sync`)
  await bothCalm(pair)
  await sameVersions(grace, ada, skillId)
  expect((await grace.api.versions.list({ skillId })).map(version => version.number)).toEqual([4, 3, 2, 1])
})
