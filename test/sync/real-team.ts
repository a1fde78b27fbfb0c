import pg from 'pg'
import { blobKey } from '../../electron/registry/blobs.ts'
import type { StorageSettings } from '../../electron/registry/invite.ts'
import { removeMember } from '../../electron/registry/members.ts'
import { pushVersions } from '../../electron/registry/postgres.ts'
import { openRemote, type RemoteOptions } from '../../electron/registry/remote.ts'
import type { Remote } from '../../electron/sync/remote.ts'
import { startTestRegistry, type TestDatabase, type TestMember, type TestRegistry } from '../registry/registry.ts'
import { bareBucket, type TestR2, testR2 } from '../support/r2.ts'
import type { MemberUnderTest, TeamUnderTest } from './team.ts'

/** A team on a real Postgres and R2's simulator, with hold of both. */
export type RealTeam = TeamUnderTest & {
  registry: TestRegistry
  db: TestDatabase
  storage: StorageSettings
  /** A member's remote whose connections go to that port of this computer instead, as a proxy's. */
  through(member: TestMember, port?: number, options?: RemoteOptions): Remote
}

export async function realTeam(): Promise<RealTeam> {
  const r2 = await testR2('alpha', 'beta')
  const registry = await startTestRegistry()
  const db = await registry.database()
  return { ...teamOn(registry, db, r2), registry, db }
}

function teamOn(registry: TestRegistry, db: TestDatabase, r2: TestR2) {
  const [alpha, beta] = r2.settings
  if (!alpha || !beta) throw new Error('There are no buckets.')
  const storage: StorageSettings = { kind: 'r2', ...alpha }
  const opened: Remote[] = []
  const bucket = bareBucket(alpha)
  const logins = new Map<string, TestMember>()
  const open = (member: TestMember, store: StorageSettings, port?: number, options?: RemoteOptions): Remote => {
    const url = new URL(db.urlOf(member))
    url.password = ''
    if (port !== undefined) url.port = String(port)
    const settings = { database: url.href, password: member.login.password, storage: store }
    const remote: Remote = openRemote(settings, options)
    opened.push(remote)
    return remote
  }
  const under = (member: TestMember, store: StorageSettings = storage): MemberUnderTest => {
    logins.set(member.userId, member)
    return { userId: member.userId, remote: open(member, store), again: () => open(member, store) }
  }
  const loginOf = (member: MemberUnderTest): TestMember => {
    const known = logins.get(member.userId)
    if (!known) throw new Error('That member is not of this team.')
    return known
  }
  /** Postgres copies no database that somebody is connected to. */
  const alone = async (work: (admin: pg.Client) => Promise<void>): Promise<void> => {
    const admin = new pg.Client({ connectionString: registry.postgres.server.url })
    await admin.connect()
    await admin.query(`ALTER DATABASE ${db.name} ALLOW_CONNECTIONS false`)
    await admin.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [db.name])
    await work(admin).finally(() => admin.end())
  }
  const allow = (name: string) =>
    `GRANT CONNECT ON DATABASE ${name} TO whetstone_reader; REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`
  const { a, b } = registry
  return {
    tenantId: a.id,
    storage,
    admin: under(a.admin),
    author: under(a.author),
    other: under(a.other),
    reader: under(a.reader),
    stranger: under(b.author, { kind: 'r2', ...beta }),
    through: (member: TestMember, port?: number, options?: RemoteOptions) => open(member, storage, port, options),
    requireApproval: async (needed: boolean) => {
      await (await db.as(a.admin)).query('SELECT whetstone.require_approval($1)', [needed])
    },
    backup: async () => {
      const kept = `${db.name}_kept`
      await alone(async admin => {
        await admin.query(`CREATE DATABASE ${kept} TEMPLATE ${db.name} STRATEGY wal_log`)
        await admin.query(`ALTER DATABASE ${db.name} ALLOW_CONNECTIONS true`)
      })
      return async () => {
        await alone(async admin => {
          await admin.query(`DROP DATABASE ${db.name}`)
          await admin.query(`CREATE DATABASE ${db.name} TEMPLATE ${kept} STRATEGY wal_log`)
          for (const one of allow(db.name).split(';')) await admin.query(one)
        })
        await (await db.owner()).query('UPDATE whetstone.tenant_heads SET epoch = gen_random_uuid()::text')
      }
    },
    plant: (hash: string, bytes: Uint8Array) => bucket.putKey(blobKey(hash), bytes),
    remove: async (member: MemberUnderTest) => {
      const tenantId = [a, b].find(one => [one.admin, one.author, one.other, one.reader].includes(loginOf(member)))?.id
      await removeMember(await db.owner(), tenantId ?? '', member.userId)
    },
    openPush: async (member: MemberUnderTest, rows: Parameters<typeof pushVersions>[1]) => {
      const client = await db.as(loginOf(member))
      await client.query('BEGIN')
      const answer = await pushVersions(client, rows)
      if (answer.kind !== 'answered') throw new Error(answer.message)
      return async () => void (await client.query('COMMIT'))
    },
    [Symbol.asyncDispose]: async () => {
      bucket.close()
      await Promise.all(opened.map(remote => remote.close()))
      await db.close()
      await registry.stop()
      await r2[Symbol.asyncDispose]()
    },
  }
}
