import { PAGE_BYTES, ROW_BYTES } from '../../electron/registry/pull.ts'
import type { Change, Cursor, Pulled } from '../../electron/sync/remote.ts'
import { bytesOf, type Row, SHAPES, type TableName, type Tenant } from './memory-state.ts'

/**
 * The changes after a cursor, as registry/pull.ts reads them: each row at its last place, and what others must find at its
 * first place in each page as well.
 */
export function pull(tenant: Tenant, cursor: Cursor, limit: number): Pulled {
  const { n, epoch, log } = tenant
  const markAt = (place: number): string | null => log[entryAt(tenant, place)]?.mark ?? null
  if (cursor.since > n || (cursor.since > 0 && markAt(cursor.since) !== cursor.mark))
    return { kind: 'rewritten', head: n, epoch }
  let until = Math.min(n, cursor.since + limit)
  let bytes = 0
  const changes: Change[] = []
  const named = new Set<string>()
  for (let at = entryAt(tenant, cursor.since + 1); at < log.length; at++) {
    const entry = log[at]
    if (!entry || entry.first > until) break
    for (const [k, id] of entry.ids.entries()) {
      const seq = entry.first + k
      if (seq <= cursor.since || seq > until) continue
      if (entry.operation === 'delete') changes.push({ seq, entity: entry.entity, operation: 'delete', id })
      else {
        const stored = tenant.tables[entry.entity].get(id)
        const early = PARENTS.has(entry.entity) && !named.has(`${entry.entity} ${id}`)
        named.add(`${entry.entity} ${id}`)
        if (!stored || !(early || !SHAPES[entry.entity].placed || stored.seq === seq)) continue
        const row = asSent(tenant, entry.entity, stored.row)
        const size = Object.values(row).reduce<number>((sum, value) => sum + bytesOf(value), 0)
        const of = { seq, entity: entry.entity, id }
        if (size > ROW_BYTES) {
          changes.push({ ...of, operation: 'oversized', bytes: size })
          continue
        }
        bytes += size
        if (bytes > PAGE_BYTES) until = seq - 1
        else changes.push({ ...of, operation: 'put', row })
      }
    }
  }
  return { kind: 'page', changes, next: { since: until, mark: markAt(until) }, head: n, epoch }
}

const PARENTS: ReadonlySet<TableName> = new Set(['tenants', 'users', 'skills', 'benchmark_cases', 'benchmark_runs'])

/** The first entry that ends at `place` or after it. */
function entryAt({ log }: Tenant, place: number): number {
  let low = 0
  let high = log.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((log[middle]?.last ?? 0) >= place) high = middle
    else low = middle + 1
  }
  return low
}

/** The row as a client gets it: all of the library's columns, and a skill with what its ratings, uses and costs come to. */
export function asSent(tenant: Tenant, table: TableName, row: Row): Record<string, string | number | null> {
  const whole = table === 'skills' ? { ...row, ...aggregates(tenant, String(row.id)) } : row
  return Object.fromEntries(SHAPES[table].columns.map(({ name }) => [name, whole[name] ?? null]))
}

/** Counted from the rows themselves, every time: what the triggers' sums ought to be. */
export function aggregates(tenant: Tenant, skillId: string): Row {
  const of = (table: TableName) =>
    [...tenant.tables[table].values()].flatMap(({ row }) => (row.skill_id === skillId ? [row] : []))
  const numbers = (rows: Row[], column: string) =>
    rows.flatMap(row => (typeof row[column] === 'number' ? [row[column]] : []))
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  const ratings = of('ratings')
  const hours = numbers(ratings, 'hours_saved_estimate')
  const feedback = of('skill_feedback')
  const up = feedback.filter(row => row.feedback_type === 'thumbs_up').length
  const down = feedback.filter(row => row.feedback_type === 'thumbs_down').length
  const costs = numbers(of('token_measurements'), 'estimated_cost_microcents')
  return {
    total_uses: of('usage_events').length,
    total_ratings: ratings.length,
    average_rating: ratings.length > 0 ? Math.round((100 * sum(numbers(ratings, 'rating'))) / ratings.length) : null,
    hours_saved: hours.length > 0 ? sum(hours) : null,
    total_feedback: feedback.length,
    positive_feedback_pct: up + down > 0 ? Math.round((100 * up) / (up + down)) : null,
    avg_token_cost_microcents: costs.length > 0 ? Math.round(sum(costs) / costs.length) : null,
  }
}
