import { z } from 'zod'
import { findSkillMd } from '../../shared/domain/bundle.ts'
import { isSlug } from '../../shared/domain/slug.ts'
import { decodeText } from '../../shared/domain/text.ts'
import { findBlob } from '../library/blobs.ts'
import { addConflict, findConflict, resolveConflict } from '../library/conflicts.ts'
import { enqueue } from '../library/outbox.ts'
import { findRatingById, upsertRating } from '../library/ratings.ts'
import type { SkillRecord } from '../library/schema.ts'
import type { ConflictRecord } from '../library/schema-local.ts'
import { findSkill, findSkillBySlug, setPublished, setStatus } from '../library/skills.ts'
import { findManifest, findVersion } from '../library/versions.ts'
import type { Context } from './context.ts'
import { decideDeletedRow, decideDeletedSkill } from './decide-deleted.ts'

export type Decision = { id: string; choice: string; name?: string | undefined }
export type Decided =
  | { kind: 'done'; skillId: string | null }
  /** It was decided before, or is not so any more. */
  | { kind: 'gone' }
  | { kind: 'taken' }
  | { kind: 'unnamed'; reason: string }

/** Does what was chosen, in one transaction with what is queued for it. The keys are those of sync/tell.ts and conflicts.ts. */
export function decideConflict(context: Context, decision: Decision): Decided {
  return context.library.write((): Decided => {
    const computed = COMPUTED.exec(decision.id)
    if (computed) return dismiss(context, decision, computed)
    const row = findConflict(context.library, decision.id)
    const offered: { key: string }[] = row ? JSON.parse(row.choices) : []
    if (!row || row.resolved_at !== null || !offered.some(each => each.key === decision.choice)) return { kind: 'gone' }
    const decided = decideNoted(context, row, decision)
    // What was discarded is marked so by itself: that mark is what lets its versions go.
    if (decided.kind === 'done') resolveConflict(context.library, row.id, decision.choice, context.clock())
    return decided
  })
}

const COMPUTED = /^(diverged|overtaken):([^:]+):([^:]+)$/

/** Not a row until somebody says that it is all right so. */
function dismiss(context: Context, { id, choice }: Decision, [, kind, one = '', other = '']: RegExpExecArray): Decided {
  const { library } = context
  const version = findVersion(library, other)
  const wanted = kind === 'diverged' ? 'leave' : 'goOn'
  const isHere = findVersion(library, one) !== undefined || (kind === 'overtaken' && one === version?.skill_id)
  if (!version || !isHere || choice !== wanted) return { kind: 'gone' }
  const now = context.clock()
  addConflict(library, {
    ...{ id, at: now, happened: '', kept: '', choices: [] },
    tenantId: version.tenant_id,
    kind: kind === 'diverged' ? 'diverged' : 'overtaken',
    skillId: version.skill_id,
  })
  return resolveConflict(library, id, choice, now) ? { kind: 'done', skillId: version.skill_id } : { kind: 'gone' }
}

function decideNoted(context: Context, row: ConflictRecord, { choice, name }: Decision): Decided {
  const done: Decided = { kind: 'done', skillId: row.skill_id }
  const skill = row.skill_id === null ? undefined : findSkill(context.library, row.skill_id)
  switch (`${row.kind}/${choice}`) {
    case 'published/publish':
      return skill ? publishOurs(context, skill, row) : { kind: 'gone' }
    case 'slug/rename':
      return skill ? rename(context, skill, name) : { kind: 'gone' }
    case 'rating/theirs':
      return takeTheirRating(context, row)
    case 'archived/unarchive':
      return skill ? unarchive(context, skill) : { kind: 'gone' }
    case 'deleted/again':
    case 'deleted/personal':
    case 'deleted/discard':
      if (row.entity !== 'skill') return decideDeletedRow(context, row, choice)
      return skill ? decideDeletedSkill(context, row, skill, choice) : { kind: 'gone' }
    default:
      // 'seen', 'leave', 'keep': what is, stays.
      return done
  }
}

const pointers = z.object({ ours: z.string().nullable(), theirs: z.string().nullable() })

/** Once more from where theirs is now; where it moved on since, that is told anew. */
function publishOurs(context: Context, skill: SkillRecord, row: ConflictRecord): Decided {
  const { library } = context
  const { ours } = pointers.parse(JSON.parse(row.detail))
  const expected = skill.published_version_id
  const now = context.clock()
  if (expected === ours) return { kind: 'done', skillId: skill.id }
  if (!setPublished(library, skill.id, ours, expected, ours === null ? null : skillMdOf(context, ours), now))
    return { kind: 'gone' }
  enqueue(library, {
    ...{ skillId: skill.id, entity: 'skill', entityId: skill.id, operation: 'publish', now },
    tenantId: skill.tenant_id,
    payload: { versionId: ours, expected },
  })
  return { kind: 'done', skillId: skill.id }
}

function skillMdOf({ library }: Context, versionId: string): string | null {
  const version = findVersion(library, versionId)
  const file = version && findSkillMd(findManifest(library, version.content_hash) ?? [])
  const found = file && findBlob(library, file.sha256)
  const decoded = found?.kind === 'found' ? decodeText(found.bytes) : undefined
  return decoded?.kind === 'text' ? decoded.text : null
}

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/

function rename(context: Context, skill: SkillRecord, name: string | undefined): Decided {
  const { library } = context
  const slug = name?.trim() ?? ''
  if (!SLUG.test(slug) || !isSlug(slug))
    return { kind: 'unnamed', reason: 'A name has small letters, digits and single hyphens.' }
  const taken = findSkillBySlug(library, skill.tenant_id, slug)
  if (taken && taken.id !== skill.id) return { kind: 'taken' }
  const now = context.clock()
  library.run('UPDATE skills SET slug = ?, updated_at = ? WHERE id = ?', slug, now, skill.id)
  queueSkill(context, skill, { slug })
  return { kind: 'done', skillId: skill.id }
}

function unarchive(context: Context, skill: SkillRecord): Decided {
  const status = skill.published_version_id === null ? 'draft' : 'published'
  setStatus(context.library, skill.id, status, context.clock())
  queueSkill(context, skill, { status })
  return { kind: 'done', skillId: skill.id }
}

function queueSkill({ library, clock }: Context, skill: SkillRecord, payload: object): void {
  enqueue(library, {
    ...{ skillId: skill.id, entity: 'skill', entityId: skill.id, operation: 'update', now: clock() },
    tenantId: skill.tenant_id,
    payload,
  })
}

const given = z.object({
  theirs: z.object({ rating: z.int(), comment: z.string().nullable(), hoursSaved: z.number().nullable() }),
})

function takeTheirRating(context: Context, row: ConflictRecord): Decided {
  const { library } = context
  const rating = row.entity_id === null ? undefined : findRatingById(library, row.entity_id)
  if (!rating) return { kind: 'gone' }
  const { theirs } = given.parse(JSON.parse(row.detail))
  const now = context.clock()
  upsertRating(library, {
    ...rating,
    rating: theirs.rating,
    comment: theirs.comment,
    hours_saved_estimate: theirs.hoursSaved,
    updated_at: now,
  })
  enqueue(library, {
    ...{ skillId: rating.skill_id, entity: 'rating', entityId: rating.id, operation: 'update', payload: theirs, now },
    tenantId: rating.tenant_id,
  })
  return { kind: 'done', skillId: rating.skill_id }
}
