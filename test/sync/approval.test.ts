import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestRegistry, type TestDatabase, type TestRegistry } from '../registry/registry.ts'
import type { TestBackend } from '../support/backend.ts'
import { codeOf } from '../support/code-of.ts'
import { noPostgres } from '../support/postgres.ts'
import { type TestR2, testR2 } from '../support/r2.ts'
import { realApps } from './real-apps.ts'
import { Office } from './rounds-support.ts'

/** A team that publishes only what somebody else has approved, from its members' apps, on a real Postgres. */
describe.skipIf(noPostgres !== undefined)(`publishing by approval${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  let r2: TestR2
  let db: TestDatabase
  beforeAll(async () => {
    r2 = await testR2('alpha')
    registry = await startTestRegistry()
    db = await registry.database()
    await (await db.as(registry.a.admin)).query('SELECT whetstone.require_approval(true)')
  }, 20_000)
  afterAll(async () => {
    await db?.close()
    await registry?.stop()
    await r2?.[Symbol.asyncDispose]()
  })
  const { arrived, join, until, synced, newSkill, edit, statusOf } = realApps(() => ({ registry, r2, db }))
  const parkedOf = async (app: TestBackend) =>
    (await app.api.sync.queue({ tenantId: registry.a.id })).find(change => change.state === 'parked')
  const numbered = (app: TestBackend, skillId: string, versions: number) =>
    until(app, async () => {
      const list = await app.api.versions.list({ skillId }).catch(() => [])
      return list.length === versions && list.every(one => one.number !== null) ? list : undefined
    })

  test('the author publishes, it waits with words; an admin approves; tried again it is published', async () => {
    await using ben = await join(registry.a.author)
    await using ada = await join(registry.a.admin)
    await using cleo = await join(registry.a.other)
    expect((await statusOf(ada)).needsApproval).toBe(true)
    const skillId = await newSkill(ben, 'release-notes')
    const [version] = await numbered(ben, skillId, 1)
    const versionId = version?.id ?? ''
    await ben.api.versions.publish({ skillId, versionId, expected: null })
    const parked = await until(ben, () => parkedOf(ben))
    expect(parked).toMatchObject({
      what: 'Publish v1 of release-notes',
      reason: 'This team publishes only what somebody else has approved.',
      todo: 'Ask Ada to approve v1 of release-notes (in its history: Actions, Approve). Then try again.',
      // Whoever saved it may not.
      approve: null,
    })
    const refused = (app: TestBackend) => codeOf(app.api.versions.approve({ versionId }))
    expect(await refused(ben)).toBe('FORBIDDEN')
    await arrived(cleo, ben, skillId)
    expect(await refused(cleo)).toBe('FORBIDDEN')
    // Without the approval it comes back to where it was.
    await ben.api.sync.decideChange({ tenantId: registry.a.id, seq: parked.seq, decision: 'retry' })
    await until(ben, () => parkedOf(ben))

    await arrived(ada, ben, skillId)
    expect(await ada.api.versions.approve({ versionId })).toEqual({ approved: true })
    expect((await ada.api.sync.log({ tenantId: registry.a.id })).map(line => line.text)).toContain(
      'Approved release-notes v1 for publishing.',
    )
    await ben.api.sync.decideChange({ tenantId: registry.a.id, seq: parked.seq, decision: 'retry' })
    await synced(ben)
    expect(await ben.api.sync.queue({ tenantId: registry.a.id })).toEqual([])
    const published = (app: TestBackend) =>
      until(app, async () => {
        const [newest] = await app.api.versions.list({ skillId })
        return newest?.published ? newest.id : undefined
      })
    for (const app of [ben, ada, cleo]) expect(await published(app)).toBe(versionId)
  }, 30_000)

  test('whoever may approve does it where their publish waits, and it goes on by itself', async () => {
    await using ben = await join(registry.a.author)
    await using ada = await join(registry.a.admin)
    const skillId = await newSkill(ben, 'pdf-forms')
    await numbered(ben, skillId, 1)
    const versionId = await edit(ben, skillId, 'Better.', 'Better')
    await numbered(ben, skillId, 2)
    await arrived(ada, ben, skillId)
    await ada.api.versions.publish({ skillId, versionId, expected: null })
    const parked = await until(ada, () => parkedOf(ada))
    expect(parked).toMatchObject({ approve: versionId, todo: expect.stringContaining('approve it yourself') })
    await ada.api.versions.approve({ versionId })
    await synced(ada)
    expect(await ada.api.sync.queue({ tenantId: registry.a.id })).toEqual([])
    await until(ben, async () => (await ben.api.skills.get({ id: skillId })).published?.id === versionId || undefined)
  }, 30_000)
})

describe('an approval is an online act', () => {
  test('what the registry does not have yet, and a registry that cannot be reached, are said; nothing is queued', async () => {
    const office = new Office()
    const ben = office.machine(office.member('Ben'))
    const ada = office.machine(office.member('Ada', 'admin'))
    const skillId = await ben.newSkill('pdf-forms')
    const [version] = await ben.app.api.versions.list({ skillId })
    const versionId = version?.id ?? ''
    expect(await ada.engine.approve(versionId)).toEqual({ kind: 'missing' })
    await ben.round()
    await ada.round()
    ada.fault = call => (call === 'approve' ? { kind: 'retry', code: 'ECONNRESET', message: 'gone' } : undefined)
    expect(await ada.engine.approve(versionId)).toMatchObject({
      kind: 'problem',
      problem: {
        code: 'offline',
        kept: expect.stringContaining('It was not queued'),
        todo: 'Check your network, then approve it again.',
      },
    })
    expect(ada.queue()).toEqual([])
    ada.fault = () => undefined
    expect(await ada.engine.approve(versionId)).toEqual({ kind: 'approved' })
    expect(await ben.engine.approve(versionId)).toEqual({ kind: 'forbidden' })
    const dan = office.machine(office.member('Dan', 'reader'))
    await dan.round()
    expect(await dan.engine.approve(versionId)).toEqual({ kind: 'forbidden' })
  })

  test('a publish that waits says whom to ask: three admins by name, or that there is nobody', async () => {
    const office = new Office()
    office.registry.requireApproval(office.tenantId, true)
    const alone = office.machine(office.member('Ben'))
    const todoOf = async (slug: string) => {
      const skillId = await alone.newSkill(slug)
      const [version] = await alone.app.api.versions.list({ skillId })
      await alone.app.api.versions.publish({ skillId, versionId: version?.id ?? '', expected: null })
      await alone.round()
      return alone.library.get<{ todo: string }>('SELECT parked_todo AS todo FROM outbox WHERE skill_id = ?', skillId)
        .todo
    }
    expect(await todoOf('first')).toContain('Ask whoever runs the registry for a second admin')
    for (const name of ['Ada', 'Cleo', 'Dora', 'Eve']) office.member(name, 'admin')
    expect(await todoOf('second')).toContain('Ask Ada or Cleo or Dora or another admin to approve v1 of second')
    expect(alone.engine.status().needsApproval).toBe(true)
  })
})
