import Database from 'better-sqlite3'
import { v7 } from 'uuid'
import { expect } from 'vitest'
import { Library } from '../../electron/library/library.ts'
import { applyMigrations, readMigrations } from '../../electron/library/migrate.ts'
import { updateSyncState } from '../../electron/library/sync-states.ts'
import { Engine } from '../../electron/sync/engine.ts'
import type { Point } from '../../electron/sync/points.ts'
import type { Remote } from '../../electron/sync/remote.ts'
import type { PageSizes } from '../../electron/sync/team.ts'
import { type App, joinTeam, startApp } from './client.ts'
import { MemoryRegistry } from './memory-registry.ts'
import { SQLITE_MIGRATIONS } from './places.ts'

/** A team on the model of a registry, and machines whose engine does one round at a time when a test says so. */
export class Office {
  readonly registry: MemoryRegistry
  readonly tenantId = v7()
  now = 1_700_000_000_000

  constructor() {
    this.registry = new MemoryRegistry({ now: () => ++this.now, newId: v7 })
    this.registry.createTenant({ id: this.tenantId, name: 'Team', slug: 'team' })
  }

  member(name: string, role: 'reader' | 'author' | 'admin' = 'author'): Member {
    const userId = v7()
    return { userId, name, role, login: this.registry.addMember(this.tenantId, { userId, name, role }) }
  }

  /** A computer of that member, joined and with nothing received yet. */
  machine(member: Member, pages?: PageSizes): OneMachine {
    return new OneMachine(this, member, pages)
  }
}

export type Member = { userId: string; name: string; role: 'reader' | 'author' | 'admin'; login: string }
type Timer = { ms: number; callback: () => void }

export class OneMachine {
  readonly library: Library
  readonly app: App
  readonly engine: Engine
  readonly office: Office
  readonly tenantId: string
  readonly member: Member
  /** Names of the calls that went out, in order. */
  calls: string[] = []
  /** Points that were passed since the last round began. */
  points: Point[] = []
  /** Answers instead of the registry, by the call's name, at once or later; undefined lets it through. */
  fault: (call: string, args: readonly unknown[]) => unknown = () => undefined
  /** This computer's clock, apart from the registry's. */
  clockError = 0
  readonly timers = new Set<Timer>()

  constructor(office: Office, member: Member, pages?: PageSizes) {
    this.office = office
    this.tenantId = office.tenantId
    this.member = member
    const db = new Database(':memory:')
    applyMigrations(db, readMigrations(SQLITE_MIGRATIONS), 0)
    this.library = new Library()
    this.library.open(db)
    const clock = () => office.now + this.clockError
    this.app = startApp({ library: this.library, clock, newId: v7, userOf: () => member.userId, log: () => undefined })
    joinTeam(
      this.library,
      {
        tenantId: office.tenantId,
        name: 'Team',
        slug: 'team',
        userId: member.userId,
        userName: member.name,
        role: member.role,
      },
      clock(),
      office.registry.schemaVersion,
    )
    this.engine = new Engine({
      library: this.library,
      tenantId: office.tenantId,
      connect: async () => ({ kind: 'open', remote: this.#watched(office.registry.remoteFor(member.login)) }),
      clock,
      random: () => 0.5,
      newId: v7,
      after: (ms, callback) => {
        const timer = { ms, callback }
        this.timers.add(timer)
        return () => void this.timers.delete(timer)
      },
      knownSchema: () => office.registry.schemaVersion,
      changed: () => undefined,
      point: name => this.points.push(name),
      ...(pages ? { pages } : {}),
    })
  }

  round = async () => {
    this.calls = []
    this.points = []
    return await this.engine.round('due')
  }

  keep(content: 'all' | 'newest'): void {
    updateSyncState(this.library, this.tenantId, { content })
  }

  async newSkill(slug: string): Promise<string> {
    const { api } = this.app
    const { id } = await api.skills.create({ tenantId: this.tenantId, slug, description: `Does ${slug}.` })
    await api.versions.save({ skillId: id, message: 'First' })
    return id
  }

  async save(skillId: string, text: string, message = text): Promise<string> {
    const { api } = this.app
    const file = (await api.workingCopies.get({ skillId })).files.find(one => one.path === 'notes.md')
    const content = { kind: 'text', text: `${text}\n` } as const
    await api.workingCopies.write({ skillId, path: 'notes.md', content, expected: file?.sha256 ?? null })
    return (await api.versions.save({ skillId, message })).id
  }

  /** Of a skill that came without a version. */
  async saveFirst(skillId: string, message: string): Promise<string> {
    const content = { kind: 'text', text: '---\nname: short-lived\ndescription: Short.\n---\n' } as const
    await this.app.api.workingCopies.write({ skillId, path: 'SKILL.md', content, expected: null })
    return (await this.app.api.versions.save({ skillId, message })).id
  }

  /** [message, number] of a skill's versions, newest first. */
  async history(skillId: string): Promise<[string, number | null][]> {
    return (await this.app.api.versions.list({ skillId })).map(version => [version.message, version.number])
  }

  queue = (): { entity: string; operation: string; parked_code: string | null }[] =>
    this.library.all('SELECT entity, operation, parked_code FROM outbox ORDER BY seq')

  conflicts = (): string[] =>
    this.library.all<{ kind: string }>('SELECT kind FROM conflicts ORDER BY at, id').map(row => row.kind)

  log = (): string[] =>
    this.library.all<{ text: string }>('SELECT text FROM sync_log ORDER BY seq').map(row => row.text)

  #watched(remote: Remote): Remote {
    const before = <T>(call: string, args: readonly unknown[], ask: () => Promise<T>): Promise<T> => {
      this.calls.push(call)
      const said = this.fault(call, args)
      if (said === undefined) return ask()
      return Promise.resolve(said).then(later => (later === undefined ? ask() : shaped<T>(later)))
    }
    const { blobs } = remote
    return {
      ...remote,
      hello: () => before('hello', [], () => remote.hello()),
      pushSkills: rows => before('pushSkills', [rows], () => remote.pushSkills(rows)),
      pushVersions: rows => before('pushVersions', [rows], () => remote.pushVersions(rows)),
      pushRows: (table, rows) => before(`push ${table}`, [rows], () => remote.pushRows(table, rows)),
      publish: move => before('publish', [move], () => remote.publish(move)),
      approve: versionId => before('approve', [versionId], () => remote.approve(versionId)),
      reviewFeedback: review => before('review', [review], () => remote.reviewFeedback(review)),
      removeRows: (entity, ids) => before(`remove ${entity}`, [ids], () => remote.removeRows(entity, ids)),
      pull: (cursor, limit) => before('pull', [cursor], () => remote.pull(cursor, limit)),
      blobs: blobs && {
        ...blobs,
        put: (hash, bytes, options) => before('put', [hash], () => blobs.put(hash, bytes, options)),
        repair: (hash, bytes, options) => before('repair', [hash], () => blobs.repair(hash, bytes, options)),
        get: (hash, options) => before('get', [hash], () => blobs.get(hash, options)),
      },
    }
  }
}

/** What a test says that the other side answered. */
function shaped<T>(value: unknown): T
function shaped(value: unknown): unknown {
  return value
}

/** Two machines of two authors who have the same skill with one version. */
export async function twoWithOneSkill(): Promise<{
  office: Office
  ben: OneMachine
  cleo: OneMachine
  skillId: string
}> {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const cleo = office.machine(office.member('Cleo', 'admin'))
  const skillId = await ben.newSkill('pdf-forms')
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(await cleo.round()).toEqual({ kind: 'done' })
  return { office, ben, cleo, skillId }
}

export const versionOf = async (machine: OneMachine, skillId: string): Promise<string> =>
  (await machine.app.api.versions.list({ skillId }))[0]?.id ?? ''
