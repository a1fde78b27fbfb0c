import { expect, test } from 'vitest'
import { teamInTest } from '../../test/support/team.ts'

test('one’s own is edited, waits until it is sent, and is counted over the skill and by version', async () => {
  await using t = teamInTest()
  const skillId = t.skill('s')
  const v1 = t.arrive(skillId, 1, t.me, 'x', null)
  const v2 = t.arrive(skillId, 2, t.me, 'y', v1)
  const summary = () => t.api.ratings.summary({ skillId })
  expect(await summary()).toEqual({
    average: null,
    count: 0,
    stars: [0, 0, 0, 0, 0],
    hours: null,
    hoursSaid: 0,
    versions: [],
  })
  const first = await t.api.ratings.rate({ versionId: v1, rating: 4, comment: 'good', hoursSaved: 0 })
  expect(first).toMatchObject({ mine: true, waiting: true, hoursSaved: 0 })
  const edited = await t.api.ratings.rate({ versionId: v1, rating: 3, comment: null, hoursSaved: 1.5 })
  expect(edited.id).toBe(first.id)
  await t.api.ratings.rate({ versionId: v2, rating: 5, comment: null, hoursSaved: null })
  t.library.run(
    `INSERT INTO ratings (id, tenant_id, skill_id, skill_version_id, user_id, rating, hours_saved_estimate, created_at, updated_at)
     VALUES ('r', ?, ?, ?, ?, 5, 2, 1, 1)`,
    ...[t.tenantId, skillId, v1, t.grace],
  )
  expect(await summary()).toEqual({
    ...{ average: 433, count: 3, stars: [0, 0, 1, 0, 2], hours: 3.5, hoursSaid: 2 },
    versions: [
      { versionId: v1, number: 1, average: 400, count: 2, stars: [0, 0, 1, 0, 1], hours: 3.5, hoursSaid: 2 },
      { versionId: v2, number: 2, average: 500, count: 1, stars: [0, 0, 0, 0, 1], hours: null, hoursSaid: 0 },
    ],
  })
  // The same figure as the one that triggers keep on the skill.
  expect(await t.api.skills.get({ id: skillId })).toMatchObject({
    averageRating: 433,
    totalRatings: 3,
    hoursSaved: 3.5,
  })
  t.library.run('DELETE FROM outbox')
  expect((await t.api.ratings.list({ skillId })).some(rating => rating.waiting)).toBe(false)
})
