import { getTableColumns, getTableName } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { ClientBase } from 'pg'
import { failureOf, type RegistryFailure } from './failure.ts'
import { ratings, SERVER_COLUMNS, skillFeedback, skills, skillVersions, tenants, users } from './schema.ts'
import { benchmarkCases, benchmarkResults, benchmarkRuns, tokenMeasurements, usageEvents } from './schema-measured.ts'

/** Every table a client mirrors, parents first. */
export const SYNCED_TABLES: readonly PgTable[] = [
  tenants,
  users,
  skills,
  skillVersions,
  ratings,
  skillFeedback,
  tokenMeasurements,
  usageEvents,
  benchmarkCases,
  benchmarkRuns,
  benchmarkResults,
]

/** Tables whose rows change and that others' rows cannot be without. */
const PARENTS: readonly PgTable[] = [tenants, users, skills, benchmarkCases, benchmarkRuns]

/** The most that the texts of one row may have, in bytes: what is longer is not sent. Nothing honest comes near (0020, 0250). */
export const ROW_BYTES = 8 * 1024 * 1024
/** And those of a page. JSON writes a control character as six, so a page of nothing else takes six times that on the way. */
export const PAGE_BYTES = 8 * 1024 * 1024

/**
 * `row` has the library's columns, by their names; its table is `entity`. `oversized`: such a row is there and was not sent,
 * for its texts have `bytes` in all.
 */
export type Change =
  | { seq: number; entity: string; operation: 'put'; id: string; row: Record<string, string | number | null> }
  | { seq: number; entity: string; operation: 'delete'; id: string }
  | { seq: number; entity: string; operation: 'oversized'; id: string; bytes: number }

export type Cursor = {
  /** Everything up to here is known. 0: nothing. */
  since: number
  /** The log's mark there, as the page before said; null at 0. */
  mark: string | null
}

export type Pulled =
  | {
      kind: 'page'
      /** In the order of their commits: what a row refers to comes before it. */
      changes: Change[]
      next: Cursor
      /** The tenant's newest number; `next.since` below it: there is more. */
      head: number
      epoch: string
    }
  /** The registry was put back to an older state since: the cursor means nothing there. Start over from 0 and compare. */
  | { kind: 'rewritten'; head: number; epoch: string }

/**
 * The changes after a cursor, at most `limit` numbers of them and no more than fit into `PAGE_BYTES` (one row always does),
 * in one round trip and from one snapshot. The bounds are part of what is asked, so they hold whatever members have written. A row that changed
 * again later comes with its later number; what others must find (skills, users, runs, cases) comes at its first place in
 * each page too, as it is now, so that nothing arrives before what it refers to.
 */
export async function pull(client: ClientBase, cursor: Cursor, limit: number): Promise<Pulled | RegistryFailure> {
  try {
    const { rows } = await client.query<Sent>({ name: 'pull', text: pullSql(), values: [cursor.since, limit] })
    const head = rows.find((row): row is Extract<Sent, { entity: '' }> => row.entity === '')
    if (!head) return { kind: 'denied', code: 'WS401', message: 'This login is no member of a team.' }
    const { n, epoch, since_mark, next_mark, until } = head.row
    if (cursor.since > n || (cursor.since > 0 && since_mark !== cursor.mark))
      return { kind: 'rewritten', head: n, epoch }
    const next = { since: until, mark: next_mark }
    return { kind: 'page', changes: rows.flatMap(changeOf), next, head: n, epoch }
  } catch (error) {
    return failureOf(error)
  }
}

type Head = { n: number; epoch: string; since_mark: string | null; next_mark: string | null; until: number }
type Sent =
  | { seq: string; entity: ''; operation: 'head'; id: ''; row: Head }
  | { seq: string; entity: string; operation: 'put'; id: string; row: Record<string, string | number | null> }
  | { seq: string; entity: string; operation: 'delete'; id: string; row: null }
  | { seq: string; entity: string; operation: 'oversized'; id: string; row: number }

function changeOf(sent: Sent): Change[] {
  const { entity, id } = sent
  const seq = Number(sent.seq)
  if (sent.operation === 'put') return [{ seq, entity, operation: 'put', id, row: sent.row }]
  if (sent.operation === 'oversized') return [{ seq, entity, operation: 'oversized', id, bytes: sent.row }]
  return sent.operation === 'delete' ? [{ seq, entity, operation: 'delete', id }] : []
}

/** No page written into the log has more ids (whetstone.check_page). */
const LONGEST_ENTRY = 2_000

let sql: string | undefined
const pullSql = (): string => {
  sql ??= buildPullSql()
  return sql
}

/**
 * The log has no gaps, so the numbers wanted bound the entries to look at, and nothing is sorted that is not sent. What a row
 * weighs is read from the lengths of its texts, which Postgres knows without unpacking any; rows are made into JSON only once
 * it is known that they fit.
 */
function buildPullSql(): string {
  const tenant = '(SELECT whetstone.current_tenant())'
  const tables = SYNCED_TABLES.map(table => {
    const name = getTableName(table)
    const columns = Object.values(getTableColumns(table))
    const mirrored = columns.filter(column => !SERVER_COLUMNS.includes(column.name))
    const key = name === 'tenants' ? 't.id = p.id' : `t.tenant_id = ${tenant} AND t.id = p.id`
    // A row that knows its own place is sent there only; one that never changes has but one. What other rows must find
    // is sent at its first place in the page as well: its last one may lie far behind everything that refers to it.
    const early = PARENTS.includes(table) ? ' OR p.nth = 1' : ''
    const latest = columns.some(column => column.name === 'seq') ? ` AND (t.seq = p.seq${early})` : ''
    return {
      name,
      key,
      latest,
      columns: mirrored.map(column => `t.${column.name}`).join(', '),
      bytes: mirrored
        .filter(column => column.dataType === 'string')
        .map(column => `coalesce(octet_length(t.${column.name}), 0)`)
        .join(' + '),
    }
  })
  const weighed = tables.map(
    ({ name, key, latest, bytes }) =>
      `SELECT p.seq, p.entity, p.id, (${bytes})::bigint AS bytes FROM page p JOIN whetstone.${name} t ON ${key}${latest}
        WHERE p.entity = '${name}' AND p.operation = 'put'`,
  )
  const rows = tables.map(
    ({ name, key, columns }) =>
      `SELECT p.seq, p.entity, 'put', p.id, row_to_json(r) FROM fits p JOIN whetstone.${name} t ON ${key}
      CROSS JOIN LATERAL (SELECT ${columns}) r WHERE p.entity = '${name}'`,
  )
  const markAt = (place: string) =>
    `(SELECT e.mark FROM whetstone.change_log e WHERE e.tenant_id = ${tenant} AND e.last_seq >= ${place} ORDER BY e.last_seq LIMIT 1)`
  return `WITH head AS MATERIALIZED (SELECT h.n, h.epoch FROM whetstone.tenant_heads h WHERE h.tenant_id = ${tenant}),
    page AS MATERIALIZED (
      SELECT e.first_seq + u.at - 1 AS seq, e.entity, e.operation, u.id,
        row_number() OVER (PARTITION BY e.entity, u.id ORDER BY e.first_seq + u.at) AS nth
      FROM whetstone.change_log e CROSS JOIN LATERAL unnest(e.ids) WITH ORDINALITY AS u (id, at)
      WHERE e.tenant_id = ${tenant} AND e.last_seq > $1::bigint AND e.last_seq <= $1::bigint + $2::bigint + ${LONGEST_ENTRY}
        AND e.first_seq <= $1::bigint + $2::bigint
        AND e.first_seq + u.at - 1 > $1::bigint AND e.first_seq + u.at - 1 <= $1::bigint + $2::bigint),
    weighed AS MATERIALIZED (
      SELECT seq, entity, id, bytes,
        sum(CASE WHEN bytes <= ${ROW_BYTES} THEN bytes ELSE 0 END) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) AS sum
      FROM (${weighed.join('\n      UNION ALL ')}) w),
    bound AS MATERIALIZED (SELECT least(head.n, $1::bigint + $2::bigint,
      (SELECT min(w.seq) - 1 FROM weighed w WHERE w.sum > ${PAGE_BYTES})) AS until FROM head),
    fits AS MATERIALIZED (SELECT w.seq, w.entity, w.id FROM weighed w, bound WHERE w.seq <= bound.until AND w.bytes <= ${ROW_BYTES})
    SELECT seq, entity, operation, id, row FROM (
      SELECT 0::bigint AS seq, '' AS entity, 'head' AS operation, '' AS id, json_build_object('n', head.n, 'epoch', head.epoch,
        'until', bound.until, 'since_mark', ${markAt('$1::bigint')}, 'next_mark', ${markAt('bound.until')}) AS row FROM head, bound
      UNION ALL ${rows.join('\n      UNION ALL ')}
      UNION ALL SELECT w.seq, w.entity, 'oversized', w.id, to_json(w.bytes) FROM weighed w, bound
        WHERE w.seq <= bound.until AND w.bytes > ${ROW_BYTES}
      UNION ALL SELECT p.seq, p.entity, 'delete', p.id, NULL FROM page p, bound WHERE p.operation = 'delete' AND p.seq <= bound.until
    ) sent ORDER BY seq`
}
