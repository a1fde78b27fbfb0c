import type { Library } from './library.ts'
import { missingReference, type Pending, pendingOf, putRow, type RemoteRow } from './mirror.ts'
import type { SkillRecord } from './schema.ts'
import { findSkill, findSkillBySlug } from './skills.ts'
import { noteRemoteSkill } from './sync-states.ts'
import { findVersion } from './versions.ts'

export type Renamed = { skillId: string; from: string; to: string; otherId: string }
export type PutSkill =
  | {
      kind: 'put'
      renamed: Renamed | undefined
      archived: boolean
      /** A pointer's version that has not come yet: until then the pointer stays where it was. */
      lacks: string | undefined
      /** A pointer to another skill's version, which cannot be. It stays too. */
      astray: (typeof POINTERS)[number] | undefined
    }
  | { kind: 'waits'; for: string }
  | { kind: 'foreign' }

const INSERTED: readonly string[] = ['slug', 'name', 'description', 'category', 'tags', 'visibility']
const NAMED: readonly string[] = ['name', 'description']

/**
 * A skill as the registry has it now; what was changed here and is still queued stays as it is here. Pointers follow the
 * registry unless a publish of ours is under way, or a version of ours is newer than any that it has numbered.
 */
export function putSkill(
  library: Library,
  row: RemoteRow,
  { tenantId, seq, reconciling }: { tenantId: string; seq: number; reconciling: boolean },
): PutSkill {
  const waits = missingReference(library, 'skills', row, tenantId)
  if (waits !== undefined) return { kind: 'waits', for: waits }
  const id = String(row.id)
  const local = findSkill(library, id)
  if (local && local.tenant_id !== tenantId) return { kind: 'foreign' }
  const pending = pendingOf(library, 'skill', id)
  const keep = local ? keptColumns(library, local, row, pending) : []
  const followed = POINTERS.filter(pointer => !keep.includes(pointer))
  const lacks = followed.find(pointer => placeOf(library, id, row[pointer]) === 'missing')
  const said = withoutMissing(library, row, local)
  // None is ever deleted: a registry that was put back is compared with, and until that is done it stays here.
  if (!reconciling && !keep.includes('draft_version_id') && losesNewest(library, row, local))
    keep.push('draft_version_id', ...NAMED)
  const astray = followed.find(pointer => placeOf(library, id, row[pointer]) === 'elsewhere')
  const renamed = keep.includes('slug') ? undefined : freeTheSlug(library, tenantId, id, String(row.slug))
  const status = local ? statusOf(local, said, pending, keep) : said.status
  if (!putRow(library, 'skills', { ...said, status: status ?? null }, tenantId, keep)) return { kind: 'foreign' }
  noteRemoteSkill(library, id, seq)
  return {
    kind: 'put',
    renamed,
    archived: row.status === 'archived' && local !== undefined && local.status !== 'archived',
    lacks: lacks && `skill_versions ${row[lacks]}`,
    astray,
  }
}

const POINTERS = ['draft_version_id', 'published_version_id'] as const

/** Where a pointer leads: to a version of that skill (or nowhere), to none that is here, to one of something else. */
function placeOf(
  library: Library,
  skillId: string,
  versionId: string | number | null | undefined,
): 'here' | 'missing' | 'elsewhere' {
  if (typeof versionId !== 'string') return 'here'
  const version = findVersion(library, versionId)
  if (!version) return 'missing'
  return version.skill_id === skillId ? 'here' : 'elsewhere'
}

/** Whether the registry says that a skill has no newest version, and has numbered one before. */
function losesNewest(library: Library, row: RemoteRow, local: SkillRecord | undefined): boolean {
  if (row.draft_version_id !== null || !local || local.draft_version_id === null) return false
  return typeof findVersion(library, local.draft_version_id)?.version === 'number'
}

/** A pointer never leads to a version that is not here, or not the skill's: it stays, and what goes with it. */
function withoutMissing(library: Library, row: RemoteRow, local: SkillRecord | undefined): RemoteRow {
  let said = row
  const id = String(row.id)
  if (placeOf(library, id, row.draft_version_id) !== 'here') {
    const { name = row.name, description = row.description, draft_version_id = null } = local ?? {}
    said = { ...said, name: name ?? null, description: description ?? null, draft_version_id }
  }
  if (placeOf(library, id, row.published_version_id) !== 'here') {
    const { published_version_id = null, content = null } = local ?? {}
    said = {
      ...said,
      published_version_id,
      content,
      ...(row.status === 'archived' ? {} : { status: published_version_id === null ? 'draft' : 'published' }),
    }
  }
  return said
}

function keptColumns(library: Library, local: SkillRecord, row: RemoteRow, pending: Pending): string[] {
  // With its first version a skill is called as its newest one says, whoever made that.
  const inserted = row.draft_version_id === null ? INSERTED : INSERTED.filter(one => !NAMED.includes(one))
  const keep = pending.insert ? [...inserted] : ['slug', 'category', 'tags'].filter(one => pending.columns.has(one))
  // Where somebody else has moved it, ours comes too late: theirs stands, with its text.
  if (pending.publish && row.published_version_id === pending.publishedFrom)
    keep.push('published_version_id', 'content')
  const newest = local.draft_version_id === null ? undefined : findVersion(library, local.draft_version_id)
  // Ours is not numbered yet: it stays the newest here, for it will be there.
  if (newest && newest.version === null) keep.push('draft_version_id', 'name', 'description')
  // Where a skill was copied from may be in another space, which the registry does not know.
  if (row.forked_from_id === null && local.forked_from_id !== null) keep.push('forked_from_id', 'forked_at_version_id')
  return keep
}

/** Whether it is archived says whoever's word on that counts; what else it is, its pointer. */
function statusOf(
  local: SkillRecord,
  row: RemoteRow,
  pending: Pending,
  keep: readonly string[],
): SkillRecord['status'] {
  const ours = pending.insert || pending.columns.has('status')
  if ((ours ? local : row).status === 'archived') return 'archived'
  const published = keep.includes('published_version_id') ? local.published_version_id : row.published_version_id
  return published === null ? 'draft' : 'published'
}

/** Whoever has that name here gets another one: its own row tells its name if it was renamed there as well. */
function freeTheSlug(library: Library, tenantId: string, id: string, slug: string): Renamed | undefined {
  const other = findSkillBySlug(library, tenantId, slug)
  if (!other || other.id === id) return undefined
  const to = renameAway(library, other, slug, 2)
  const pending = pendingOf(library, 'skill', other.id)
  // The registry's own names are unique, so an acknowledged one is about to come with another name.
  if (!pending.insert && !pending.columns.has('slug')) return undefined
  return { skillId: other.id, from: slug, to, otherId: id }
}

/** Gives a skill the next free name of the form `from-2`; answers it. */
export function renameAway(
  library: Library,
  skill: Pick<SkillRecord, 'id' | 'tenant_id'>,
  from: string,
  least: number,
): string {
  const stem = [...from].slice(0, 56).join('')
  let n = least
  while (findSkillBySlug(library, skill.tenant_id, `${stem}-${n}`)) n++
  const to = `${stem}-${n}`
  library.run('UPDATE skills SET slug = ? WHERE id = ?', to, skill.id)
  return to
}
