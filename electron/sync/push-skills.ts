import { plainLine } from '../../shared/domain/rows/text.ts'
import { awaitEcho } from '../library/awaited-rows.ts'
import { takeRemoteTime } from '../library/mirror.ts'
import { renameAway } from '../library/mirror-skills.ts'
import { enqueue, parkSkill } from '../library/outbox.ts'
import type { SkillRecord } from '../library/schema.ts'
import { findSkill } from '../library/skills.ts'
import { noteRemoteSkill, remoteSkillSeq } from '../library/sync-states.ts'
import { PARKED, refused } from './problems.ts'
import type { PushReport } from './push.ts'
import { pushPages, type Sendable, type Settled } from './push-pages.ts'
import type { PushedSkill, SkillToPush } from './remote.ts'
import type { Halt, Team } from './team.ts'
import { tellDeletedSkill, tellSlug } from './tell.ts'

export const pushSkills = (team: Team, report: PushReport): Promise<Halt | undefined> =>
  pushPages<SkillToPush, PushedSkill>(team, report, {
    entity: 'skill',
    of: 'put',
    forbidden: PARKED.skillForbidden,
    points: { before: 'skills:before', after: 'skills:after', done: 'skills:acknowledged' },
    prepare: change => {
      const skill = findSkill(team.library, change.entity_id)
      if (!skill) return { kind: 'gone' }
      if (team.role() === 'reader') return { kind: 'park', parked: PARKED.reader }
      return { kind: 'send', row: toPush(team, skill) }
    },
    send: rows => team.remote.pushSkills(rows),
    settle: (sent, mine) => settle(team, sent, mine),
  })

function toPush(team: Team, skill: SkillRecord): SkillToPush {
  const seq = remoteSkillSeq(team.library, skill.id)
  // A skill that was copied from another space: the registry does not know that one.
  const from = skill.forked_from_id === null ? undefined : findSkill(team.library, skill.forked_from_id)
  const known =
    from !== undefined && from.tenant_id === team.tenantId && remoteSkillSeq(team.library, from.id) !== undefined
  return {
    id: skill.id,
    slug: skill.slug,
    name: plainLine(skill.name),
    description: skill.description,
    category: skill.category === null ? null : plainLine(skill.category),
    tags: skill.tags,
    status: skill.status,
    visibility: skill.visibility,
    forked_from_id: known ? skill.forked_from_id : null,
    forked_at_version_id: known ? skill.forked_at_version_id : null,
    ...(seq === undefined ? {} : { expected_seq: seq }),
  }
}

function settle(team: Team, sent: PushedSkill, mine: Sendable<SkillToPush>): Settled {
  const { library } = team
  switch (sent.state) {
    case 'inserted':
    case 'updated':
    case 'identical':
      if (sent.state === 'identical') takeRemoteTime(library, 'skills', sent.id)
      else awaitEcho(library, team.tenantId, 'skills', sent.id)
      noteRemoteSkill(library, sent.id, sent.seq ?? 0)
      return { kind: 'done' }
    case 'conflict':
      // Somebody changed it since we read it: what we did not touch is theirs, so read first.
      return { kind: 'again' }
    case 'forbidden':
      return { kind: 'park', parked: PARKED.skillForbidden }
    case 'deleted':
      library.run('DELETE FROM remote_skills WHERE skill_id = ?', sent.id)
      parkSkill(library, sent.id, PARKED.deleted)
      tellDeletedSkill(team, sent.id)
      return { kind: 'park', parked: PARKED.deleted }
    case 'slug_taken':
      return rename(team, mine, sent.other_id)
    case 'refused':
      return { kind: 'park', parked: refused(sent.code, sent.reason) }
    default:
      return sent satisfies never
  }
}

/** The later one of two skills gets the next free name, here and in the queue at once. */
function rename(team: Team, mine: Sendable<SkillToPush>, otherId: string | null): Settled {
  const { library, tenantId } = team
  const skill = findSkill(library, mine.id)
  // Renamed here meanwhile: that name is tried.
  if (!skill || skill.slug !== mine.row.slug) return { kind: 'again' }
  const { from, least } = renamedFrom(team, skill)
  const to = renameAway(library, skill, from, least)
  tellSlug(team, { skillId: skill.id, from, to, otherId: otherId ?? '' })
  enqueue(library, {
    tenantId,
    skillId: skill.id,
    entity: 'skill',
    entityId: skill.id,
    operation: 'update',
    payload: { slug: to },
    now: team.clock(),
  })
  team.changed(['skills'], [skill.id])
  return { kind: 'again' }
}

/** After `name-2` comes `name-3`, where it was we who gave it that name; what was told of it is told anew. */
function renamedFrom(team: Team, skill: SkillRecord): { from: string; least: number } {
  const told = team.library.find<{ id: string; slug: string }>(
    `SELECT id, json_extract(detail, '$.from') AS slug FROM conflicts
     WHERE skill_id = ? AND kind = 'slug' AND json_extract(detail, '$.to') = ?`,
    skill.id,
    skill.slug,
  )
  if (!told) return { from: skill.slug, least: 2 }
  team.library.run('DELETE FROM conflicts WHERE id = ?', told.id)
  return { from: told.slug, least: Number(skill.slug.slice(skill.slug.lastIndexOf('-') + 1)) + 1 }
}
