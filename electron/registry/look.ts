import fs from 'node:fs'
import path from 'node:path'
import type { ClientBase } from 'pg'
import type { Finding } from './doctor.ts'
import { examineStorage } from './doctor-storage.ts'
import { codeOf } from './folder-failures.ts'
import type { StorageSettings } from './invite.ts'
import { listApplied, type Migration, whyUnsuited } from './migrate.ts'
import { listTenants, type TenantSummary } from './provision.ts'

/** What a database holds, before anything is changed in it. */
export type Look = {
  /** '16.4'. */
  server: string
  holds: 'empty' | 'others' | 'registry' | 'older' | 'newer' | 'rewritten'
  /** Tables of another program, at most ten. */
  others: string[]
  teams: TenantSummary[]
  unsuited: string | null
}

export async function lookAtDatabase(client: ClientBase, known: readonly Migration[]): Promise<Look> {
  const server = (await client.query<{ server_version: string }>('SHOW server_version')).rows[0]?.server_version ?? ''
  const unsuited = (await whyUnsuited(client)) ?? null
  const others = (await client.query<{ name: string }>(OTHERS_SQL)).rows.map(row => row.name)
  const holds = await whatItHolds(client, known, others)
  const teams = holds === 'registry' || holds === 'older' ? await listTenants(client) : []
  return { server: server.split(' ')[0] ?? server, holds, others, teams, unsuited }
}

const OTHERS_SQL = `
  SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname NOT IN ('whetstone', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
  ORDER BY 1 LIMIT 10`

async function whatItHolds(
  client: ClientBase,
  known: readonly Migration[],
  others: readonly string[],
): Promise<Look['holds']> {
  const applied = await listApplied(client)
  if (applied.size === 0) return others.length > 0 ? 'others' : 'empty'
  const byId = new Map(known.map(migration => [migration.id, migration]))
  if ([...applied.keys()].some(id => !byId.has(id))) return 'newer'
  if (known.some(({ id, hash }) => applied.has(id) && applied.get(id) !== hash)) return 'rewritten'
  return known.every(({ id }) => applied.has(id)) ? 'registry' : 'older'
}

/** Whether storage can be used. A folder is only looked at; a bucket keeps one small blob of the try. */
export async function lookAtStorage(storage: StorageSettings | null): Promise<Finding[]> {
  if (storage === null) return []
  if (storage.kind === 'r2') return await examineStorage(storage)
  const found = whyNoFolder(storage.path)
  return [
    {
      id: 'storage',
      title: 'The folder is there and can be written',
      state: found === undefined ? 'pass' : 'fail',
      found: found === undefined ? [] : [found],
      mend: 'Make the folder, connect the share, or let this user write there.',
    },
  ]
}

function whyNoFolder(folder: string): string | undefined {
  if (!path.isAbsolute(folder))
    return `${folder} is no whole path: it must begin at the root, so that it means the same to all`
  try {
    if (!fs.statSync(folder).isDirectory()) return `${folder} is no folder`
    fs.accessSync(folder, fs.constants.W_OK)
    return undefined
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return `${folder} is not there`
    return `${folder} cannot be written (${code ?? 'unknown'})`
  }
}
