import {
  acknowledge,
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
import { nextPage, type Page } from './push-gather.ts'
import type { Answer, RegistryFailure } from './remote.ts'
import { type Halt, STOPPED, type Team } from './team.ts'

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
  /** The row as it is now. `ahead`: ids that go before it, in the same page or in the one on its way. */
  prepare: (change: OutboxRecord, ahead: ReadonlySet<string>) => Prepared<Row>
  /** Before the rows go: content. Answers which rows cannot. */
  before?: (page: readonly Sendable<Row>[]) => Promise<Content>
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
type Content = { unsendable: ReadonlyMap<string, Parked>; halt: Halt | undefined }
/** `afterwards`: once it has left the queue. */
export type Settled =
  | { kind: 'done'; afterwards?: () => void }
  | { kind: 'park'; parked: Parked }
  | { kind: 'again' }
  /** What it refers to is not there (any more): read first, for the registry may have been put back. Parked the second time. */
  | { kind: 'stale'; parked: Parked }
  | { kind: 'leave' }

/** Rows that are on their way. */
type Departed<Row, Sent extends { id: string }> = { rows: readonly Sendable<Row>[]; answer: Promise<Answer<Sent>> }

/**
 * Sends everything of one kind that is due, page by page. While one page is on its way, the next is gathered and its content
 * sent; it departs once every row of the first was taken, and the first is acknowledged here while it travels. Where a row
 * was not taken, what comes after is looked at afresh, for it may hang on that one.
 */
export async function pushPages<Row, Sent extends Answered>(
  team: Team,
  report: PushReport,
  spec: Spec<Row, Sent>,
): Promise<Halt | undefined> {
  let after = 0
  let departed: Departed<Row, Sent> | undefined
  for (;;) {
    if (team.signal.aborted) return STOPPED
    const page = nextPage(team, spec, after, new Set(departed?.rows.map(row => row.id)))
    if (!page && !departed) return undefined
    const content = page && new Awaited(spec.before?.(page.rows))
    let next: Departed<Row, Sent> | undefined
    if (departed) {
      const answer = await Promise.race([departed.answer, content?.broken ?? departed.answer])
      if (team.signal.aborted) return STOPPED
      team.point(spec.points.after)
      const whole = answer.kind === 'answered' && answer.rows.every(isTaken)
      if (page && whole && content?.isFine) next = depart(team, spec, page.rows)
      const halt = await arrive(team, report, spec, departed.rows, answer)
      departed = undefined
      // What is under way of the next one is not left behind.
      if (halt || !whole) await content?.value
      if (halt) return halt
      if (!whole) continue
    }
    if (!page) continue
    if (!next) {
      const ready = await content?.value
      if (team.signal.aborted) return STOPPED
      const held = ready && hold(team, spec, page, ready)
      if (held === 'again') {
        after = 0
        continue
      }
      if (held) return held
      next = depart(team, spec, page.rows)
    }
    departed = next
    after = page.upTo
  }
}

/** What will be known, and whether it is by now. */
class Awaited {
  readonly value: Promise<Content | undefined>
  /** Ends only by what `value` throws. */
  readonly broken: Promise<never>
  isFine: boolean

  constructor(value: Promise<Content> | undefined) {
    this.isFine = value === undefined
    this.value = Promise.resolve(value)
    this.broken = this.value.then(content => {
      this.isFine = content === undefined || (content.unsendable.size === 0 && content.halt === undefined)
      return new Promise<never>(() => undefined)
    })
    this.broken.catch(() => undefined)
  }
}

type Answered = { id: string; state: string }
const TAKEN: readonly string[] = ['inserted', 'updated', 'identical']
const isTaken = ({ state }: Answered): boolean => TAKEN.includes(state)

/** Why this page does not go as it is; 'again': without the rows whose content cannot go, and what hangs on them. */
function hold<Row, Sent extends Answered>(
  team: Team,
  spec: Spec<Row, Sent>,
  page: Page<Row>,
  { unsendable, halt }: Content,
): Halt | 'again' | undefined {
  if (unsendable.size > 0)
    team.library.write(() => {
      for (const one of page.rows) {
        const parked = unsendable.get(one.id)
        if (parked) park(team.library, spec.entity, one.id, spec.of, one.seq, parked)
      }
    })
  if (halt) return unsendable.size > 0 ? halt : note(team, page.rows, halt)
  return unsendable.size > 0 ? 'again' : undefined
}

function depart<Row, Sent extends Answered>(
  team: Team,
  spec: Spec<Row, Sent>,
  rows: readonly Sendable<Row>[],
): Departed<Row, Sent> {
  team.point(spec.points.before)
  const answer = spec.send(rows.map(one => one.row))
  // It may never be asked for.
  answer.catch(() => undefined)
  return { rows, answer }
}

async function arrive<Row, Sent extends Answered>(
  team: Team,
  report: PushReport,
  spec: Spec<Row, Sent>,
  rows: readonly Sendable<Row>[],
  answer: Answer<Sent>,
): Promise<Halt | undefined> {
  if (answer.kind !== 'answered') return await refusedPage(team, report, spec, rows, answer)
  const byId = new Map(rows.map(one => [one.id, one]))
  team.library.write(() => {
    for (const sent of answer.rows) {
      const mine = byId.get(sent.id)
      if (mine) settleOne(team, report, spec, sent, mine)
    }
  })
  report.sent += rows.length
  team.point(spec.points.done)
  team.changed(['sync'])
  return undefined
}

function settleOne<Row, Sent extends Answered>(
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
async function refusedPage<Row, Sent extends Answered>(
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
      (await sendRows(team, report, spec, page.slice(0, half))) ??
      (await sendRows(team, report, spec, page.slice(half)))
    )
  }
  if (first) team.library.write(() => park(team.library, spec.entity, first.id, spec.of, first.seq, spec.forbidden))
  team.changed(['sync'])
  return undefined
}

async function sendRows<Row, Sent extends Answered>(
  team: Team,
  report: PushReport,
  spec: Spec<Row, Sent>,
  rows: readonly Sendable<Row>[],
): Promise<Halt | undefined> {
  const answer = await depart(team, spec, rows).answer
  if (team.signal.aborted) return STOPPED
  team.point(spec.points.after)
  return await arrive(team, report, spec, rows, answer)
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
