import { plainRow } from '../../shared/domain/rows/gate.ts'
import { awaitEcho } from '../library/awaited-rows.ts'
import { findRow, type MirroredName, type RemoteRow, takeRemoteTime } from '../library/mirror.ts'
import { renameRating } from '../library/mirror-rows.ts'
import type { QueuedEntity } from '../library/outbox.ts'
import type { OutboxRecord } from '../library/schema-local.ts'
import { remoteSkillSeq } from '../library/sync-states.ts'
import { findVersion } from '../library/versions.ts'
import { sendCaseFiles } from './case-files.ts'
import { isDangling, PARKED, refused } from './problems.ts'
import type { PushReport } from './push.ts'
import { type Prepared, pushPages, type Sendable, type Settled } from './push-pages.ts'
import type { PushableTable, PushedRow, RowToPush } from './remote.ts'
import type { Halt, Team } from './team.ts'
import { tellDeletedRow } from './tell.ts'

type Plain = Exclude<QueuedEntity, 'skill' | 'version'>
type Kind = { table: MirroredName; push: PushableTable; authorsOnly: boolean }

export const PLAIN: Record<Plain, Kind> = {
  rating: { table: 'ratings', push: 'ratings', authorsOnly: false },
  feedback: { table: 'skill_feedback', push: 'feedback', authorsOnly: false },
  measurement: { table: 'token_measurements', push: 'measurements', authorsOnly: false },
  usage_event: { table: 'usage_events', push: 'usage_events', authorsOnly: false },
  benchmark_case: { table: 'benchmark_cases', push: 'benchmark_cases', authorsOnly: true },
  benchmark_run: { table: 'benchmark_runs', push: 'benchmark_runs', authorsOnly: true },
  benchmark_result: { table: 'benchmark_results', push: 'benchmark_results', authorsOnly: true },
}

/** Rows that need no more than to be there: what the registry decides of them it ignores in what is sent. */
export function pushPlain(team: Team, report: PushReport, entity: Plain): Promise<Halt | undefined> {
  const kind = PLAIN[entity]
  return pushPages<RowToPush, PushedRow>(team, report, {
    entity,
    of: 'put',
    forbidden: kind.authorsOnly && team.role() === 'reader' ? PARKED.reader : PARKED.rowForbidden,
    points: { before: 'rows:before', after: 'rows:after', done: 'rows:acknowledged' },
    prepare: change => prepare(team, kind, change),
    ...(entity === 'benchmark_case' && { before: page => sendCaseFiles(team, page) }),
    send: rows => team.remote.pushRows(kind.push, rows),
    settle: (sent, mine) => settle(team, entity, sent, mine),
  })
}

/** A row goes once what it refers to is there. */
function prepare(team: Team, kind: Kind, change: OutboxRecord): Prepared<RowToPush> {
  const row = findRow(team.library, kind.table, change.entity_id)
  if (!row) return { kind: 'gone' }
  if (kind.authorsOnly && team.role() === 'reader') return { kind: 'park', parked: PARKED.reader }
  if (!isThere(team, row)) return { kind: 'wait' }
  return { kind: 'send', row: { ...plainRow(kind.table, row), id: change.entity_id } }
}

function isThere(team: Team, row: RemoteRow): boolean {
  const { library } = team
  if (typeof row.skill_id === 'string' && remoteSkillSeq(library, row.skill_id) === undefined) return false
  const version = row.skill_version_id
  if (typeof version === 'string' && (findVersion(library, version)?.version ?? null) === null) return false
  const waits = (id: unknown, entity: QueuedEntity): boolean =>
    typeof id === 'string' &&
    library.find(
      "SELECT 1 FROM outbox WHERE entity_id = ? AND entity = ? AND operation IN ('insert', 'update')",
      id,
      entity,
    ) !== undefined
  return (
    !waits(row.run_id, 'benchmark_run') &&
    !waits(row.case_id, 'benchmark_case') &&
    !waits(row.source_feedback_id, 'feedback')
  )
}

function settle(team: Team, entity: Plain, sent: PushedRow, mine: Sendable<RowToPush>): Settled {
  const { library, tenantId } = team
  const { table } = PLAIN[entity]
  switch (sent.state) {
    case 'inserted':
    case 'updated':
    case 'identical':
      // What was said is what was there: so is when it was said.
      if (sent.state === 'identical') takeRemoteTime(library, table, mine.id)
      else awaitEcho(library, tenantId, table, sent.stored_id)
      if (entity !== 'rating' || sent.stored_id === sent.id) return { kind: 'done' }
      // There is one a user and version: the registry's id is the one that stays, also for what was queued meanwhile.
      return { kind: 'done', afterwards: () => renameRating(library, sent.id, sent.stored_id) }
    case 'conflict':
      return { kind: 'park', parked: PARKED.rowConflict }
    case 'deleted': {
      const skillId = typeof mine.row.skill_id === 'string' ? mine.row.skill_id : null
      tellDeletedRow(team, { table, entity, id: mine.id, skillId })
      return { kind: 'park', parked: PARKED.deleted }
    }
    case 'refused':
      return { kind: isDangling(sent.code) ? 'stale' : 'park', parked: refused(sent.code, sent.reason) }
    default:
      return sent satisfies never
  }
}
