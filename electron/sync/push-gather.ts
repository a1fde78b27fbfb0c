import { acknowledge, isStale, listDue, park } from '../library/outbox.ts'
import type { OutboxRecord } from '../library/schema-local.ts'
import type { Sendable, Spec } from './push-pages.ts'
import type { Team } from './team.ts'

/** How much text one page may hold. */
const PUSH_BYTES = 4 * 1024 * 1024

/** What goes in one call. `upTo`: what was queued before this, or with it, has been looked at. */
export type Page<Row> = { rows: Sendable<Row>[]; upTo: number }

/**
 * The next rows that may go, after `after`; undefined where nothing more may.
 *
 * @param onTheWay ids that go before them, in a page that is not acknowledged yet.
 */
export function nextPage<Row, Sent extends { id: string }>(
  team: Team,
  spec: Spec<Row, Sent>,
  after: number,
  onTheWay: ReadonlySet<string>,
): Page<Row> | undefined {
  for (let from = after; ; ) {
    const due = listDue(team.library, team.tenantId, spec.entity, spec.of, from, team.pages.push)
    const last = due.at(-1)
    if (!last) return undefined
    const page = gather(team, spec, due, onTheWay)
    from = page.upTo ?? last.seq
    if (page.rows.length > 0) return { rows: page.rows, upTo: from }
  }
}

/** Rows that may go, each once. A page ends where it would be too large; the rest is the next one. */
function gather<Row, Sent extends { id: string }>(
  team: Team,
  spec: Spec<Row, Sent>,
  due: readonly OutboxRecord[],
  onTheWay: ReadonlySet<string>,
): { rows: Sendable<Row>[]; upTo: number | undefined } {
  const { library } = team
  const rows = new Map<string, Sendable<Row>>()
  const ahead = new Set(onTheWay)
  const settled: (() => void)[] = []
  let bytes = 0
  let upTo: number | undefined
  for (const change of due) {
    const there = rows.get(change.entity_id)
    if (there) {
      there.seq = change.seq
      there.seqs.push(change.seq)
      upTo = change.seq
      continue
    }
    if (onTheWay.has(change.entity_id)) {
      // Changed since it went: it goes again once that is acknowledged.
      upTo = change.seq
      continue
    }
    const prepared = spec.prepare(change, ahead)
    if (prepared.kind === 'gone')
      settled.push(() => acknowledge(library, spec.entity, change.entity_id, spec.of, change.seq))
    if (prepared.kind === 'park')
      settled.push(() => park(library, spec.entity, change.entity_id, spec.of, change.seq, prepared.parked))
    if (prepared.kind === 'send') {
      const size = sizeOf(prepared.row)
      if (rows.size > 0 && bytes + size > PUSH_BYTES) break
      bytes += size
      rows.set(change.entity_id, {
        id: change.entity_id,
        seq: change.seq,
        seqs: [change.seq],
        row: prepared.row,
        stale: isStale(change),
        payload: change.payload,
      })
      ahead.add(change.entity_id)
    }
    upTo = change.seq
  }
  if (settled.length > 0) {
    library.write(() => {
      for (const settle of settled) settle()
    })
    team.changed(['sync'])
  }
  // A row's later changes may lie beyond this page: it is read as it is now, so they go with it.
  return { rows: [...rows.values()], upTo }
}

const sizeOf = (row: unknown): number =>
  typeof row === 'object' && row !== null
    ? Object.values(row).reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0)
    : 64
