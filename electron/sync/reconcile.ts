import { listOpenConflicts } from '../library/conflicts.ts'
import { findRow, MIRRORED, MIRRORED_NAMES, type MirroredName, pendingOf, type RemoteRow } from '../library/mirror.ts'
import { unnumberVersion } from '../library/mirror-versions.ts'
import { enqueue, listOfEntity, parkSkill, type QueuedEntity } from '../library/outbox.ts'
import { forgetThere } from '../library/remote-content.ts'
import type { VersionRecord } from '../library/schema.ts'
import { findSkill } from '../library/skills.ts'
import { findSyncState, updateSyncState } from '../library/sync-states.ts'
import { setPointer } from './pointer.ts'
import { PARKED } from './problems.ts'
import type { Team } from './team.ts'
import { tellRolledBack } from './tell.ts'

/**
 * The registry was put back to an older state (another epoch, or a log that is not the one we read). Nothing is deleted
 * here for that. Everything is read from the start while what comes is noted; what we have and it has not is then sent
 * again, as far as it is ours, and kept and told where it is somebody else's.
 *
 *   beginReconcile: cursor to 0, `reconciling` = 1, nothing is known of the registry  ─► pages, each noted
 *   finishReconcile: what was not seen is queued or kept, `reconciling` = 0            one transaction
 *
 * Both are committed whole, so a crash anywhere goes on with the pages.
 */
export function beginReconcile(team: Team, there: { epoch: string; head: number; announced: boolean }): void {
  const { library, tenantId } = team
  library.write(() => {
    const fromStart = { since: 0, mark: null, known_since: 0, known_mark: null }
    updateSyncState(library, tenantId, { ...fromStart, epoch: there.epoch, head: there.head, reconciling: 1 })
    library.run('DELETE FROM invalid_rows WHERE tenant_id = ? AND replaced = 0', tenantId)
    library.run("DELETE FROM conflicts WHERE tenant_id = ? AND kind = 'invalid'", tenantId)
    for (const table of ['reconcile_seen', 'waiting_rows', 'awaited_rows'])
      library.run(`DELETE FROM ${table} WHERE tenant_id = ?`, tenantId)
    library.run('DELETE FROM remote_skills WHERE skill_id IN (SELECT id FROM skills WHERE tenant_id = ?)', tenantId)
    forgetThere(library, tenantId)
    // Nobody said so, so somebody should ask.
    if (!there.announced)
      tellRolledBack(team, { epoch: there.epoch, place: `${there.head}` }, { mine: 0, others: 0 }, false)
  })
  team.log(
    there.announced ? 'info' : 'warning',
    `The registry has another history than was read (now ${there.head} changes): comparing everything.`,
  )
  team.point('reconcile:begun')
}

export function noteSeen(library: Team['library'], tenantId: string, name: MirroredName, id: string): void {
  library.run('INSERT OR IGNORE INTO reconcile_seen (tenant_id, entity, id) VALUES (?, ?, ?)', tenantId, name, id)
}

/** Whose a row is, by table: only its own author sends it again. */
const OWNER: Partial<Record<MirroredName, string>> = {
  skills: 'author_id',
  skill_versions: 'created_by',
  ratings: 'user_id',
  skill_feedback: 'user_id',
  token_measurements: 'user_id',
  usage_events: 'user_id',
  benchmark_runs: 'triggered_by',
}

export function finishReconcile(team: Team): void {
  const { library, tenantId } = team
  team.point('reconcile:finishing')
  const lost = { mine: 0, others: 0 }
  const epoch = findSyncState(library, tenantId)?.epoch ?? ''
  library.write(() => {
    for (const name of MIRRORED_NAMES) {
      const entity = MIRRORED[name].entity
      if (entity !== null) sendAgain(team, name, entity, lost)
    }
    keepPublishes(team)
    sendPointersAgain(team)
    // Deleted there as the empty one that it was then: its author decides first.
    for (const { kind, entity, entity_id } of listOpenConflicts(library, tenantId))
      if (kind === 'deleted' && entity === 'skill' && entity_id !== null) parkSkill(library, entity_id, PARKED.deleted)
    library.run('DELETE FROM reconcile_seen WHERE tenant_id = ?', tenantId)
    updateSyncState(library, tenantId, { reconciling: 0 })
    if (lost.mine + lost.others > 0) tellRolledBack(team, { epoch, place: 'lost' }, lost, true)
  })
  team.log('info', `Compared with the registry: ${lost.mine} of ours go again, ${lost.others} of others are kept here.`)
  team.point('reconcile:done')
}

/** Another version has its number there now: ours goes again, and remembers what it was called. */
export function sendDisplaced(team: Team, version: VersionRecord): void {
  if (version.created_by !== team.userId || hasAnyPending(team.library, 'version', version.id)) return
  enqueue(team.library, {
    tenantId: team.tenantId,
    skillId: version.skill_id,
    entity: 'version',
    entityId: version.id,
    operation: 'insert',
    payload: { was: version.version },
    now: team.clock(),
  })
}

type Unseen = { id: string; skill_id: string | null; mine: number; version: number | null }

/** Rows of one table that were acknowledged once and that the registry lacks now. */
function sendAgain(team: Team, name: MirroredName, entity: QueuedEntity, lost: { mine: number; others: number }): void {
  const { library, tenantId, userId } = team
  const owner = OWNER[name]
  const ofRun = (column: string) => `(SELECT r.${column} FROM benchmark_runs r WHERE r.id = t.run_id)`
  const skill = name === 'skills' ? 't.id' : name === 'benchmark_results' ? ofRun('skill_id') : 't.skill_id'
  const mine =
    name === 'benchmark_results'
      ? `${ofRun('triggered_by')} IS @userId`
      : owner === undefined
        ? '1'
        : `t.${owner} IS @userId`
  const unseen = library.all<Unseen>(
    `SELECT t.id, ${skill} AS skill_id, ${mine} AS mine, ${name === 'skill_versions' ? 't.version' : 'NULL'} AS version
     FROM ${name} t WHERE t.tenant_id = @tenantId
       AND NOT EXISTS (SELECT 1 FROM reconcile_seen s WHERE s.tenant_id = t.tenant_id AND s.entity = '${name}' AND s.id = t.id)
     ORDER BY ${name === 'skill_versions' ? 't.version, t.created_at,' : ''} t.rowid`,
    { tenantId, userId },
  )
  for (const row of unseen) {
    if (row.version !== null) unnumberVersion(library, row.id)
    if (row.mine === 0) {
      lost.others += 1
      continue
    }
    if (name === 'skills') publishAgain(team, row.id)
    const pending = pendingOf(library, entity, row.id)
    // One whose acknowledgement is still to come goes anyway.
    if (!pending.put) {
      lost.mine += 1
      const payload = row.version === null ? {} : { was: row.version }
      const queued = { tenantId, skillId: row.skill_id, entity, entityId: row.id, payload, now: team.clock() }
      enqueue(library, { ...queued, operation: 'insert' })
    }
    const feedback = name === 'skill_feedback' && !pending.review ? findRow(library, name, row.id) : undefined
    if (feedback?.reviewed_by === userId && feedback.status !== 'pending') queueReview(team, feedback, 'pending')
  }
}

/** A skill that the registry lost begins there without a pointer: what was published of it is published again. */
function publishAgain({ library, tenantId, clock }: Team, skillId: string): void {
  const first = listOfEntity(library, 'skill', skillId).find(row => row.operation === 'publish')
  if (first) {
    library.run("UPDATE outbox SET payload = json_set(payload, '$.expected', NULL) WHERE seq = ?", first.seq)
    return
  }
  const versionId = findSkill(library, skillId)?.published_version_id ?? null
  if (versionId === null) return
  enqueue(library, {
    ...{ tenantId, skillId, entity: 'skill', entityId: skillId, operation: 'publish', now: clock() },
    payload: { versionId, expected: null },
  })
}

/**
 * A row that the registry has in an older state than we know it acknowledged: what was ours of it is queued again, before
 * the row is taken, so that it stays. Both times are the registry's, for nothing of ours is pending.
 */
export function keepLater(team: Team, name: MirroredName, row: RemoteRow): void {
  const { library, tenantId, userId } = team
  const entity = MIRRORED[name].entity
  if (entity === null || name === 'skill_versions') return
  if (name === 'skills') followPointer(team, row)
  const local = findRow(library, name, String(row.id))
  if (!local || local.tenant_id !== tenantId || hasAnyPending(library, entity, String(row.id))) return
  const skillId = name === 'skills' ? String(row.id) : typeof local.skill_id === 'string' ? local.skill_id : null
  const again = (operation: 'update' | 'publish' | 'review', payload: unknown) =>
    enqueue(library, { tenantId, skillId, entity, entityId: String(row.id), operation, payload, now: team.clock() })
  const later = Number(local.updated_at ?? 0) > Number(row.updated_at ?? 0)
  switch (name) {
    case 'skills': {
      if (local.author_id !== userId) return
      const { slug, category, tags, status } = local
      if (later) again('update', { slug, category, tags, status })
      // Another computer of ours sent it again, as it knew it: a pointer that is not there was not taken back.
      const anew = local.created_at !== row.created_at && row.published_version_id === null
      // Where the registry has lost what was published; whether it has is known at the end (`keepPublishes`).
      if (local.published_version_id !== row.published_version_id)
        again('publish', {
          versionId: local.published_version_id,
          expected: row.published_version_id,
          there: row.published_version_id,
          onlyIfLost: !later && !anew,
        })
      return
    }
    case 'skill_feedback': {
      if (!later) return
      if (local.user_id === userId && local.status === 'pending') again('update', {})
      if (local.reviewed_by === userId && local.status !== row.status) queueReview(team, local, row.status)
      return
    }
    case 'ratings':
      if (later && local.user_id === userId) again('update', {})
      return
    case 'benchmark_cases':
      if (later) again('update', {})
      return
    case 'benchmark_runs':
      if (local.triggered_by === userId && local.status !== row.status && !ENDED.includes(String(row.status)))
        again('update', {})
      return
    default:
      return
  }
}

/** Our last review of it, from the state in which the registry has it. */
function queueReview({ library, tenantId, clock }: Team, feedback: RemoteRow, from: RemoteRow[string] = null): void {
  const review = (payload: object) =>
    enqueue(library, {
      ...{ tenantId, skillId: String(feedback.skill_id), entity: 'feedback', entityId: String(feedback.id) },
      ...{ operation: 'review', payload, now: clock() },
    })
  const viaAccepted = from === 'pending' && feedback.status === 'implemented'
  if (viaAccepted) review({ expected: 'pending', status: 'accepted', notes: null, implementedBy: null })
  const said = { notes: feedback.review_notes, implementedBy: feedback.implemented_by_version_id }
  review({ expected: viaAccepted ? 'accepted' : from, status: feedback.status, ...said })
}

/** Feedback that the registry lost, and has anew from whoever gave it, begins unreviewed: we say again what we had said. */
export function reviewAgain(team: Team, row: RemoteRow): void {
  const { library, tenantId, userId } = team
  const local = row.status === 'pending' ? findRow(library, 'skill_feedback', String(row.id)) : undefined
  const isOurs = local?.tenant_id === tenantId && local.reviewed_by === userId && local.status !== 'pending'
  if (!local || !isOurs || row.reviewed_by !== null || local.created_at === row.created_at) return
  if (!hasAnyPending(library, 'feedback', String(row.id))) queueReview(team, local, 'pending')
}

const ENDED: readonly string[] = ['completed', 'failed', 'cancelled']

const hasAnyPending = (library: Team['library'], entity: QueuedEntity, id: string): boolean =>
  listOfEntity(library, entity, id).length > 0

/** While the log is read others move the pointer: what stands there at the end is theirs, not what was read first. */
function followPointer({ library }: Team, { id, published_version_id }: RemoteRow): void {
  library.run(
    `UPDATE outbox SET payload = json_set(payload, '$.there', ?) WHERE entity = 'skill' AND entity_id = ?
       AND operation = 'publish' AND json_extract(payload, '$.onlyIfLost') = 1`,
    published_version_id ?? null,
    String(id),
  )
}

/** A pointer to a version that the registry still has was moved there since: theirs stands. */
function keepPublishes(team: Team): void {
  const { library, tenantId } = team
  const moot = library.all<{ seq: number; skill_id: string; there: string | null }>(
    `SELECT o.seq, o.skill_id, json_extract(o.payload, '$.there') AS there FROM outbox o
     WHERE o.tenant_id = ? AND o.operation = 'publish' AND json_extract(o.payload, '$.onlyIfLost') = 1
       AND (json_extract(o.payload, '$.versionId') IS NULL OR EXISTS (SELECT 1 FROM reconcile_seen s
         WHERE s.tenant_id = o.tenant_id AND s.entity = 'skill_versions' AND s.id = json_extract(o.payload, '$.versionId')))`,
    tenantId,
  )
  for (const { seq, skill_id, there } of moot) {
    library.run('DELETE FROM outbox WHERE seq = ?', seq)
    setPointer(team, skill_id, there)
  }
}

/** Skills with versions that have to be numbered again point at those: they are the newest. */
function sendPointersAgain(team: Team): void {
  const { library, tenantId } = team
  library.run(
    `UPDATE skills SET (draft_version_id, name, description) = (SELECT v.id, v.name, v.description FROM skill_versions v
         WHERE v.skill_id = skills.id ORDER BY v.version IS NOT NULL, v.version DESC, v.created_at DESC, v.id LIMIT 1)
     WHERE tenant_id = ? AND id IN (SELECT skill_id FROM skill_versions WHERE tenant_id = ? AND version IS NULL)`,
    tenantId,
    tenantId,
  )
}
