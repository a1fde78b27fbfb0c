import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SyncOptions } from '../../electron/backend.ts'
import { encodeInvite, type StorageSettings } from '../../electron/registry/invite.ts'
import type { ContentRef } from '../../shared/contract/base.ts'
import type { TeamStatus } from '../../shared/contract/sync.ts'
import { startTestRegistry, type TestDatabase, type TestMember, type TestRegistry } from '../registry/registry.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'
import { noPostgres } from '../support/postgres.ts'
import { type TestR2, testR2 } from '../support/r2.ts'

/** Two apps, each with its own library, and one team on a real Postgres and R2's simulator. */

const timers: SyncOptions = {
  random: Math.random,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

describe.skipIf(noPostgres !== undefined)(`two libraries and one team${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  let r2: TestR2
  let db: TestDatabase

  beforeAll(async () => {
    r2 = await testR2('alpha')
    registry = await startTestRegistry()
    db = await registry.database()
  }, 60_000)
  afterAll(async () => {
    await db?.close()
    await registry?.stop()
    await r2?.[Symbol.asyncDispose]()
  })

  const inviteOf = (member: TestMember): string => {
    const [alpha] = r2.settings
    if (!alpha) throw new Error('There is no bucket.')
    const storage: StorageSettings = { kind: 'r2', ...alpha }
    return encodeInvite({
      tenant: { id: registry.a.id, name: 'Team alpha' },
      user: { id: member.userId, name: member.name },
      role: member.role,
      database: db.urlOf(member),
      storage,
      expiresAt: Date.now() + 3_600_000,
    })
  }

  /** An app that has joined and received what there was. */
  async function join(member: TestMember): Promise<TestBackend> {
    const app = await testBackend({ sync: timers })
    const joining = await app.api.sync.join({ invite: inviteOf(member) })
    let said = await joining.next()
    const steps: string[] = []
    while (!said.done) {
      steps.push(said.value.step)
      said = await joining.next()
    }
    expect(steps.at(-1)).toBe('counting')
    expect(said.value.findings.filter(finding => finding.state === 'fail')).toEqual([])
    await app.api.sync.start({ tenantId: registry.a.id, content: 'all' })
    await synced(app)
    return app
  }

  const statusOf = async (app: TestBackend): Promise<TeamStatus> => {
    const [status] = await app.api.sync.status()
    if (!status) throw new Error('There is no team.')
    return status
  }

  /** Waits for what is announced, not for a time. */
  async function until<T>(app: TestBackend, look: () => Promise<T | undefined>): Promise<T> {
    const changes = await app.api.system.changes()
    try {
      for (;;) {
        const found = await look()
        if (found !== undefined) return found
        const status = await statusOf(app)
        if (status.state === 'attention') throw new Error(JSON.stringify(status.problem))
        await changes.next()
      }
    } finally {
      await changes.return?.(undefined)
    }
  }
  const synced = (app: TestBackend) =>
    until(app, async () => {
      const status = await statusOf(app)
      return status.state === 'synced' && status.waiting === 0 ? status : undefined
    })

  const newSkill = async (app: TestBackend, name: string): Promise<string> => {
    const { id } = await app.api.skills.create({
      tenantId: registry.a.id,
      slug: name,
      description: `Does ${name} well. Use when asked for it.`,
    })
    await app.api.versions.save({ skillId: id, message: 'First' })
    return id
  }
  const textOf = async (app: TestBackend, of: ContentRef): Promise<string> => {
    const read = await app.api.files.read({ of, path: 'SKILL.md' })
    return read.kind === 'text' ? read.text : ''
  }
  const edit = async (app: TestBackend, skillId: string, text: string, message: string): Promise<string> => {
    const copy = await app.api.workingCopies.get({ skillId })
    const file = copy.files.find(one => one.path === 'SKILL.md')
    const was = await textOf(app, { kind: 'working', skillId })
    await app.api.workingCopies.write({
      skillId,
      path: 'SKILL.md',
      content: { kind: 'text', text: `${was}\n${text}\n` },
      expected: file?.sha256 ?? null,
    })
    return (await app.api.versions.save({ skillId, message })).id
  }

  test('what one saves, publishes and rates is there for the other, content and all', async () => {
    await using ben = await join(registry.a.author)
    await using cleo = await join(registry.a.other)
    const skillId = await newSkill(ben, 'release-notes')
    const second = await edit(ben, skillId, 'Say less.', 'Say less')
    await synced(ben)
    const versions = await ben.api.versions.list({ skillId })
    expect(versions.map(version => version.number)).toEqual([2, 1])
    await ben.api.versions.publish({ skillId, versionId: second, expected: null })

    const seen = await until(cleo, async () => {
      const list = await cleo.api.versions.list({ skillId }).catch(() => [])
      return list.length === 2 && list[0]?.published ? list : undefined
    })
    expect(seen.map(version => [version.id, version.number, version.author.name])).toEqual(
      versions.map(version => [version.id, version.number, 'Ben']),
    )
    await synced(cleo)
    expect(await textOf(cleo, { kind: 'version', id: second })).toContain('Say less.')

    await cleo.api.ratings.rate({ versionId: second, rating: 4, comment: 'Good', hoursSaved: 0 })
    const rated = await until(ben, async () => {
      const list = await ben.api.ratings.list({ skillId })
      return list.length > 0 ? list : undefined
    })
    expect(rated).toMatchObject([{ rating: 4, comment: 'Good', hoursSaved: 0, userName: 'Cleo', mine: false }])
  }, 60_000)
})
