import {
  acknowledge,
  isStale,
  listDue,
  markStale,
  type OperationClass,
  type Parked,
  park,
  postpone,
  type QueuedEntity,
} from '../library/outbox.ts'
import type { OutboxRecord } from '../library/schema-local.ts'
import { updateSyncState } from '../library/sync-states.ts'
import type { PushReport } from './push.ts'
import type { Answer, RegistryFailure } from './remote.ts'
import { type Halt, STOPPED, type Team } from './team.ts'

/** Rows a page, and how much text one page may hold. */
export const PUSH_ROWS = 1_000
const PUSH_BYTES = 4 * 1024 * 1024

/** One row to send: what was queued of it up to `seq` is acknowledged with it. */
export type Sendable<Row> = { id: string; seq: number; seqs: number[]; row: Row; stale: boolean; payload: string }

/** What becomes of a queued row before it is sent. `gone`: nothing is left to send. `wait`: not yet. */
export type Prepared<Row> =
  | { kind: 'send'; row: Row }
  | { kind: 'gone' }
  | { kind: 'wait' }
  | { kind: 'park'; parked: Parked }

export type Spec<Row, Sent extends { id: string }> = {
  entity: QueuedEntity
  of: OperationClass
  /** The row as it is now. `inPage`: ids that go before it in the same page. */
  prepare: (change: OutboxRecord, inPage: ReadonlySet<string>) => Prepared<Row>
  /** Before the rows go: content. Answers which rows cannot. */
  before?: (
    page: readonly Sendable<Row>[],
  ) => Promise<{ unsendable: ReadonlyMap<string, Parked>; halt: Halt | undefined }>
  send: (rows: readonly Row[]) => Promise<Answer<Sent>>
  /** Inside the transaction that acknowledges: what an answer does here. `done`: it leaves the queue. */
  settle: (sent: Sent, mine: Sendable<Row>) => Settled
  /** Names of the points. */
  points: {
    before: Parameters<Team['point']>[0]
    after: Parameters<Team['point']>[0]
    done: Parameters<Team['point']>[0]
  }
  /** Why a row is parked where this login may not send it. */
  forbidden: Parked
}
/** `afterwards`: once it has left the queue. */
export type Settled =
  | { kind: 'done'; afterwards?: () => void }
  | { kind: 'park'; parked: Parked }
  | { kind: 'again' }
  /** What it refers to is not there (any more): read first, for the registry may have been put back. Parked the second time. */
  | { kind: 'stale'; parked: Parked }
  | { kind: 'leave' }

/** Sends everything of one kind that is due, page by page. */
export async function pushPages<Row, Sent extends { id: string }>(
  team: Team,
  report: PushReport,
  spec: Spec<Row, Sent>,
): Promise<Halt | undefined> {
  let after = 0
  for (;;) {
    if (team.signal.aborted) return STOPPED
    const due = listDue(team.library, team.tenantId, spec.entity, spec.of, after, PUSH_ROWS)
    const last = due.at(-1)
    if (!last) return undefined
    const page = gather(team, spec, due)
    after = page.upTo ?? last.seq
    if (page.rows.length === 0) continue
    const halt = await sendPage(team, report, spec, page.rows)
    if (halt) return halt
  }
}

/** Rows that may go, each once. A page ends where it would be too large; the rest is the next one. */
function gather<Row, Sent extends { id: string }>(
  team: Team,
  spec: Spec<Row, Sent>,
  due: readonly OutboxRecord[],
): { rows: Sendable<Row>[]; upTo: number | undefined } {
  const { library } = team
  const rows = new Map<string, Sendable<Row>>()
  const ids = new Set<string>()
  const settled: (() => void)[] = []
  let bytes = 0
  let upTo: number | undefined
  for (const change of due) {
    const there = rows.get(change.entity_id)
    if (there) {
      there.seq = change.seq
      there.seqs.push(change.seq)
      continue
    }
    const prepared = spec.prepare(change, ids)
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
      ids.add(change.entity_id)
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

async function sendPage<Row, Sent extends { id: string }>(
  team: Team,
  report: PushReport,
  spec: Spec<Row, Sent>,
  page: readonly Sendable<Row>[],
): Promise<Halt | undefined> {
  const { library } = team
  const before = await spec.before?.(page)
  if (team.signal.aborted) return STOPPED
  if (before && before.unsendable.size > 0) {
    library.write(() => {
      for (const one of page) {
        const parked = before.unsendable.get(one.id)
        if (parked) park(library, spec.entity, one.id, spec.of, one.seq, parked)
      }
    })
    // What comes after them may hang on them: it is looked at afresh.
    return before.halt ?? (await pushPages(team, report, spec))
  }
  if (before?.halt) return note(team, page, before.halt)
  team.point(spec.points.before)
  const answer = await spec.send(page.map(one => one.row))
  if (team.signal.aborted) return STOPPED
  team.point(spec.points.after)
  if (answer.kind !== 'answered') return await refusedPage(team, report, spec, page, answer)
  const byId = new Map(page.map(one => [one.id, one]))
  library.write(() => {
    for (const sent of answer.rows) {
      const mine = byId.get(sent.id)
      if (mine) settleOne(team, report, spec, sent, mine)
    }
  })
  report.sent += page.length
  team.point(spec.points.done)
  team.changed(['sync'])
  return undefined
}

function settleOne<Row, Sent extends { id: string }>(
  team: Team,
  report: PushReport,
  spec: Spec<Row, Sent>,
  sent: Sent,
  mine: Sendable<Row>,
): void {
  const said = spec.settle(sent, mine)
  const settled: Settled = said.kind === 'stale' && mine.stale ? { kind: 'park', parked: said.parked } : said
  switch (settled.kind) {
    case 'done':
      acknowledge(team.library, spec.entity, mine.id, spec.of, mine.seq)
      settled.afterwards?.()
      return
    case 'park':
      team.log('warning', `${spec.entity} ${mine.id}: ${settled.parked.reason}`)
      park(team.library, spec.entity, mine.id, spec.of, mine.seq, settled.parked)
      return
    case 'again':
      report.behind = true
      return
    case 'stale':
      report.behind = true
      markStale(team.library, mine.seqs)
      return
    case 'leave':
      return
    default:
      settled satisfies never
  }
}

/** The whole page was refused: a role that is not enough is looked at row by row, anything else halts. */
async function refusedPage<Row, Sent extends { id: string }>(
  team: Team,
  report: PushReport,
  spec: Spec<Row, Sent>,
  page: readonly Sendable<Row>[],
  failure: RegistryFailure,
): Promise<Halt | undefined> {
  if (failure.kind !== 'denied' || (failure.code !== 'WS403' && failure.code !== '42501'))
    return note(team, page, { kind: 'failed', failed: { from: 'registry', failure } })
  const role = await askRole(team)
  if (role) return role
  const [first] = page
  if (page.length > 1) {
    const half = page.length >> 1
    return (
      (await sendPage(team, report, spec, page.slice(0, half))) ??
      (await sendPage(team, report, spec, page.slice(half)))
    )
  }
  if (first) team.library.write(() => park(team.library, spec.entity, first.id, spec.of, first.seq, spec.forbidden))
  team.changed(['sync'])
  return undefined
}

/** One's role may have changed since. */
async function askRole(team: Team): Promise<Halt | undefined> {
  const said = await team.remote.hello()
  if (team.signal.aborted) return STOPPED
  if (said.kind !== 'hello') return { kind: 'failed', failed: { from: 'registry', failure: said } }
  const { hello } = said
  if (!hello) return removed
  team.library.write(() => updateSyncState(team.library, team.tenantId, { role: hello.role }))
  return undefined
}

const removed: Halt = {
  kind: 'failed',
  failed: {
    from: 'registry',
    failure: { kind: 'denied', code: 'WS401', message: 'This login is no member of a team.' },
  },
}

/** These were on their way: the queue shows that they were tried. */
function note<Row>(team: Team, page: readonly Sendable<Row>[], halt: Halt): Halt {
  team.library.write(() =>
    postpone(
      team.library,
      page.flatMap(one => one.seqs),
      team.clock(),
    ),
  )
  return halt
}
