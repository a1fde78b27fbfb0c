import { isAwaiting, takeLost } from '../library/awaited-rows.ts'
import type { SyncStateRecord } from '../library/schema-local.ts'
import { findSyncState, haveReadAgain, updateSyncState } from '../library/sync-states.ts'
import { Applied } from './apply-page.ts'
import { PROBLEMS } from './problems.ts'
import { beginReconcile, finishReconcile } from './reconcile.ts'
import type { Cursor, Pulled, RegistryFailure, Remote } from './remote.ts'
import { type Halt, STOPPED, type Team } from './team.ts'

/** A registry that is rewritten again and again while it is read is left alone for a while. */
const MOST_RESTARTS = 3

export type PulledToHead = { kind: 'head'; rows: number }

/** Reads the registry's changes to their end, page by page. */
export async function pullToHead(team: Team): Promise<PulledToHead | Halt> {
  const { library, tenantId } = team
  for (let tries = 0, rows = 0; tries <= MOST_RESTARTS; tries++) {
    const before = await askKnown(team)
    if (typeof before === 'object') return before
    const read = await readToHead(team)
    if (read.kind !== 'head') return read
    rows += read.rows
    const after = await askKnown(team)
    if (typeof after === 'object') return after
    if (after === 'another') continue
    if (after === 'same') library.write(() => haveReadAgain(library, tenantId))
    return { kind: 'head', rows }
  }
  return { kind: 'ask', problem: PROBLEMS.strange }
}

/**
 * While everything is read again from the start, before and after: whether the registry still is the one that was known
 * further on. 'another': everything is compared now.
 */
async function askKnown(team: Team): Promise<'nothing' | 'same' | 'another' | Halt> {
  const state = findSyncState(team.library, team.tenantId)
  if (!state || state.known_since === 0) return 'nothing'
  const pulled = await team.remote.pull({ since: state.known_since, mark: state.known_mark }, 0)
  if (team.signal.aborted) return STOPPED
  const said = believed(team, state, pulled)
  if (said === 'another') return said
  return said.kind === 'page' ? 'same' : said
}

/** A page of the registry that was read; of any other one everything is compared. */
function believed(team: Team, state: SyncStateRecord, pulled: Pulled | RegistryFailure): Page | Halt | 'another' {
  if (pulled.kind !== 'page' && pulled.kind !== 'rewritten')
    return { kind: 'failed', failed: { from: 'registry', failure: pulled } }
  const moved = state.epoch !== null && pulled.epoch !== state.epoch
  // Also one that has fewer changes than it was heard to have, though those that were read are the same.
  if (pulled.kind === 'page' && !moved && pulled.head >= state.head) return pulled
  beginReconcile(team, { epoch: pulled.epoch, head: pulled.head, announced: moved })
  return 'another'
}

async function readToHead(team: Team): Promise<PulledToHead | Halt> {
  const pages = new Pages(team)
  let rows = 0
  let restarts = 0
  for (;;) {
    const state = findSyncState(team.library, team.tenantId)
    if (!state) return STOPPED
    team.point('pull:before')
    const pulled = await pages.take({ since: state.since, mark: state.mark })
    if (team.signal.aborted) return STOPPED
    team.point('pull:after')
    const page = believed(team, state, pulled)
    if (page === 'another') {
      if (++restarts > MOST_RESTARTS) return { kind: 'ask', problem: PROBLEMS.strange }
      continue
    }
    if (page.kind !== 'page') return page
    const stuck = page.next.since <= state.since && page.head > state.since
    if (stuck || page.next.since > page.head) return { kind: 'ask', problem: PROBLEMS.strange }
    const atHead = page.next.since >= page.head
    // Nothing new: nothing is written either.
    if (
      page.changes.length > 0 ||
      page.next.since !== state.since ||
      page.next.mark !== state.mark ||
      state.epoch === null
    ) {
      if (!atHead) pages.ask(page.next)
      commitPage(team, page, state)
      rows += page.changes.length
      team.progress({
        phase: state.reconciling ? 'comparing' : 'receiving',
        done: page.next.since,
        total: page.head,
      })
    }
    if (!atHead || findSyncState(team.library, team.tenantId)?.since !== page.next.since) continue
    if (beginWhereLost(team, page)) {
      if (++restarts > MOST_RESTARTS) return { kind: 'ask', problem: PROBLEMS.strange }
      continue
    }
    if (state.reconciling === 1) finishReconcile(team)
    return { kind: 'head', rows }
  }
}

/** Pages, the next one asked for while the one before it is put into the library. */
class Pages {
  readonly #team: Team
  #ahead: { cursor: Cursor; answer: ReturnType<Remote['pull']> } | undefined

  constructor(team: Team) {
    this.#team = team
  }

  ask(cursor: Cursor): void {
    const answer = this.#team.remote.pull(cursor, this.#team.pages.pull)
    // It may never be taken.
    answer.catch(() => undefined)
    this.#ahead = { cursor, answer }
  }

  /** The page after `cursor`: where another one was asked for, that one is let go. */
  take(cursor: Cursor): ReturnType<Remote['pull']> {
    const ahead = this.#ahead
    this.#ahead = undefined
    if (ahead?.cursor.since === cursor.since && ahead.cursor.mark === cursor.mark) return ahead.answer
    return this.#team.remote.pull(cursor, this.#team.pages.pull)
  }
}

/** Whether the registry has forgotten something since it acknowledged it: what is noted of that goes as the comparing begins. */
function beginWhereLost(team: Team, { epoch, head }: Page): boolean {
  const { library, tenantId, clock } = team
  if (!isAwaiting(library, tenantId)) return false
  return library.write(() => {
    const lost = takeLost(library, tenantId, clock()) > 0
    if (lost) beginReconcile(team, { epoch, head, announced: false })
    return lost
  })
}

type Page = Extract<Pulled, { kind: 'page' }>

/** @param asked the state that the page was asked from. */
function commitPage(team: Team, page: Page, asked: SyncStateRecord): void {
  const { library, tenantId } = team
  const applied = new Applied(team, asked.reconciling === 1)
  library.write(() => {
    applied.page(page.changes)
    // Meanwhile the reader may have had everything read again: then it is, from the start.
    const at = findSyncState(library, tenantId)?.since === asked.since ? page.next : {}
    updateSyncState(library, tenantId, { ...at, epoch: page.epoch, head: page.head })
    team.point('pull:applied')
  })
  team.point('pull:committed')
  applied.announce()
}
