import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { v7 } from 'uuid'
import { urlFor } from '../../../electron/registry/connection.ts'
import { provisionDemo } from '../../../electron/registry/demo-provision.ts'
import { type DemoServers, startDemo } from '../../../electron/registry/demo-start.ts'
import { encodeInvite } from '../../../electron/registry/invite.ts'
import { addMember } from '../../../electron/registry/members.ts'
import { readMigrations } from '../../../electron/registry/migrate.ts'
import { listTenants } from '../../../electron/registry/provision.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const DAY_MS = 24 * 60 * 60 * 1000

type Role = 'reader' | 'author' | 'admin'

/** A real registry on this computer: Postgres and the R2 simulator. */
export type Registry = {
  /** For a new member, whose app reaches the database and the bucket by lines of its own. */
  invite(name: string, role?: Role): Promise<{ invite: string; line: Line; storage: Line }>
  /** Runs SQL as the owner. */
  sql(text: string, values?: unknown[]): Promise<void>
  stop(): Promise<void>
}

/** What lies between an app and the registry, and can be pulled out. */
export type Line = { port: number; cut(): Promise<void>; mend(): Promise<void> }

async function openLine(to: number): Promise<Line> {
  const open = new Set<Socket>()
  const server = createServer(near => {
    const far = connect(to, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  const listen = (port: number) =>
    new Promise<number>(resolve =>
      server.listen(port, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      }),
    )
  const port = await listen(0)
  return {
    port,
    cut: async () => {
      if (!server.listening) return
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
    },
    mend: async () => {
      await listen(port)
    },
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
  const lines: Line[] = []
  const client = new pg.Client({ connectionString: databaseUrl })
  client.on('error', () => {})
  await client.connect()
  return {
    invite: async (name, role = 'author') => {
      const line = await openLine(Number(new URL(databaseUrl).port))
      const bucket = new URL(storage.endpoint)
      const stored = await openLine(Number(bucket.port))
      bucket.port = String(stored.port)
      lines.push(line, stored)
      const [tenant] = await listTenants(client)
      if (!tenant) throw new Error('The demo registry has no team.')
      const now = Date.now()
      const expiresAt = now + DAY_MS
      const user = { id: v7(), name }
      const member = { userId: user.id, name, email: null, role, tenantId: tenant.id, now, expiresAt }
      const login = await addMember(client, member)
      const database = new URL(urlFor(databaseUrl, login))
      database.port = String(line.port)
      const where = { database: database.href, storage: { kind: 'r2' as const, ...storage, endpoint: bucket.href } }
      return { line, storage: stored, invite: encodeInvite({ tenant, user, role, ...where, expiresAt }) }
    },
    sql: async (text, values) => {
      await client.query(text, values)
    },
    stop: async () => {
      for (const line of lines) await line.cut()
      await client.end().catch(() => {})
      await started.demo.stop()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
