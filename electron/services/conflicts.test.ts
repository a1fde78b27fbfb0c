import { describe, expect, test } from 'vitest'
import { codeOf } from '../../test/support/code-of.ts'
import { type TeamInTest, teamInTest } from '../../test/support/team.ts'
import { addConflict, type NewConflict } from '../library/conflicts.ts'
import { enqueue, park } from '../library/outbox.ts'
import { findSkill } from '../library/skills.ts'
import { findVersion } from '../library/versions.ts'

/** Puts one in as sync does. */
function note(t: TeamInTest, conflict: Partial<NewConflict> & Pick<NewConflict, 'kind'>, ...keys: string[]): string {
  const id = `${conflict.kind}:${keys.join('-')}`
  addConflict(t.library, {
    ...{ id, tenantId: t.tenantId, skillId: null, at: 1, happened: 'It happened.', kept: 'All kept.' },
    choices: keys.map(key => ({ key, label: key, leads: key === 'rename' ? 'name' : 'act', left: null, right: null })),
    ...conflict,
  })
  return id
}
const open = async (t: TeamInTest) => (await t.api.sync.conflicts({ tenantId: t.tenantId })).map(each => each.kind)

describe('what went apart', () => {
  test('names who saved what from where, leads to the merge, and is quiet once it was left apart or merged', async () => {
    await using t = teamInTest()
    const skill = t.skill('pdf-forms')
    const v1 = t.arrive(skill, 1, t.me, 'base', null)
    const v2 = t.arrive(skill, 2, t.me, 'mine', v1)
    expect(await open(t)).toEqual([])
    const v3 = t.arrive(skill, 3, t.grace, 'hers', v1)
    const [apart] = await t.api.sync.conflicts({ tenantId: t.tenantId })
    expect(apart).toMatchObject({
      kind: 'diverged',
      skillId: skill,
      by: 'Grace',
      happened: 'You and Grace both saved from v1: v2 and v3.',
      choices: [
        { key: 'merge', leads: 'merge', left: v2, right: v3 },
        { key: 'compare', leads: 'compare' },
        { key: 'leave', leads: 'act' },
      ],
    })
    const id = apart?.id ?? ''
    expect(await t.api.sync.status()).toMatchObject([{ needsYou: 1 }])
    expect(await codeOf(t.api.sync.decideConflict({ id, choice: 'merge' }))).toBe('CHOICE_GONE')
    expect(await t.api.sync.decideConflict({ id, choice: 'leave' })).toEqual({ skillId: skill })
    expect(await open(t)).toEqual([])
    expect(await t.api.sync.status()).toMatchObject([{ needsYou: 0 }])
    expect(await codeOf(t.api.sync.decideConflict({ id, choice: 'leave' }))).toBe('CHOICE_GONE')
    // Another version on one side is another divergence.
    t.arrive(skill, 4, t.grace, 'hers again', v3)
    expect(await open(t)).toEqual(['diverged'])
  })

  test('two who each saved a first version went apart, too', async () => {
    await using t = teamInTest()
    const skill = t.skill('empty')
    t.arrive(skill, 1, t.me, 'mine', null)
    t.arrive(skill, 2, t.grace, 'hers', null)
    const [apart] = await t.api.sync.conflicts({ tenantId: t.tenantId })
    expect(apart).toMatchObject({ kind: 'diverged', happened: 'You and Grace both saved: v1 and v2.' })
    await t.api.sync.decideConflict({ id: apart?.id ?? '', choice: 'leave' })
    expect(await open(t)).toEqual([])
  })

  test('a working copy that was overtaken says by whom, until one goes on', async () => {
    await using t = teamInTest()
    const skill = t.skill('pdf-forms')
    const v1 = t.arrive(skill, 1, t.me, 'base', null)
    const file = (await t.api.workingCopies.get({ skillId: skill })).files[0]
    await t.api.workingCopies.write({
      ...{ skillId: skill, path: 'SKILL.md', content: { kind: 'text', text: 'mine' }, expected: file?.sha256 ?? null },
    })
    expect(await open(t)).toEqual([])
    t.arrive(skill, 2, t.grace, 'hers', v1)
    const [overtaken] = await t.api.sync.conflicts({ tenantId: t.tenantId })
    expect(overtaken).toMatchObject({ kind: 'overtaken', by: 'Grace' })
    expect(overtaken?.happened).toBe('Grace saved v2 of s after you began from v1.')
    await t.api.sync.decideConflict({ id: overtaken?.id ?? '', choice: 'goOn' })
    expect(await open(t)).toEqual([])
  })
})

test('what one began before there was a version is overtaken by the first one', async () => {
  await using t = teamInTest()
  const skill = t.skill('empty')
  const content = { kind: 'text', text: 'mine' } as const
  await t.api.workingCopies.write({ skillId: skill, path: 'SKILL.md', content, expected: null })
  expect(await open(t)).toEqual([])
  t.arrive(skill, 1, t.grace, 'hers', null)
  const [overtaken] = await t.api.sync.conflicts({ tenantId: t.tenantId })
  expect(overtaken).toMatchObject({ kind: 'overtaken', by: 'Grace' })
  expect(overtaken?.happened).toBe('Grace saved v1 of s after you began from nothing.')
  await t.api.sync.decideConflict({ id: overtaken?.id ?? '', choice: 'goOn' })
  expect(await open(t)).toEqual([])
})

describe('what sync noted', () => {
  test('a choice that was not offered, or was taken before, is gone', async () => {
    await using t = teamInTest()
    const id = note(t, { kind: 'rolledBack' }, 'seen')
    expect(await codeOf(t.api.sync.decideConflict({ id, choice: 'publish' }))).toBe('CHOICE_GONE')
    expect(await open(t)).toEqual(['rolledBack'])
    await t.api.sync.decideConflict({ id, choice: 'seen' })
    expect(await open(t)).toEqual([])
    expect(await codeOf(t.api.sync.decideConflict({ id, choice: 'seen' }))).toBe('CHOICE_GONE')
  })

  test.each(['damaged', 'rewritten', 'rolledBack', 'review', 'archived', 'refused'] as const)(
    '%s: seen is seen, and nothing else changes',
    async kind => {
      await using t = teamInTest()
      const skillId = t.skill('s')
      const id = note(t, { kind, skillId }, 'seen')
      const before = findSkill(t.library, skillId)
      await t.api.sync.decideConflict({ id, choice: 'seen' })
      expect(await open(t)).toEqual([])
      expect(findSkill(t.library, skillId)).toEqual(before)
      expect(t.queued()).toEqual([])
    },
  )

  test('published: ours is published from where theirs is now, or theirs is left', async () => {
    await using t = teamInTest()
    const skillId = t.skill('s')
    const ours = t.arrive(skillId, 1, t.me, 'ours', null)
    const theirs = t.arrive(skillId, 2, t.grace, 'theirs', ours)
    t.library.run("UPDATE skills SET published_version_id = ?, status = 'published' WHERE id = ?", theirs, skillId)
    const leave = note(t, { kind: 'published', skillId, id: 'a', detail: { ours, theirs } }, 'publish', 'leave')
    expect(leave).toBeTruthy()
    await t.api.sync.decideConflict({ id: 'a', choice: 'leave' })
    expect(findSkill(t.library, skillId)?.published_version_id).toBe(theirs)
    note(t, { kind: 'published', skillId, id: 'b', detail: { ours, theirs } }, 'publish', 'leave')
    await t.api.sync.decideConflict({ id: 'b', choice: 'publish' })
    expect(findSkill(t.library, skillId)).toMatchObject({ published_version_id: ours, status: 'published' })
    expect(findSkill(t.library, skillId)?.content).toContain('\nours\n')
    expect(t.queued()).toEqual(['skill publish'])
    const [queued] = await t.api.sync.queue({ tenantId: t.tenantId })
    expect(queued?.what).toBe('Publish v1 of s')
  })

  test('slug: another name, which must be one and be free', async () => {
    await using t = teamInTest()
    t.skill('forms')
    const skillId = t.skill('forms-2')
    const id = note(t, { kind: 'slug', skillId }, 'rename', 'keep')
    const decide = (name?: string) => t.api.sync.decideConflict({ id, choice: 'rename', ...(name && { name }) })
    expect(await codeOf(decide())).toBe('NAME_MISSING')
    expect(await codeOf(decide('Not A Slug'))).toBe('NAME_MISSING')
    expect(await codeOf(decide('forms'))).toBe('NAME_TAKEN')
    await decide('our-forms')
    expect(findSkill(t.library, skillId)?.slug).toBe('our-forms')
    expect(t.queued()).toEqual(['skill update'])
    expect(await open(t)).toEqual([])
  })

  test('slug: the name it was given can stay', async () => {
    await using t = teamInTest()
    const skillId = t.skill('forms-2')
    await t.api.sync.decideConflict({ id: note(t, { kind: 'slug', skillId }, 'keep'), choice: 'keep' })
    expect(findSkill(t.library, skillId)?.slug).toBe('forms-2')
    expect(await open(t)).toEqual([])
  })

  test('rating: ours stays, or theirs is taken and sent', async () => {
    await using t = teamInTest()
    const skillId = t.skill('s')
    const versionId = t.arrive(skillId, 1, t.me, 'x', null)
    const mine = await t.api.ratings.rate({ versionId, rating: 4, comment: 'good', hoursSaved: 2 })
    t.library.run('DELETE FROM outbox')
    const detail = { theirs: { rating: 5, comment: null, hoursSaved: 0 } }
    const rating = { kind: 'rating', skillId, entity: 'rating', entityId: mine.id, detail } as const
    note(t, { ...rating, id: 'a' }, 'keep', 'theirs')
    note(t, { ...rating, id: 'b' }, 'keep', 'theirs')
    await t.api.sync.decideConflict({ id: 'a', choice: 'keep' })
    expect(t.queued()).toEqual([])
    await t.api.sync.decideConflict({ id: 'b', choice: 'theirs' })
    expect(await t.api.ratings.list({ skillId })).toMatchObject([
      { id: mine.id, rating: 5, comment: null, hoursSaved: 0, waiting: true },
    ])
    expect(t.queued()).toEqual(['rating update'])
  })

  test('archived: brought back as what it was', async () => {
    await using t = teamInTest()
    const skillId = t.skill('s')
    const v1 = t.arrive(skillId, 1, t.me, 'x', null)
    t.library.run("UPDATE skills SET status = 'archived', published_version_id = ? WHERE id = ?", v1, skillId)
    await t.api.sync.decideConflict({ id: note(t, { kind: 'archived', skillId }, 'unarchive'), choice: 'unarchive' })
    expect(findSkill(t.library, skillId)?.status).toBe('published')
    expect(t.queued()).toEqual(['skill update'])
  })
})

describe('deleted there, changed here', () => {
  async function deletedSkill() {
    const t = teamInTest()
    const skillId = t.skill('forms')
    const v1 = t.arrive(skillId, 1, t.grace, 'base', null)
    t.arrive(skillId, 2, t.me, 'more', v1)
    const file = (await t.api.workingCopies.get({ skillId })).files[0]
    const text = '---\nname: forms\ndescription: d\n---\nbeing edited\n'
    await t.api.workingCopies.write({
      ...{ skillId, path: 'SKILL.md', content: { kind: 'text', text }, expected: file?.sha256 ?? null },
    })
    enqueue(t.library, {
      ...{ tenantId: t.tenantId, skillId, entity: 'skill', entityId: skillId, operation: 'update', now: 1 },
      payload: { tags: [] },
    })
    park(t.library, 'skill', skillId, 'put', 1_000, { code: 'deleted', reason: 'It was deleted.', todo: 'Decide.' })
    const conflict = { kind: 'deleted', skillId, entity: 'skill', entityId: skillId } as const
    const id = note(t, conflict, 'again', 'personal', 'discard')
    return { t, skillId, id, v1 }
  }
  const working = async (t: TeamInTest, skillId: string) => {
    const read = await t.api.files.read({ of: { kind: 'working', skillId }, path: 'SKILL.md' })
    return read.kind === 'text' ? read.text : ''
  }

  test('kept in the team as a new skill: lineage, authors and what is being edited', async () => {
    const { t, skillId, id, v1 } = await deletedSkill()
    await using _ = t
    expect(await t.api.sync.queue({ tenantId: t.tenantId })).toMatchObject([{ state: 'held' }])
    const { skillId: kept } = await t.api.sync.decideConflict({ id, choice: 'again' })
    expect(findSkill(t.library, skillId)).toBeUndefined()
    expect(findVersion(t.library, v1)).toBeUndefined()
    expect(await t.api.skills.get({ id: kept ?? '' })).toMatchObject({
      slug: 'forms',
      tenantId: t.tenantId,
      changed: true,
    })
    const versions = await t.api.versions.list({ skillId: kept ?? '' })
    expect(versions.map(one => [one.message, one.claimed?.author?.name ?? one.author.name, one.number]).sort()).toEqual(
      [
        ['base', 'Grace', null],
        ['more', 'Ada', null],
      ],
    )
    expect(await working(t, kept ?? '')).toContain('being edited')
    expect((await t.api.workingCopies.get({ skillId: kept ?? '' })).base?.id).toBe(
      versions.find(one => one.message === 'more')?.id,
    )
    expect(t.queued()).toEqual(['skill insert', 'version insert', 'version insert'])
    expect(await open(t)).toEqual([])
  })

  test('kept in Personal, where nothing is queued', async () => {
    const { t, skillId, id } = await deletedSkill()
    await using _ = t
    t.skill(
      'forms',
      t.library.get<{ user_id: string }>("SELECT user_id FROM spaces WHERE kind = 'personal'").user_id,
      t.personal,
    )
    const { skillId: kept } = await t.api.sync.decideConflict({ id, choice: 'personal' })
    expect(findSkill(t.library, skillId)).toBeUndefined()
    expect(await t.api.skills.get({ id: kept ?? '' })).toMatchObject({ slug: 'forms-2', tenantId: t.personal })
    expect(await t.api.versions.list({ skillId: kept ?? '' })).toMatchObject([{ number: 2 }, { number: 1 }])
    expect(await working(t, kept ?? '')).toContain('being edited')
    expect(t.queued()).toEqual([])
    expect(t.queued(t.personal)).toEqual([])
  })

  test('thrown away, with its versions and what waited; other skills’ versions still cannot go', async () => {
    const { t, skillId, id } = await deletedSkill()
    await using _ = t
    const other = t.skill('other')
    const kept = t.arrive(other, 1, t.me, 'x', null)
    expect(await t.api.sync.decideConflict({ id, choice: 'discard' })).toEqual({ skillId: null })
    expect(findSkill(t.library, skillId)).toBeUndefined()
    expect(t.queued()).toEqual([])
    expect(() => t.library.run('DELETE FROM skill_versions WHERE id = ?', kept)).toThrow('never deleted')
  })

  test('a rating is sent as a new one, or thrown away', async () => {
    await using t = teamInTest()
    const skillId = t.skill('s')
    const versionId = t.arrive(skillId, 1, t.me, 'x', null)
    const mine = await t.api.ratings.rate({ versionId, rating: 4, comment: null, hoursSaved: null })
    const row = { kind: 'deleted', skillId, entity: 'rating', detail: { table: 'ratings' } } as const
    note(t, { ...row, id: 'a', entityId: mine.id }, 'again', 'discard')
    await t.api.sync.decideConflict({ id: 'a', choice: 'again' })
    const [again] = await t.api.ratings.list({ skillId })
    expect(again).toMatchObject({ rating: 4, mine: true, waiting: true })
    expect(again?.id).not.toBe(mine.id)
    expect(t.queued()).toEqual(['rating insert'])
    note(t, { ...row, id: 'b', entityId: again?.id ?? '' }, 'again', 'discard')
    await t.api.sync.decideConflict({ id: 'b', choice: 'discard' })
    expect(await t.api.ratings.list({ skillId })).toEqual([])
    expect(await t.api.skills.get({ id: skillId })).toMatchObject({ totalRatings: 0, averageRating: null })
    expect(t.queued()).toEqual([])
  })

  test('a run is sent anew with its results, and feedback keeps the case that was made of it', async () => {
    await using t = teamInTest()
    const skillId = t.skill('s')
    const { library, tenantId } = t
    library.run(
      "INSERT INTO skill_feedback (id, tenant_id, skill_id, user_id, feedback_type, created_at, updated_at) VALUES ('f', ?, ?, ?, 'bug_report', 1, 1)",
      ...[tenantId, skillId, t.me],
    )
    library.run(
      "INSERT INTO benchmark_cases (id, tenant_id, skill_id, name, prompt, source_feedback_id, created_at, updated_at) VALUES ('c', ?, ?, 'n', 'p', 'f', 1, 1)",
      ...[tenantId, skillId],
    )
    library.run(
      "INSERT INTO benchmark_runs (id, tenant_id, skill_id, case_set_hash, created_at) VALUES ('r', ?, ?, 'h', 1)",
      ...[tenantId, skillId],
    )
    library.run(
      "INSERT INTO benchmark_results (id, tenant_id, run_id, case_id, model_name, model_provider, created_at) VALUES ('x', ?, 'r', 'c', 'm', 'p', 1)",
      tenantId,
    )
    for (const [table, entity, entityId] of [
      ['skill_feedback', 'feedback', 'f'],
      ['benchmark_cases', 'benchmark_case', 'c'],
      ['benchmark_runs', 'benchmark_run', 'r'],
    ] as const) {
      note(t, { kind: 'deleted', id: table, skillId, entity, entityId, detail: { table } }, 'again')
      await t.api.sync.decideConflict({ id: table, choice: 'again' })
    }
    const ids = library.get<Record<string, string>>(
      `SELECT f.id AS f, c.id AS c, c.source_feedback_id AS source, r.id AS r, x.id AS x, x.run_id, x.case_id
       FROM skill_feedback f, benchmark_cases c, benchmark_runs r, benchmark_results x`,
    )
    expect(ids).toMatchObject({ source: ids.f, run_id: ids.r, case_id: ids.c })
    for (const old of ['f', 'c', 'r', 'x']) expect(Object.values(ids)).not.toContain(old)
    expect(t.queued()).toEqual([
      'feedback insert',
      'benchmark_case insert',
      'benchmark_run insert',
      'benchmark_result insert',
    ])
  })
})

describe('a change that was refused', () => {
  test('is tried again, or let go; one that is not parked is neither', async () => {
    await using t = teamInTest()
    const skillId = t.skill('s')
    const versionId = t.arrive(skillId, 1, t.me, 'x', null)
    await t.api.ratings.rate({ versionId, rating: 4, comment: null, hoursSaved: null })
    const queue = () => t.api.sync.queue({ tenantId: t.tenantId })
    const [waiting] = await queue()
    expect(waiting).toMatchObject({ what: 'Rate v1 of s: 4 of 5', state: 'waiting', reason: null })
    const seq = waiting?.seq ?? 0
    const decide = (decision: 'retry' | 'drop') => t.api.sync.decideChange({ tenantId: t.tenantId, seq, decision })
    expect(await codeOf(decide('drop'))).toBe('NOT_FOUND')
    const refuse = () =>
      park(t.library, 'rating', t.library.get<{ id: string }>('SELECT id FROM ratings').id, 'put', seq, {
        ...{ code: 'refused', reason: 'No.', todo: 'Let it go.' },
      })
    refuse()
    expect(await queue()).toMatchObject([{ state: 'parked', reason: 'No.', todo: 'Let it go.', attempts: 1 }])
    await decide('retry')
    expect(await queue()).toMatchObject([{ state: 'waiting', reason: null, attempts: 0 }])
    refuse()
    await decide('drop')
    expect(await queue()).toEqual([])
    expect(await t.api.ratings.list({ skillId })).toHaveLength(1)
  })
})
