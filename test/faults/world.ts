import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { v7 } from 'uuid'
import type { BlobStore } from '../../electron/registry/blobs.ts'
import { urlFor } from '../../electron/registry/connection.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../electron/registry/embedded-postgres.ts'
import { secureDatabase } from '../../electron/registry/harden.ts'
import { encodeInvite } from '../../electron/registry/invite.ts'
import { addMember, rotateMember } from '../../electron/registry/members.ts'
import { type Migration, readMigrations } from '../../electron/registry/migrate.ts'
import { createTenant, initRegistry } from '../../electron/registry/provision.ts'
import type { R2Settings } from '../../electron/registry/r2-client.ts'
import { type R2Simulator, type SimulatedBucket, startR2Simulator } from '../../electron/registry/r2-simulator.ts'
import { projectDir } from '../support/backend.ts'
import { newBucket, r2Store } from '../support/r2.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { SOURCE } from './app.ts'
import { type StoreFront, storeFront } from './store-front.ts'

/**
 * A team's servers as real processes that can be killed and started again at their addresses: Postgres behind a TCP proxy,
 * R2's simulator behind an HTTP front. Apps reach them by those two alone.
 */
export type Member = { userId: string; name: string; invite: string }
export type World = {
  folder: string
  /** What apps are started from. */
  program: string
  tenantId: string
  /** Before Postgres. */
  wire: TcpProxy
  /** Before the store. */
  front: StoreFront
  kills: { postgres: number; store: number }
  invite(name: string, role?: 'reader' | 'author' | 'admin'): Promise<Member>
  /** A new invite for a member whose old one is used up. */
  inviteAgain(member: Member): Promise<Member>
  /** Past every proxy and rule: what is really there. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
  /** The superuser's connection, made again where it was lost. */
  owner(): Promise<pg.Client>
  /** Throws the registry's database away and makes it anew, empty. */
  emptyDatabase(): Promise<void>
  /** Connection string of a login, past the proxy. */
  urlOf(login: { user: string; password: string }): string
  store: BlobStore
  bucket: R2Settings
  /** Keeps the database's files as they are; `putBack` makes them what they were, as after a disk's snapshot. */
  keepPostgres(): Promise<{ putBack(): Promise<void> }>
  killPostgres(): Promise<void>
  startPostgres(): Promise<void>
  killStore(): Promise<void>
  startStore(): Promise<void>
  bucketFolder: string
  stop(): Promise<void>
}

export const registryMigrations: Migration[] = readMigrations(path.join(projectDir, 'migrations', 'postgres'))

const DATABASE = 'team'

/** As durable as a real one against a kill; fsync alone is left out, for the computer itself stays on. */
const SETTINGS = { fsync: 'off', synchronous_commit: 'on', full_page_writes: 'on', shared_buffers: '32MB' }

export async function startWorld(program = SOURCE): Promise<World> {
  const folder = temporaryFolder()
  const pgFolder = path.join(folder, 'postgres')
  const bucketFolder = path.join(folder, 'r2')
  const bucket = newBucket('team-registry')
  const tenantId = v7()
  let postgres = await launchPostgres(pgFolder)
  let simulator = await launchStore(bucketFolder, bucket)
  const wire = await tcpProxy(() => postgres.port)
  const front = await storeFront(() => simulator.port)
  let admin: pg.Client | undefined
  const owner = async (): Promise<pg.Client> => {
    if (admin) return admin
    const client = new pg.Client({ connectionString: postgres.urlOf(DATABASE) })
    client.on('error', () => {
      if (admin === client) admin = undefined
    })
    await client.connect()
    admin = client
    return client
  }
  await onServer(postgres, `CREATE DATABASE ${DATABASE}`)
  const first = await owner()
  const made = await initRegistry(first, registryMigrations, {
    id: tenantId,
    name: 'Team',
    slug: 'team',
    now: Date.now(),
  })
  if (made.kind !== 'ready') throw new Error(JSON.stringify(made))
  await secureDatabase(first)
  const direct = r2Store(simulator.settingsOf(bucket))
  const kills = { postgres: 0, store: 0 }

  const encode = (
    login: { user: string; password: string },
    userId: string,
    name: string,
    role: 'reader' | 'author' | 'admin',
  ) => {
    const url = new URL(urlFor(postgres.urlOf(DATABASE), login))
    url.port = String(wire.port)
    const settings = simulator.settingsOf(bucket)
    const endpoint = new URL(settings.endpoint)
    endpoint.port = String(front.port)
    const expiresAt = Date.now() + 3_600_000
    return encodeInvite({
      tenant: { id: tenantId, name: 'Team' },
      user: { id: userId, name },
      role,
      database: url.href,
      storage: { kind: 'r2', ...settings, endpoint: endpoint.href },
      expiresAt,
    })
  }

  const startPostgres = async () => {
    const { port } = postgres
    await postgres.stop()
    postgres = await launchPostgres(pgFolder, port)
  }
  const stopPostgres = async () => {
    await admin?.end().catch(() => undefined)
    admin = undefined
    await postgres.stop()
  }

  return {
    folder,
    program,
    tenantId,
    wire,
    front,
    kills,
    bucketFolder,
    invite: async (name, role = 'author') => {
      const userId = v7()
      const now = Date.now()
      const email = `${name}@team.example`
      const login = await addMember(await owner(), {
        tenantId,
        userId,
        name,
        email,
        role,
        now,
        expiresAt: now + 3_600_000,
      })
      return { userId, name, invite: encode(login, userId, name, role) }
    },
    inviteAgain: async member => {
      const login = await rotateMember(await owner(), tenantId, member.userId, Date.now() + 3_600_000)
      if (!login) throw new Error('that member is gone')
      return { ...member, invite: encode(login, member.userId, member.name, 'author') }
    },
    sql: async (text, values = []) => (await (await owner()).query(text, values)).rows,
    owner,
    emptyDatabase: async () => {
      await admin?.end()
      admin = undefined
      await onServer(postgres, `DROP DATABASE ${DATABASE} WITH (FORCE)`, `CREATE DATABASE ${DATABASE}`)
    },
    urlOf: login => urlFor(postgres.urlOf(DATABASE), login),
    store: direct,
    bucket: simulator.settingsOf(bucket),
    killPostgres: async () => {
      admin = undefined
      process.kill(postgres.pid, 'SIGKILL')
      await untilGone(postgres.pid)
      kills.postgres++
    },
    startPostgres,
    keepPostgres: async () => {
      const kept = fs.mkdtempSync(path.join(folder, 'kept-'))
      await stopPostgres()
      copyFolder(pgFolder, kept)
      await startPostgres()
      return {
        putBack: async () => {
          await stopPostgres()
          fs.rmSync(pgFolder, { recursive: true })
          copyFolder(kept, pgFolder)
          await startPostgres()
        },
      }
    },
    killStore: async () => {
      const pids = simulator.pids()
      for (const pid of pids) process.kill(pid, 'SIGKILL')
      for (const pid of pids) await untilGone(pid)
      kills.store++
    },
    startStore: async () => {
      const { port } = simulator
      await simulator.stop().catch(() => undefined)
      simulator = await launchStore(bucketFolder, bucket, port)
    },
    stop: async () => {
      direct.close()
      await admin?.end().catch(() => undefined)
      await wire[Symbol.asyncDispose]()
      await front[Symbol.asyncDispose]()
      await postgres.stop()
      await simulator.stop().catch(() => undefined)
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Owners and all: Postgres takes no files but its own user's. */
function copyFolder(from: string, to: string): void {
  fs.mkdirSync(to, { recursive: true })
  const copied = spawnSync('cp', ['-a', `${from}/.`, to], { encoding: 'utf8' })
  if (copied.status !== 0) throw new Error(copied.stderr)
}

async function onServer(postgres: EmbeddedPostgres, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  for (const sql of statements) await client.query(sql)
  await client.end()
}

async function launchPostgres(folder: string, port?: number): Promise<EmbeddedPostgres> {
  const started = await startEmbeddedPostgres({ folder, fast: true, settings: SETTINGS, ...(port ? { port } : {}) })
  if (started.kind !== 'started') throw new Error(started.reason)
  return started.server
}

async function launchStore(folder: string, bucket: SimulatedBucket, port?: number): Promise<R2Simulator> {
  const started = await startR2Simulator({ folder, buckets: [bucket], ...(port ? { port } : {}) })
  if (started.kind !== 'started') throw new Error(started.reason)
  return started.simulator
}

/** A killed process is gone once the kernel says so, which we are asked about as seldom as can be. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    const state = stateOf(pid)
    if (state === undefined || state === 'Z') return
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

function stateOf(pid: number): string | undefined {
  try {
    return /\) (\S)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

/** Another tenant in the same registry, with one author; their login, past the proxy. */
export async function makeOtherTenant(world: World): Promise<{ tenantId: string; url: string }> {
  const client = await world.owner()
  const [tenantId, now] = [v7(), Date.now()]
  await createTenant(client, { id: tenantId, name: 'Others', slug: `others-${tenantId.slice(-6)}`, now })
  const who = { userId: v7(), name: 'Mallory', email: 'm@others.example', role: 'author' as const }
  const login = await addMember(client, { tenantId, ...who, now, expiresAt: now + 3_600_000 })
  await client.query('UPDATE whetstone.members SET accepted_at = $2 WHERE tenant_id = $1', [tenantId, now])
  return { tenantId, url: world.urlOf(login) }
}
