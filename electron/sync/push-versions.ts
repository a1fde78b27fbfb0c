import { awaitEcho } from '../library/awaited-rows.ts'
import { numberFirst } from '../library/mirror-versions.ts'
import type { VersionRecord } from '../library/schema.ts'
import { findSkill } from '../library/skills.ts'
import { remoteSkillSeq } from '../library/sync-states.ts'
import { findVersion } from '../library/versions.ts'
import { isDangling, PARKED, PROBLEMS, refused } from './problems.ts'
import type { PushReport } from './push.ts'
import { type Prepared, pushPages, type Sendable, type Settled } from './push-pages.ts'
import type { PushedVersion, VersionToPush } from './remote.ts'
import { sendContent } from './send-content.ts'
import type { Halt, Team } from './team.ts'
import { tellRewritten } from './tell.ts'

export async function pushVersions(team: Team, report: PushReport): Promise<Halt | undefined> {
  const store = team.remote.blobs
  const isReader = team.role() === 'reader'
  return await pushPages<VersionToPush, PushedVersion>(team, report, {
    entity: 'version',
    of: 'put',
    forbidden: PARKED.reader,
    points: { before: 'versions:before', after: 'versions:after', done: 'versions:acknowledged' },
    prepare: (change, ahead) => prepare(team, findVersion(team.library, change.entity_id), isReader, ahead),
    before: async page => {
      if (!store) return { unsendable: new Map(), halt: { kind: 'ask', problem: PROBLEMS.noStorage } }
      const versions = page.map(one => one.row)
      return await sendContent(team, store, versions)
    },
    send: rows => team.remote.pushVersions(rows),
    settle: (sent, mine) => settle(team, sent, mine),
  })
}

/** A version goes once its skill is there and its parents are, or go before it. */
function prepare(
  team: Team,
  version: VersionRecord | undefined,
  isReader: boolean,
  ahead: ReadonlySet<string>,
): Prepared<VersionToPush> {
  if (!version) return { kind: 'gone' }
  if (version.version !== null) return { kind: 'gone' }
  if (isReader) return { kind: 'park', parked: PARKED.reader }
  if (remoteSkillSeq(team.library, version.skill_id) === undefined) return { kind: 'wait' }
  const isThere = (id: string | null) =>
    id === null || ahead.has(id) || (findVersion(team.library, id)?.version ?? null) !== null
  if (!isThere(version.parent_version_id) || !isThere(version.merged_version_id)) return { kind: 'wait' }
  const { id, skill_id, parent_version_id, merged_version_id, content_hash, content_type } = version
  const { name, description, message, metadata } = version
  return {
    kind: 'send',
    row: {
      id,
      skill_id,
      parent_version_id,
      merged_version_id,
      content_hash,
      content_type,
      name,
      description,
      message,
      metadata,
    },
  }
}

function settle(team: Team, sent: PushedVersion, mine: Sendable<VersionToPush>): Settled {
  switch (sent.state) {
    case 'inserted':
    case 'identical':
      return number(team, sent, mine)
    case 'conflict':
      tellRewritten(team, sent.id, ['content_hash'])
      return { kind: 'park', parked: PARKED.versionConflict }
    case 'refused':
      return { kind: isDangling(sent.code) ? 'stale' : 'park', parked: refused(sent.code, sent.reason) }
    default:
      return sent satisfies never
  }
}

/** Believed only where the echo names the content that was sent, and a number that is free here. */
function number(
  team: Team,
  sent: Exclude<PushedVersion, { state: 'refused' }>,
  mine: Sendable<VersionToPush>,
): Settled {
  const { library, tenantId } = team
  if (sent.content_hash !== mine.row.content_hash) {
    tellRewritten(team, sent.id, ['content_hash'])
    return { kind: 'park', parked: PARKED.unlike }
  }
  const holder = library.find<{ id: string }>(
    'SELECT id FROM skill_versions WHERE skill_id = ? AND version = ? AND id <> ?',
    mine.row.skill_id,
    sent.version,
    sent.id,
  )
  // The registry counts anew: it was put back, and the next pull tells. Until then this one waits.
  if (holder) return { kind: 'again' }
  const was = previousNumber(mine.payload)
  numberFirst(library, sent.id, sent.version, sent.created_at)
  if (was !== undefined && was !== sent.version)
    team.log('info', `${findSkill(library, mine.row.skill_id)?.name}: v${was} became v${sent.version}.`)
  if (sent.state === 'inserted') awaitEcho(library, tenantId, 'skill_versions', sent.id)
  team.changed(['versions', 'skills'], [mine.row.skill_id])
  return { kind: 'done' }
}

/** What it was called before the registry lost it. */
function previousNumber(queued: string): number | undefined {
  const payload: unknown = queued === '{}' ? {} : JSON.parse(queued)
  const was = typeof payload === 'object' && payload !== null && 'was' in payload ? payload.was : undefined
  return typeof was === 'number' ? was : undefined
}
