import { chown, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'

/**
 * From here on the server whose cluster lies in `pgdata` shows this certificate to whoever asks for TLS. Its key must be the
 * server's own, who may be another user of this computer than the tests. New connections see it once the server has read it.
 */
export async function certify(url: string, pgdata: string, key: string, certificate: string): Promise<void> {
  const { uid, gid } = await stat(pgdata)
  for (const [name, text] of [
    ['server.key', key],
    ['server.crt', certificate],
  ] as const) {
    await writeFile(join(pgdata, name), text, { mode: 0o600 })
    await chown(join(pgdata, name), uid, gid)
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('ALTER SYSTEM SET ssl = on')
  await client.query('SELECT pg_reload_conf()')
  await client.end()
}
