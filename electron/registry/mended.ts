import type { ClientBase } from 'pg'
import { sayRule } from '../../shared/domain/rows/columns.ts'
import { isSyncedName, rulesOf } from '../../shared/domain/rows/synced.ts'
import { oneLine } from '../../shared/domain/visible.ts'
import { parseJson } from './archive.ts'
import type { RowAside } from './restore-rows.ts'
import { inTransaction } from './transaction.ts'

/** A row that broke the rules of rows when a migration made them, or an archive was restored: whetstone.quarantined_rows. */
export type MendedRow = {
  /** The team's short name. */
  team: string
  /** The table. */
  entity: string
  id: string
  /** Which columns broke their rules. */
  columns: string[]
  /** JSON: the value of each before, as text. */
  original: string
  /** `corrected`: another value is in its place. `removed`: the row is gone. `kept`: others need the row as it is. */
  outcome: 'corrected' | 'removed' | 'kept'
}

/** All that are noted, the oldest first; none where there is no registry yet, or one whose migration was cut off before. */
export async function listMended(client: ClientBase): Promise<MendedRow[]> {
  const there = await client.query(
    `SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'whetstone' AND c.relname = 'quarantined_rows' AND has_table_privilege('whetstone_provisioner', c.oid, 'SELECT')`,
  )
  if (there.rowCount === 0) return []
  const { rows } = await inTransaction(
    client,
    () =>
      client.query<MendedRow>(
        `SELECT t.slug AS team, q.entity, q.id, q.columns, q.original, q.outcome FROM whetstone.quarantined_rows q
         JOIN whetstone.tenants t ON t.id = q.tenant_id ORDER BY q.at, t.slug, q.entity, q.id`,
      ),
    'whetstone_provisioner',
  )
  return rows
}

const OUTCOMES: Record<MendedRow['outcome'], string> = {
  corrected: 'Another value was put in its place.',
  removed: 'The row was removed.',
  kept: 'The row stays as it is, for others refer to it.',
}
/** Characters of a value that are quoted. */
const QUOTED = 60

/** One line for a person: which row, what was wrong with it, and what was done. */
export function sayMended({ team, entity, id, columns, original, outcome }: MendedRow): string {
  const values = parseJson(original)
  const why = columns.map(column => `${column} ${ruleOf(entity, column)}${wasOf(values, column)}`)
  return oneLine(`${team}: ${entity} ${id.slice(0, 64)}: ${why.join('; ')}. ${OUTCOMES[outcome]}`)
}

function ruleOf(entity: string, column: string): string {
  const rule = isSyncedName(entity) ? rulesOf(entity).find(([name]) => name === column)?.[1] : undefined
  return rule ? sayRule(rule) : 'breaks its rule'
}

function wasOf(values: unknown, column: string): string {
  if (typeof values !== 'object' || values === null) return ''
  const value = new Map<string, unknown>(Object.entries(values)).get(column)
  if (typeof value !== 'string') return ''
  const [...characters] = value.slice(0, 4 * QUOTED)
  return `, and was “${characters.slice(0, QUOTED).join('')}${characters.length > QUOTED ? '…' : ''}”`
}

/** The same of a row that did not go in. */
export const sayAside = ({ table, id, why }: RowAside): string =>
  oneLine(`Not restored: ${table} ${id}: ${why}. It stays in the export.`)

/** What came to the second list since the first. */
export function newlyMended(before: readonly MendedRow[], after: readonly MendedRow[]): MendedRow[] {
  const keyOf = (row: MendedRow) => JSON.stringify([row.team, row.entity, row.id, row.columns, row.original])
  const known = new Set(before.map(keyOf))
  return after.filter(row => !known.has(keyOf(row)))
}
