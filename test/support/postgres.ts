import { randomBytes } from 'node:crypto'
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
  const result = await startEmbeddedPostgres({ fast: true, settings: { shared_buffers: '32MB', ...settings } })
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
    },
  }
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
