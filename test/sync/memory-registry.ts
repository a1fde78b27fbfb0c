import type { BlobStore } from '../../electron/registry/blobs.ts'
import { failureOf, isAboutARow, isWorthRepeating } from '../../electron/registry/failure.ts'
import { readMigrations } from '../../electron/registry/migrate.ts'
import { PAGE_ROWS } from '../../electron/registry/postgres.ts'
import type { Answer, Hello, ListenEvents, Refused, RegistryFailure, Remote } from '../../electron/sync/remote.ts'
import { type MemoryObjects, memoryBlobs } from '../support/memory-blobs.ts'
import { asSent, pull } from './memory-pull.ts'
import { pushRows, removeRows, reviewFeedback } from './memory-rows.ts'
import {
  emptyTables,
  type Kept,
  keep,
  type Member,
  RegistryError,
  type Row,
  type TableName,
  type Tenant,
  Transaction,
} from './memory-state.ts'
import { approve, publish, pushSkills, pushVersions } from './memory-writing.ts'
import { POSTGRES_MIGRATIONS } from './places.ts'

export type MemoryOptions = {
  /** The server's clock, in milliseconds. */
  now: () => number
  /** Ids, marks, epochs: one different from all before at each call. */
  newId: () => string
  schemaVersion?: number
}
export type NewMember = { userId: string; name: string; email?: string | null; role: Member['role'] }
/** A backup of one team's rows; its content is kept apart, as buckets are. */
export type Snapshot = Kept

/**
 * The executable reference model of a registry: what migrations/postgres do, without a server. A member's `Remote` on it is
 * held to the same conformance suite as the one on Postgres; simulations trust it to be the other side.
 */
export class MemoryRegistry {
  readonly #options: MemoryOptions
  readonly #tenants = new Map<string, Tenant>()
  readonly #members = new Map<string, Member>()
  readonly #objects = new Map<string, MemoryObjects>()
  readonly #listeners = new Set<{ login: string; events: ListenEvents }>()
  schemaVersion: number

  constructor(options: MemoryOptions) {
    this.#options = options
    this.schemaVersion = options.schemaVersion ?? newestMigration()
  }

  createTenant({ id, name, slug }: { id: string; name: string; slug: string }): void {
    const tenant: Tenant = {
      id,
      epoch: this.#options.newId(),
      channel: `wh_${this.#options.newId()}`,
      n: 0,
      rowsStored: 0,
      bytesStored: 0,
      rowsAllowed: 20_000_000,
      bytesAllowed: 50 * 2 ** 30,
      needsApproval: false,
      tables: emptyTables(),
      versions: new Map(),
      log: [],
      tombstones: new Map(),
      approvals: new Map(),
      published: [],
    }
    this.#tenants.set(id, tenant)
    this.#objects.set(id, new Map())
    const tx = this.#provisioning(id)
    const seq = tx.log('tenants', 'put', [id], 1, 0)
    tx.put('tenants', id, { id, name, slug, created_at: tx.now }, seq)
  }

  /** A login for a new user, or a new one for a user who is here. Answers its name. */
  addMember(tenantId: string, member: NewMember): string {
    const { userId, name, email = null, role } = member
    const tx = this.#provisioning(tenantId)
    const seq = tx.log('users', 'put', [userId], 1, 0)
    const known = tx.find('users', userId)
    const fresh = { id: userId, tenant_id: tenantId, name, email, role, created_at: tx.now }
    tx.put('users', userId, known ? { ...known, role } : fresh, seq)
    const login = `whm_${this.#options.newId()}`
    this.#members.set(login, { tenantId, userId, role })
    this.#changed(tenantId)
    return login
  }

  setRole(tenantId: string, userId: string, role: Member['role']): void {
    for (const member of this.#members.values())
      if (member.tenantId === tenantId && member.userId === userId) member.role = role
    const tx = this.#provisioning(tenantId)
    const seq = tx.log('users', 'put', [userId], 0, 0)
    tx.put('users', userId, { ...tx.find('users', userId), role }, seq)
    this.#changed(tenantId)
  }

  /** The login is worth nothing from now on; the user, and what they made, stay. */
  removeMember(tenantId: string, userId: string): void {
    for (const [login, member] of this.#members) {
      if (member.tenantId !== tenantId || member.userId !== userId) continue
      this.#members.delete(login)
      for (const listener of this.#listeners)
        if (listener.login === login) listener.events.denied?.('password authentication failed')
    }
  }

  setQuota(tenantId: string, quota: { rows?: number; bytes?: number }): void {
    const tenant = this.tenant(tenantId)
    tenant.rowsAllowed = quota.rows ?? tenant.rowsAllowed
    tenant.bytesAllowed = quota.bytes ?? tenant.bytesAllowed
  }

  requireApproval(tenantId: string, needed: boolean): void {
    this.tenant(tenantId).needsApproval = needed
  }

  snapshot(tenantId: string): Snapshot {
    return keep(this.tenant(tenantId))
  }

  /** Puts an older state back: as `registry restore` does, with a new epoch, or as somebody would who hides it. */
  restore(tenantId: string, snapshot: Snapshot, epoch: 'new' | 'same'): void {
    const tenant = this.tenant(tenantId)
    Object.assign(tenant, keep(snapshot))
    if (epoch === 'new') tenant.epoch = this.#options.newId()
    this.#changed(tenantId)
  }

  tenant(id: string): Tenant {
    const tenant = this.#tenants.get(id)
    if (!tenant) throw new Error(`the model has no tenant ${id}`)
    return tenant
  }

  /** By id, as a client is sent them. */
  rowsOf(tenantId: string, table: TableName): Map<string, Row> {
    const tenant = this.tenant(tenantId)
    return new Map([...tenant.tables[table]].map(([id, { row }]) => [id, asSent(tenant, table, row)]))
  }

  /** What the team's store holds: a fault may put anything there. */
  objectsOf(tenantId: string): MemoryObjects {
    const objects = this.#objects.get(tenantId)
    if (!objects) throw new Error(`the model has no tenant ${tenantId}`)
    return objects
  }

  hello(login: string): { kind: 'hello'; hello: Hello | undefined } | RegistryFailure {
    const member = this.#members.get(login)
    if (!member) return NOT_KNOWN
    const tenant = this.tenant(member.tenantId)
    const row = tenant.tables.tenants.get(tenant.id)?.row
    const user = tenant.tables.users.get(member.userId)?.row
    if (!row || !user) return { kind: 'hello', hello: undefined }
    return {
      kind: 'hello',
      hello: {
        tenant_id: tenant.id,
        tenant_name: String(row.name),
        tenant_slug: String(row.slug),
        user_id: member.userId,
        user_name: String(user.name),
        role: member.role,
        epoch: tenant.epoch,
        n: tenant.n,
        channel: tenant.channel,
        publish_needs_approval: tenant.needsApproval ? 1 : 0,
        schema_version: this.schemaVersion,
      },
    }
  }

  /** A member's side of it. Every call happens at once and answers in the next turn; worlds put a network in between. */
  remoteFor(login: string, blobs?: BlobStore): Remote {
    const tenantId = this.#members.get(login)?.tenantId
    const store =
      blobs ?? (tenantId === undefined ? undefined : memoryBlobs(this.objectsOf(tenantId), this.#options.now))
    const listeners = new Set<{ login: string; events: ListenEvents }>()
    return {
      hello: async () => this.hello(login),
      pushSkills: async rows => this.#inPages(login, rows, pushSkills),
      pushVersions: async rows => this.#inPages(login, rows, pushVersions),
      pushRows: async (table, rows) => this.#inPages(login, rows, (tx, page) => pushRows(tx, table, page)),
      publish: async move => this.#statement(login, tx => publish(tx, move)),
      approve: async versionId => this.#statement(login, tx => approve(tx, versionId)),
      reviewFeedback: async review => this.#statement(login, tx => reviewFeedback(tx, review)),
      removeRows: async (entity, ids) => {
        const rows = ids.map(id => ({ id }))
        return this.#inPages(login, rows, (tx, page) =>
          removeRows(
            tx,
            entity,
            page.map(row => row.id),
          ),
        )
      },
      pull: async (cursor, limit) => this.#statement(login, tx => pull(tx.tenant, cursor, limit)),
      listen: events => {
        const listener = { login, events }
        if (!this.#members.has(login)) queueMicrotask(() => events.denied?.(NOT_KNOWN.message))
        else {
          this.#listeners.add(listener)
          listeners.add(listener)
          queueMicrotask(() => {
            if (!this.#listeners.has(listener)) return
            events.connected?.()
            events.changed()
          })
        }
        return async () => void this.#listeners.delete(listener)
      },
      blobs: store,
      close: async () => {
        for (const listener of listeners) this.#listeners.delete(listener)
      },
    }
  }

  #provisioning(tenantId: string): Transaction {
    const { now, newId } = this.#options
    return new Transaction(this.tenant(tenantId), { tenantId, userId: '', role: 'admin' }, now(), newId)
  }

  #changed(tenantId: string): void {
    for (const { login, events } of [...this.#listeners])
      if (this.#members.get(login)?.tenantId === tenantId) events.changed()
  }

  /** One transaction: whole or not at all, and heard of once it is there. */
  #run<T>(login: string, work: (tx: Transaction) => T): T {
    const me = this.#members.get(login)
    if (!me) throw new RegistryError(NOT_KNOWN.code, NOT_KNOWN.message)
    const { now, newId } = this.#options
    const tx = new Transaction(this.tenant(me.tenantId), me, now(), newId)
    try {
      const result = work(tx)
      if (tx.changed) this.#changed(me.tenantId)
      return result
    } catch (error) {
      tx.rollback()
      throw error
    }
  }

  #statement<T>(login: string, work: (tx: Transaction) => T): T | RegistryFailure {
    try {
      return this.#run(login, work)
    } catch (error) {
      return failureOf(error)
    }
  }

  /** As registry/postgres.ts sends them: a page that one row spoils is cut in two until that row stands alone. */
  #inPages<In extends { id: string }, Out>(
    login: string,
    rows: readonly In[],
    work: (tx: Transaction, page: readonly In[]) => Out[],
  ): Answer<Out | Refused> {
    const send = (page: readonly In[]): (Out | Refused)[] => {
      try {
        return this.#run(login, tx => work(tx, page))
      } catch (error) {
        const [first] = page
        if (!(error instanceof RegistryError) || !first || !(isAboutARow(error) || isWorthRepeating(error))) throw error
        if (page.length === 1) return [{ id: first.id, state: 'refused', code: error.code, reason: error.message }]
        const half = page.length >> 1
        return [...send(page.slice(0, half)), ...send(page.slice(half))]
      }
    }
    try {
      const done: (Out | Refused)[] = []
      for (let at = 0; at < rows.length; at += PAGE_ROWS) done.push(...send(rows.slice(at, at + PAGE_ROWS)))
      return { kind: 'answered', rows: done }
    } catch (error) {
      return failureOf(error)
    }
  }
}

const NOT_KNOWN = { kind: 'denied', code: '28P01', message: 'password authentication failed' } as const

let newest: number | undefined
const newestMigration = (): number => {
  newest ??= Math.max(...readMigrations(POSTGRES_MIGRATIONS).map(({ id }) => id))
  return newest
}
