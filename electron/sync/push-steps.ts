import { z } from 'zod'
import { awaitEcho } from '../library/awaited-rows.ts'
import { pendingOf, takeRemoteTime } from '../library/mirror.ts'
import {
  acknowledge,
  isStale,
  listDue,
  markStale,
  type Parked,
  park,
  postpone,
  type QueuedEntity,
} from '../library/outbox.ts'
import { want } from '../library/remote-content.ts'
import type { OutboxRecord } from '../library/schema-local.ts'
import { findSkill } from '../library/skills.ts'
import { readAgain, remoteSkillSeq } from '../library/sync-states.ts'
import { findVersion } from '../library/versions.ts'
import { needsApproval } from './approve.ts'
import { fetchNow } from './bring-content.ts'
import { missingText, provenTextOf } from './bundles.ts'
import { isFailure } from './failures.ts'
import { setPointer } from './pointer.ts'
import { PARKED, refused } from './problems.ts'
import type { PushReport } from './push.ts'
import { pushPages } from './push-pages.ts'
import type { Published, RegistryFailure, RemovableTable, Removed, Reviewed } from './remote.ts'
import { type Halt, STOPPED, type Team } from './team.ts'
import { tellPublished, tellReview } from './tell.ts'

/** What is a step of its own: deletes, and what goes by compare-and-set, one after the other in the order it was done. */

const REMOVED: readonly { entity: QueuedEntity; table: RemovableTable }[] = [
  { entity: 'benchmark_run', table: 'benchmark_runs' },
  { entity: 'benchmark_case', table: 'benchmark_cases' },
  { entity: 'rating', table: 'ratings' },
  { entity: 'feedback', table: 'skill_feedback' },
  { entity: 'measurement', table: 'token_measurements' },
  { entity: 'usage_event', table: 'usage_events' },
  { entity: 'skill', table: 'skills' },
]

export async function pushRemovals(team: Team, report: PushReport): Promise<Halt | undefined> {
  for (const { entity, table } of REMOVED) {
    const halt = await pushPages<{ id: string }, Removed>(team, report, {
      entity,
      of: 'delete',
      forbidden: PARKED.removeForbidden,
      points: { before: 'remove:before', after: 'remove:after', done: 'remove:acknowledged' },
      prepare: change => ({ kind: 'send', row: { id: change.entity_id } }),
      send: rows =>
        team.remote.removeRows(
          table,
          rows.map(row => row.id),
        ),
      settle: (sent, mine) => {
        switch (sent.state) {
          case 'deleted':
          case 'missing':
            // Whatever else was queued of it has nothing to say any more.
            acknowledge(team.library, entity, mine.id, 'put', mine.seq)
            if (sent.seq !== null) awaitEcho(team.library, team.tenantId, table, mine.id, 'delete')
            return { kind: 'done' }
          case 'forbidden':
            // A skill comes back by itself when somebody works on it; what went with it here has to be read again.
            if (entity === 'skill') readAgain(team.library, team.tenantId)
            return { kind: 'park', parked: PARKED.removeForbidden }
          case 'refused':
            return { kind: 'park', parked: refused(sent.code, sent.reason) }
          default:
            return sent satisfies never
        }
      },
    })
    if (halt) return halt
  }
  return undefined
}

const publishPayload = z.object({ versionId: z.string().nullable(), expected: z.string().nullable() })

export async function pushPublishes(team: Team, report: PushReport): Promise<Halt | undefined> {
  return await oneByOne(team, 'skill', 'publish', async change => {
    const move = publishPayload.safeParse(JSON.parse(change.payload))
    const skill = findSkill(team.library, change.entity_id)
    if (!move.success || !skill) return { kind: 'done' }
    if (team.role() === 'reader') return { kind: 'park', parked: PARKED.reader }
    const { versionId, expected } = move.data
    if (remoteSkillSeq(team.library, skill.id) === undefined || !isNumbered(team, versionId)) return { kind: 'wait' }
    const unsaid = versionId === null ? undefined : await bringText(team, versionId)
    if (unsaid) return unsaid
    const content = versionId === null ? null : provenTextOf(team.library, versionId)
    team.point('publish:before')
    const said = await team.remote.publish({ skillId: skill.id, versionId, expected, content })
    if (team.signal.aborted) return { kind: 'halt', halt: STOPPED }
    team.point('publish:after')
    return settlePublish(team, report, change, { skillId: skill.id, versionId }, said)
  })
}

/**
 * What is published is read at the registry by agents' tools: of somebody else's version the text may not have come here yet.
 * What is nowhere stays wanted, and has another try once it has come.
 */
async function bringText(team: Team, versionId: string): Promise<Step | undefined> {
  const { library, tenantId } = team
  const hash = findVersion(library, versionId)?.content_hash
  if (hash === undefined || !team.remote.blobs) return undefined
  // The manifest, then what it names.
  for (let n = 0; n < 2; n++) {
    const missing = missingText(library, hash)
    if (!missing) return undefined
    library.write(() => want(library, tenantId, { ...missing, size: null, version_id: versionId }))
    const brought = await fetchNow(team, [missing.sha256])
    if (brought.kind === 'halt') return brought
    if (brought.kind === 'missing') return { kind: 'park', parked: PARKED.textMissing }
  }
  return undefined
}

const isNumbered = (team: Team, versionId: string | null): boolean =>
  versionId === null || (findVersion(team.library, versionId)?.version ?? null) !== null

function settlePublish(
  team: Team,
  report: PushReport,
  change: OutboxRecord,
  ours: { skillId: string; versionId: string | null },
  said: Published | RegistryFailure,
): Step {
  switch (said.kind) {
    case 'published':
      report.sent += 1
      return {
        kind: 'done',
        point: 'publish:acknowledged',
        also: () => awaitEcho(team.library, team.tenantId, 'skills', ours.skillId),
      }
    case 'identical':
      report.sent += 1
      return {
        kind: 'done',
        point: 'publish:acknowledged',
        also: () => {
          takeRemoteTime(team.library, 'skills', ours.skillId)
          // Another pointer stood in between, was taken here, and is gone again: ours does not come once more.
          const here = findSkill(team.library, ours.skillId)?.published_version_id
          if (here !== ours.versionId && !pendingOf(team.library, 'skill', ours.skillId).publish)
            setPointer(team, ours.skillId, ours.versionId)
        },
      }
    case 'moved':
      report.behind = true
      return {
        kind: 'done',
        point: 'publish:acknowledged',
        also: () => {
          // What was built on ours goes with it: each named a pointer that never was.
          acknowledge(team.library, 'skill', ours.skillId, 'publish', Number.MAX_SAFE_INTEGER)
          setPointer(team, ours.skillId, said.published)
          takeRemoteTime(team.library, 'skills', ours.skillId)
          tellPublished(team, ours.skillId, ours.versionId, said.published, change.seq)
          team.changed(['skills', 'versions'], [ours.skillId])
        },
      }
    case 'missing':
      report.behind = true
      return { kind: 'stale', parked: PARKED.missing }
    case 'forbidden':
      return { kind: 'park', parked: PARKED.publishForbidden }
    case 'needs_approval':
      return { kind: 'park', parked: needsApproval(team, ours.skillId, ours.versionId) }
    default:
      return failed(said, PARKED.publishForbidden)
  }
}

const reviewPayload = z.object({
  expected: z.string(),
  status: z.string(),
  notes: z.string().nullable().default(null),
  implementedBy: z.string().nullable().default(null),
})

export async function pushReviews(team: Team, report: PushReport): Promise<Halt | undefined> {
  return await oneByOne(team, 'feedback', 'review', async change => {
    const review = reviewPayload.safeParse(JSON.parse(change.payload))
    const feedback = team.library.find<{ id: string; skill_id: string }>(
      'SELECT id, skill_id FROM skill_feedback WHERE id = ?',
      change.entity_id,
    )
    if (!review.success || !feedback) return { kind: 'done' }
    if (team.role() === 'reader') return { kind: 'park', parked: PARKED.reader }
    if (!isNumbered(team, review.data.implementedBy)) return { kind: 'wait' }
    team.point('review:before')
    const said = await team.remote.reviewFeedback({ id: feedback.id, ...review.data })
    if (team.signal.aborted) return { kind: 'halt', halt: STOPPED }
    team.point('review:after')
    const ours = { status: review.data.status, seq: change.seq }
    return settleReview(team, report, { id: feedback.id, skillId: feedback.skill_id }, ours, said)
  })
}

function settleReview(
  team: Team,
  report: PushReport,
  feedback: { id: string; skillId: string },
  ours: { status: string; seq: number },
  said: Reviewed | RegistryFailure,
): Step {
  switch (said.kind) {
    case 'updated':
      report.sent += 1
      return {
        kind: 'done',
        point: 'review:acknowledged',
        also: () => awaitEcho(team.library, team.tenantId, 'skill_feedback', feedback.id),
      }
    case 'identical':
      report.sent += 1
      return {
        kind: 'done',
        point: 'review:acknowledged',
        also: () => takeRemoteTime(team.library, 'skill_feedback', feedback.id),
      }
    case 'moved':
      report.behind = true
      return {
        kind: 'done',
        point: 'review:acknowledged',
        also: () => {
          // One that was put on top of it has written over what we had read of theirs: it is read again.
          if (pendingOf(team.library, 'feedback', feedback.id).review) readAgain(team.library, team.tenantId)
          acknowledge(team.library, 'feedback', feedback.id, 'review', Number.MAX_SAFE_INTEGER)
          takeRemoteTime(team.library, 'skill_feedback', feedback.id)
          tellReview(team, feedback, ours, said.status)
          team.library.run('UPDATE skill_feedback SET status = ? WHERE id = ?', said.status, feedback.id)
          team.changed(['feedback'], [feedback.skillId])
        },
      }
    case 'missing':
      report.behind = true
      return { kind: 'stale', parked: PARKED.missing }
    case 'forbidden':
      return { kind: 'park', parked: PARKED.reviewForbidden }
    default:
      return failed(said, PARKED.reviewForbidden)
  }
}

/** `done`: it leaves the queue, in one transaction with `also`. `wait`: what it needs is not there yet. */
type Step =
  | { kind: 'done'; also?: () => void; point?: 'publish:acknowledged' | 'review:acknowledged' }
  | { kind: 'wait' }
  /** What it is about is not there (any more): read first. Parked the second time. */
  | { kind: 'stale'; parked: Parked }
  | { kind: 'park'; parked: Parked }
  | { kind: 'halt'; halt: Halt }

/** A refusal that is about this one change parks it; anything else halts. */
function failed(failure: RegistryFailure, forbidden: Parked): Step {
  if (failure.kind === 'denied' && (failure.code === 'WS403' || failure.code === '42501'))
    return { kind: 'park', parked: forbidden }
  if (failure.kind === 'refused') return { kind: 'park', parked: refused(failure.code, failure.message) }
  return { kind: 'halt', halt: { kind: 'failed', failed: { from: 'registry', failure } } }
}

async function oneByOne(
  team: Team,
  entity: QueuedEntity,
  of: 'publish' | 'review',
  step: (change: OutboxRecord) => Promise<Step>,
): Promise<Halt | undefined> {
  const { library, tenantId } = team
  let after = 0
  let storeHalt: Halt | undefined
  const waiting = new Set<string>()
  for (;;) {
    if (team.signal.aborted) return STOPPED
    const change = listDue(library, tenantId, entity, of, after, 1)[0]
    if (!change) return storeHalt
    after = change.seq
    // The next one of the same row was made after it: it waits as well.
    if (waiting.has(change.entity_id)) continue
    const said = await step(change)
    const done: Step = said.kind === 'stale' && isStale(change) ? { kind: 'park', parked: said.parked } : said
    switch (done.kind) {
      case 'done':
        library.write(() => {
          library.run('DELETE FROM outbox WHERE seq = ?', change.seq)
          done.also?.()
        })
        if (done.point) team.point(done.point)
        break
      case 'wait':
        waiting.add(change.entity_id)
        break
      case 'stale':
        waiting.add(change.entity_id)
        library.write(() => markStale(library, [change.seq]))
        break
      case 'park':
        library.write(() => park(library, entity, change.entity_id, of, change.seq, done.parked))
        team.log('warning', `${entity} ${change.entity_id}: ${done.parked.reason}`)
        break
      case 'halt':
        if (done.halt.kind === 'failed') library.write(() => postpone(library, [change.seq], team.clock()))
        // What the store does not do now concerns this one alone.
        if (!isFailure(done.halt, 'store')) return done.halt
        storeHalt = done.halt
        waiting.add(change.entity_id)
        break
      default:
        done satisfies never
    }
    team.changed(['sync'])
  }
}
