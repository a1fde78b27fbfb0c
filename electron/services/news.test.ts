import { expect, test } from 'vitest'
import { type TeamInTest, teamInTest } from '../../test/support/team.ts'

const news = (t: TeamInTest, ...opened: string[]) => t.api.sync.news({ opened })
const rate = (t: TeamInTest, id: string, skillId: string, versionId: string, userId: string) =>
  t.library.run(
    `INSERT INTO ratings (id, tenant_id, skill_id, skill_version_id, user_id, rating, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, 4, 1, 1)`,
    ...[id, t.tenantId, skillId, versionId, userId],
  )

test('tells once what others sent of skills that one wrote or opened, and nothing of one’s own', async () => {
  await using t = teamInTest()
  const [mine, hers, opened] = [t.skill('mine'), t.skill('hers', t.grace), t.skill('opened', t.grace)]
  const v1 = t.arrive(mine, 1, t.me, 'x', null)
  t.arrive(hers, 1, t.grace, 'x', null)
  const o1 = t.arrive(opened, 1, t.grace, 'x', null)
  // What was there when one first looked is no news.
  expect(await news(t, opened)).toEqual([])
  const v2 = t.arrive(mine, 2, t.grace, 'y', v1)
  t.arrive(mine, 3, t.grace, 'z', v2)
  t.arrive(mine, 4, t.me, 'own', v2)
  t.arrive(hers, 2, t.grace, 'y', null)
  t.arrive(opened, 2, t.grace, 'y', o1)
  rate(t, 'r1', mine, v1, t.grace)
  rate(t, 'r2', mine, v1, t.me)
  expect(await news(t, opened)).toMatchObject([
    {
      team: 'Team',
      versions: [
        { skillId: opened, by: 'Grace', versions: 1 },
        { skillId: mine, by: 'Grace', versions: 2 },
      ],
      ratings: [{ skillId: mine, items: 1 }],
      feedback: [],
      // Both saved from v2.
      conflicts: expect.any(Number),
    },
  ])
  expect(await news(t, opened)).toEqual([])
})

test('can be switched off, and what came meanwhile is not told later', async () => {
  await using t = teamInTest()
  const mine = t.skill('mine')
  const v1 = t.arrive(mine, 1, t.me, 'x', null)
  await news(t)
  await t.api.sync.setNotify({ tenantId: t.tenantId, notify: false })
  expect(await t.api.sync.status()).toMatchObject([{ notify: false }])
  t.arrive(mine, 2, t.grace, 'y', v1)
  expect(await news(t)).toEqual([])
  await t.api.sync.setNotify({ tenantId: t.tenantId, notify: true })
  expect(await news(t)).toEqual([])
})

test('a first sync is no news, however often one looks meanwhile; what comes after it is', async () => {
  let syncedAt: number | null = null
  await using t = teamInTest(status => ({ status: () => [{ ...status, syncedAt }] }))
  const mine = t.skill('mine')
  await news(t)
  const v1 = t.arrive(mine, 1, t.grace, 'x', null)
  expect(await news(t)).toEqual([])
  const v2 = t.arrive(mine, 2, t.grace, 'y', v1)
  syncedAt = 1
  expect(await news(t)).toEqual([])
  t.arrive(mine, 3, t.grace, 'z', v2)
  expect(await news(t)).toMatchObject([{ versions: [{ versions: 1 }] }])
})
