import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../electron/registry/embedded-postgres.ts'
import { findPostgres } from '../../electron/registry/postgres-binaries.ts'

const found = findPostgres()
/** Why a suite that needs a real Postgres is skipped here; undefined where it runs. Belongs into the suite's name. */
export const noPostgres: string | undefined = found.kind === 'missing' ? found.reason : undefined

/** One server for a test file; `stop` in afterAll. */
export type TestPostgres = {
  server: EmbeddedPostgres
  /** A database of its own, copied from `template` (in some 30 ms); its superuser's connection string. */
  createDatabase(template?: string): Promise<{ name: string; url: string }>
  stop(): Promise<void>
}

export async function startTestPostgres(settings: Record<string, string> = {}): Promise<TestPostgres> {
  const folder = copyOfCluster(await madeCluster())
  const result = await startEmbeddedPostgres({ fast: true, folder, settings: { shared_buffers: '32MB', ...settings } })
  if (result.kind !== 'started') throw new Error(result.reason)
  const { server } = result
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  return {
    server,
    createDatabase: async (template = 'template1') => {
      const name = `test_${randomBytes(6).toString('hex')}`
      // FILE_COPY would checkpoint; the log is cheaper for databases this small.
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${pg.escapeIdentifier(template)} STRATEGY wal_log`)
      return { name, url: server.urlOf(name) }
    },
    stop: async () => {
      await admin.end()
      await server.stop()
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * A new cluster that was made once and stopped, to be copied: making one takes most of the second that a server takes to
 * start. Whoever comes first makes it; of two at once one's is kept. Its name says which Postgres made it.
 */
async function madeCluster(): Promise<string> {
  if (found.kind === 'missing') throw new Error(found.reason)
  const of = createHash('sha256')
    .update(`${found.folder} ${fs.statSync(found.initdb).mtimeMs}`)
    .digest('hex')
    .slice(0, 16)
  const made = path.join(os.tmpdir(), `whetstone-test-cluster-${os.userInfo().uid}-${of}`)
  if (isMine(made)) return made
  const making = fs.mkdtempSync(path.join(os.tmpdir(), 'whetstone-test-cluster-making-'))
  const first = await startEmbeddedPostgres({ fast: true, folder: making })
  if (first.kind !== 'started') throw new Error(first.reason)
  await first.server.stop()
  try {
    fs.renameSync(making, made)
  } catch {
    // Another process was faster.
    fs.rmSync(making, { recursive: true, force: true })
  }
  return made
}

/** Nobody else may have put it there: it is in a folder that every user of the computer can write to. */
function isMine(folder: string): boolean {
  const stat = fs.lstatSync(folder, { throwIfNoEntry: false })
  return stat?.isDirectory() === true && (process.getuid === undefined || stat.uid === process.getuid())
}

function copyOfCluster(made: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'whetstone-pg-'))
  // As root the cluster is another user's, which cpSync does not keep.
  if (process.platform === 'win32') fs.cpSync(made, folder, { recursive: true })
  else execFileSync('cp', ['-pR', `${made}/.`, folder])
  return folder
}

/** Connects, does the work, disconnects; also when the work fails. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
