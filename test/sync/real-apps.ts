import { expect } from 'vitest'
import type { SyncOptions } from '../../electron/backend.ts'
import { encodeInvite, type StorageSettings } from '../../electron/registry/invite.ts'
import { addMember } from '../../electron/registry/members.ts'
import type { ContentRef } from '../../shared/contract/base.ts'
import type { TeamStatus } from '../../shared/contract/sync.ts'
import type { TestDatabase, TestMember, TestRegistry } from '../registry/registry.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'
import type { TestR2 } from '../support/r2.ts'

const timers: SyncOptions = {
  random: Math.random,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

export type RealPlace = { registry: TestRegistry; r2: TestR2; db: TestDatabase }

/** Whole apps, each with its own library, that join a team on a real Postgres and R2's simulator, and what one does in them. */
export function realApps(here: () => RealPlace) {
  /** Each time a login of its own: another computer, or another test. */
  const inviteOf = async (member: TestMember): Promise<string> => {
    const [alpha] = here().r2.settings
    if (!alpha) throw new Error('There is no bucket.')
    const storage: StorageSettings = { kind: 'r2', ...alpha }
    const now = Date.now()
    const whose = {
      tenantId: here().registry.a.id,
      userId: member.userId,
      name: member.name,
      email: null,
      role: member.role,
    }
    const login = await addMember(await here().db.owner(), { ...whose, now, expiresAt: now + 3_600_000 })
    return encodeInvite({
      tenant: { id: here().registry.a.id, name: 'Team alpha' },
      user: { id: member.userId, name: member.name },
      role: member.role,
      database: here().db.urlOf({ login }),
      storage,
      expiresAt: now + 3_600_000,
    })
  }

  /** An app that has joined and received what there was. */
  async function join(member: TestMember): Promise<TestBackend> {
    const app = await testBackend({ sync: timers })
    const joining = await app.api.sync.join({ invite: await inviteOf(member) })
    let said = await joining.next()
    const steps: string[] = []
    while (!said.done) {
      steps.push(said.value.step)
      said = await joining.next()
    }
    expect(steps.at(-1)).toBe('counting')
    expect(said.value.findings.filter(finding => finding.state === 'fail')).toEqual([])
    await app.api.sync.start({ tenantId: here().registry.a.id, content: 'all' })
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
    const enough = new AbortController()
    const changes = await app.api.system.changes(undefined, { signal: enough.signal })
    try {
      // Asked before the first look: it listens from its first `next`.
      for (let next = changes.next(); ; await next, next = changes.next()) {
        next.catch(() => undefined)
        const found = await look()
        if (found !== undefined) return found
        const status = await statusOf(app)
        if (status.state === 'attention') throw new Error(JSON.stringify(status.problem))
      }
    } finally {
      enough.abort()
    }
  }
  const synced = (app: TestBackend) =>
    until(app, async () => {
      const status = await statusOf(app)
      return status.state === 'synced' && status.waiting === 0 ? status : undefined
    })

  const newSkill = async (app: TestBackend, name: string): Promise<string> => {
    const { id } = await app.api.skills.create({
      tenantId: here().registry.a.id,
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

  /** Until the other one has the same history of a skill, content and all: not by its status, which is fine before it asks. */
  const arrived = async (app: TestBackend, from: TestBackend, skillId: string) => {
    const said = async (one: TestBackend) =>
      JSON.stringify((await one.api.versions.list({ skillId }).catch(() => [])).map(row => [row.id, row.number]))
    await until(app, async () => (await said(app)) === (await said(from)) || undefined)
    for (const { id } of await app.api.versions.list({ skillId })) await app.api.sync.fetchContent({ versionId: id })
  }

  return { arrived, inviteOf, join, statusOf, until, synced, newSkill, textOf, edit }
}
