import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import pg from 'pg'
import { v7 } from 'uuid'
import { blobKey } from '../../../electron/registry/blobs.ts'
import { urlFor } from '../../../electron/registry/connection.ts'
import { provisionDemo } from '../../../electron/registry/demo-provision.ts'
import { type DemoServers, startDemo } from '../../../electron/registry/demo-start.ts'
import { encodeInvite } from '../../../electron/registry/invite.ts'
import { addMember } from '../../../electron/registry/members.ts'
import { readMigrations } from '../../../electron/registry/migrate.ts'
import { listTenants } from '../../../electron/registry/provision.ts'
import { openRemote } from '../../../electron/registry/remote.ts'
import type { Remote } from '../../../electron/sync/remote.ts'
import { certify } from '../../support/certify.ts'
import { bareBucket } from '../../support/r2.ts'
import { tcpProxy } from '../../support/tcp-proxy.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const DAY_MS = 24 * 60 * 60 * 1000

type Role = 'reader' | 'author' | 'admin'

/** A real registry on this computer: Postgres and the R2 simulator. */
export type Registry = {
  /** The team's id. */
  readonly tenantId: string
  /** For a new member, or another computer of one that is, whose app reaches database and bucket by lines of its own. */
  invite(name: string, role?: Role, userId?: string): Promise<Invited>
  /** The registry as another program of a new member sees it, or of one that is. */
  program(name: string, role?: Role, userId?: string): Promise<Remote & { userId: string }>
  /** Runs SQL as the owner. */
  sql(text: string, values?: unknown[]): Promise<void>
  /** Puts other bytes under a content's name, past every rule. */
  spoil(sha256: string, bytes: string): Promise<void>
  /** The certificate that the database shows from now on to whoever asks for TLS. */
  certify(key: string, certificate: string): Promise<void>
  /** All that the team has there, but its logins; called, it is put back, and nobody is told. */
  backup(): Promise<() => Promise<void>>
  stop(): Promise<void>
}

export type Invited = { invite: string; userId: string; line: Line; storage: Line }

/** What lies between an app and the registry, and can be pulled out. */
export type Line = {
  port: number
  cut(): Promise<void>
  mend(): Promise<void>
  /** Nothing gets through, and nobody is told. */
  hold(on: boolean): void
  close(): Promise<void>
}

async function openLine(to: number): Promise<Line> {
  const proxy = await tcpProxy(to)
  return {
    port: proxy.port,
    cut: async () => {
      proxy.refuse(true)
      proxy.cutAll()
    },
    mend: async () => proxy.refuse(false),
    hold: on => proxy.blackHole(on),
    close: () => proxy[Symbol.asyncDispose](),
  }
}

/** Or why there can be none here. */
export async function startRegistry(): Promise<Registry | { missing: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'whetstone-e2e-registry-'))
  const provision = provisionDemo({
    migrations: readMigrations(join(ROOT, 'migrations', 'postgres')),
    clock: Date.now,
    newId: v7,
  })
  let servers: DemoServers | undefined
  const started = await startDemo({
    dataDir,
    fast: true,
    provision: (given, earlier) => {
      servers = given
      return provision(given, earlier)
    },
  })
  if (started.kind !== 'started' || !servers) {
    await rm(dataDir, { recursive: true, force: true })
    return { missing: started.kind === 'started' ? 'no registry' : started.message }
  }
  const { databaseUrl, storage } = servers
  const opened: { close(): unknown }[] = []
  const client = new pg.Client({ connectionString: databaseUrl })
  client.on('error', () => {})
  await client.connect()
  const [tenant] = await listTenants(client)
  if (!tenant) throw new Error('The demo registry has no team.')
  const expiresAt = Date.now() + DAY_MS
  const login = async (name: string, role: Role, userId: string) => {
    const member = { userId, name, email: null, role, tenantId: tenant.id, now: Date.now(), expiresAt }
    return urlFor(databaseUrl, await addMember(client, member))
  }
  const lineTo = async (url: URL): Promise<Line> => {
    const line = await openLine(Number(url.port))
    opened.push(line)
    url.port = String(line.port)
    return line
  }
  return {
    tenantId: tenant.id,
    invite: async (name, role = 'author', userId = v7()) => {
      const database = new URL(await login(name, role, userId))
      const bucket = new URL(storage.endpoint)
      const [line, stored] = [await lineTo(database), await lineTo(bucket)]
      const where = { database: database.href, storage: { kind: 'r2' as const, ...storage, endpoint: bucket.href } }
      const invite = encodeInvite({ tenant, user: { id: userId, name }, role, ...where, expiresAt })
      return { line, storage: stored, userId, invite }
    },
    program: async (name, role = 'author', userId = v7()) => {
      const database = new URL(await login(name, role, userId))
      const password = decodeURIComponent(database.password)
      const remote = openRemote({ database: database.href, password, storage: { kind: 'r2', ...storage } })
      opened.push(remote)
      return { ...remote, userId }
    },
    sql: async (text, values) => {
      await client.query(text, values)
    },
    spoil: async (sha256, bytes) => {
      const bucket = bareBucket(storage)
      await bucket.putKey(blobKey(sha256), Buffer.from(bytes))
      bucket.close()
    },
    certify: async (key, certificate) => {
      await certify(databaseUrl, join(dataDir, 'postgres', 'pgdata'), key, certificate)
      await expect(async () => {
        const asked = new pg.Client({ connectionString: databaseUrl, ssl: { ca: certificate } })
        await asked.connect()
        await asked.end()
      }).toPass()
    },
    backup: () => backup(client),
    stop: async () => {
      for (const one of opened) await one.close()
      await client.end().catch(() => {})
      await started.demo.stop()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** A copy of every table but those of logins and migrations, and its way back: a restore by hand, triggers asleep. */
async function backup(client: pg.Client): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'whetstone' AND tablename NOT IN ('members', 'migrations')",
  )
  const tables = rows.map(row => pg.escapeIdentifier(row.name))
  await client.query(
    `DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept; ${tables.map(name => `CREATE TABLE kept.${name} AS TABLE whetstone.${name}`).join('; ')}`,
  )
  return async () => {
    const back = tables.map(
      name => `DELETE FROM whetstone.${name}; INSERT INTO whetstone.${name} SELECT * FROM kept.${name}`,
    )
    await client.query(`BEGIN; SET LOCAL session_replication_role = replica; ${back.join('; ')}; COMMIT`)
  }
}
