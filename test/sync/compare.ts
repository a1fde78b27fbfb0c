import type { Library } from '../../electron/library/library.ts'
import { asSent } from './memory-pull.ts'
import { type Row, SHAPES, TABLE_NAMES, type TableName, type Tenant } from './memory-state.ts'

/** Everything one library has of one team, by table and id. */
export function rowsHere(library: Library, tenantId: string, table: TableName): Map<string, Row> {
  const columns = SHAPES[table].columns.map(column => column.name).join(', ')
  const key = table === 'tenants' ? 'id' : 'tenant_id'
  const rows = library.all<Record<string, string | number | null>>(
    `SELECT ${columns} FROM ${table} WHERE ${key} = ?`,
    tenantId,
  )
  return new Map(rows.map(row => [String(row.id), row]))
}

export type Difference = {
  table: TableName
  id: string
  what: string
  row: Row
  column?: string
  missing?: 'here' | 'there'
}

/**
 * Where a library and the registry differ, column by column. `excused` are rows that may: what was refused and waits for a
 * person, and whatever hangs on it.
 */
export function differences(
  library: Library,
  tenant: Tenant,
  excused: (table: TableName, id: string, row: Row) => boolean,
): Difference[] {
  const found: Difference[] = []
  for (const table of TABLE_NAMES) {
    const here = rowsHere(library, tenant.id, table)
    const there = new Map([...tenant.tables[table]].map(([id, { row }]) => [id, asSent(tenant, table, row)]))
    for (const [id, row] of there) {
      const mine = here.get(id)
      if (excused(table, id, row)) continue
      if (!mine) found.push({ table, id, what: 'is not here', row, missing: 'here' })
      else
        for (const { name } of compared(table))
          if (mine[name] !== row[name])
            found.push({
              table,
              id,
              row,
              column: name,
              what: `${name} is ${JSON.stringify(mine[name])} here, ${JSON.stringify(row[name])} there`,
            })
    }
    for (const [id, row] of here)
      if (!there.has(id) && !excused(table, id, row))
        found.push({ table, id, what: 'is not there', row, missing: 'there' })
  }
  return found
}

/** The aggregates of every skill here that are not what its rows come to. */
export function miscounted(library: Library, tenantId: string): { id: string; what: string }[] {
  const rows = library.all<{ id: string; shown: string; counted: string }>(
    `SELECT s.id,
       json_array(s.total_uses, s.total_ratings, s.average_rating, s.hours_saved, s.total_feedback, s.positive_feedback_pct,
         s.avg_token_cost_microcents) AS shown,
       json_array((SELECT count(*) FROM usage_events WHERE skill_id = s.id),
         (SELECT count(*) FROM ratings WHERE skill_id = s.id),
         (SELECT CAST(round(100.0 * sum(rating) / count(*)) AS INTEGER) FROM ratings WHERE skill_id = s.id),
         (SELECT sum(hours_saved_estimate) FROM ratings WHERE skill_id = s.id),
         (SELECT count(*) FROM skill_feedback WHERE skill_id = s.id),
         (SELECT CAST(round(100.0 * sum(feedback_type = 'thumbs_up') / count(*)) AS INTEGER) FROM skill_feedback
           WHERE skill_id = s.id AND feedback_type IN ('thumbs_up', 'thumbs_down')),
         (SELECT CAST(round(1.0 * sum(estimated_cost_microcents) / count(*)) AS INTEGER) FROM token_measurements
           WHERE skill_id = s.id AND estimated_cost_microcents IS NOT NULL)) AS counted
     FROM skills s WHERE s.tenant_id = ?`,
    tenantId,
  )
  return rows
    .filter(row => row.shown !== row.counted)
    .map(row => ({ id: row.id, what: `shows ${row.shown}, its rows come to ${row.counted}` }))
}

/** All columns; but a team is made here when it is joined, and its slug is one of this computer's own. */
const compared = (table: TableName) =>
  SHAPES[table].columns.filter(({ name }) => table !== 'tenants' || (name !== 'created_at' && name !== 'slug'))
