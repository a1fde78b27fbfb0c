import { folderNameOf } from '../../shared/domain/folder-name.ts'
import { readTexts } from '../../shared/domain/rows/json.ts'
import { hasBlob, sha256 } from '../library/blobs.ts'
import { enqueue } from '../library/outbox.ts'
import type { SkillRecord } from '../library/schema.ts'
import type { SpaceRecord } from '../library/schema-local.ts'
import { findSkillBySlug, insertSkill, setNewest } from '../library/skills.ts'
import type { VersionMetadata } from '../library/version-metadata.ts'
import { findManifest, insertVersion, listLineage, type VersionWithAuthor } from '../library/versions.ts'
import { findWorkingCopy } from '../library/working-copies.ts'
import type { Context } from './context.ts'
import { metadataOf } from './versions.ts'

export type Copied =
  /** `copies`: of each version its copy's id. */
  | { kind: 'copied'; skillId: string; versions: number; copies: ReadonlyMap<string, string> }
  | { kind: 'taken'; slug: string; skillId: string }
  | { kind: 'empty' }

/**
 * Copies a skill with its whole lineage into another space, in one transaction with what is queued for that space's
 * registry. Content is shared by hash, so a copy costs rows alone. Every version gets a new id and keeps its message, who
 * made it and when (`metadata`); ratings, feedback and runs stay with the original, and nothing is published.
 */
export function copySkill(
  context: Context,
  skill: SkillRecord,
  target: SpaceRecord,
  slug = folderNameOf(skill.slug),
  empty?: 'also without versions',
): Copied {
  const { library } = context
  return library.write((): Copied => {
    const lineage = listLineage(library, skill.id)
    if (lineage.length === 0 && !empty) return { kind: 'empty' }
    const taken = findSkillBySlug(library, target.tenant_id, slug)
    if (taken) return { kind: 'taken', slug, skillId: taken.id }
    const id = context.newId()
    const now = context.clock()
    const tags = readTexts(skill.tags)
    insertSkill(library, {
      ...{ id, slug, tags, now },
      tenantId: target.tenant_id,
      name: skill.name,
      description: skill.description,
      category: skill.category,
      authorId: target.user_id,
    })
    enqueue(library, {
      ...{ skillId: id, entity: 'skill', entityId: id, operation: 'insert', now },
      tenantId: target.tenant_id,
    })
    library.run(
      'UPDATE skills SET forked_from_id = ?, forked_at_version_id = ? WHERE id = ?',
      skill.id,
      skill.draft_version_id,
      id,
    )
    const copies = copyLineage(context, lineage, { skillId: id, target, newest: skill.draft_version_id })
    return { kind: 'copied', skillId: id, versions: lineage.length, copies }
  })
}

type Into = { skillId: string; target: SpaceRecord; newest: string | null }

function copyLineage(context: Context, lineage: readonly VersionWithAuthor[], into: Into): ReadonlyMap<string, string> {
  const { library } = context
  const now = context.clock()
  const copies = new Map<string, string>()
  /** A parent in another skill stays behind. */
  const copyOf = (id: string | null): string | null => (id === null ? null : (copies.get(id) ?? null))
  for (const version of lineage) {
    const id = context.newId()
    insertVersion(library, {
      ...{ id, now },
      tenantId: into.target.tenant_id,
      skillId: into.skillId,
      parentId: copyOf(version.parent_version_id),
      mergedId: copyOf(version.merged_version_id),
      contentHash: version.content_hash,
      name: version.name,
      description: version.description,
      message: version.message,
      metadata: copiedMetadata(version),
      createdBy: into.target.user_id,
      createdAt: now,
    })
    copies.set(version.id, id)
  }
  const newest = lineage.find(version => version.id === into.newest) ?? lineage.at(-1)
  const newestId = newest && copies.get(newest.id)
  if (newest && newestId)
    setNewest(library, into.skillId, { id: newestId, name: newest.name, description: newest.description }, now)
  return copies
}

/** What is being edited goes along; the original is left without. Runs inside `library.write`. */
export function moveWorkingCopy(
  { library }: Context,
  skillId: string,
  copied: { skillId: string; copies: ReadonlyMap<string, string> },
): void {
  const copy = findWorkingCopy(library, skillId)
  if (!copy) return
  const base = copy.base_version_id === null ? null : (copied.copies.get(copy.base_version_id) ?? null)
  library.run('PRAGMA defer_foreign_keys = ON')
  library.run('UPDATE working_files SET skill_id = ? WHERE skill_id = ?', copied.skillId, skillId)
  library.run(
    'UPDATE working_copies SET skill_id = ?, base_version_id = ? WHERE skill_id = ?',
    copied.skillId,
    base,
    skillId,
  )
}

/** What was one's own is one's own there too; of somebody else's the name is kept. */
function copiedMetadata(version: VersionWithAuthor): VersionMetadata {
  const known = metadataOf(version)
  const saver = { name: version.author_name, email: version.author_email ?? '' }
  // What a colleague says of whose work it was is no more than that.
  const author = version.of_team === 1 && version.mine === 0 ? saver : (known.author ?? saver)
  return {
    ...(known.sourceRef !== undefined && { sourceRef: known.sourceRef }),
    ...((known.author || version.mine === 0) && { author }),
    copyOf: copyOf(version, known),
  }
}

/**
 * The id of a private version is nobody else's business: with it a colleague could make a row that collides with it. What is
 * a copy already says what it was a copy of.
 */
function copyOf(version: VersionWithAuthor, { copyOf: known }: VersionMetadata): VersionMetadata['copyOf'] {
  const of = known?.of ?? sha256(`copy of ${known?.versionId ?? version.id}`)
  return { of, createdAt: known?.createdAt ?? version.created_at }
}

/** Content of a skill's versions that is not here: manifests first, for they name the rest. */
export function missingContent(context: Context, skillId: string): { manifests: string[]; files: string[] } {
  const manifests = new Set<string>()
  const files = new Set<string>()
  for (const { content_hash } of listLineage(context.library, skillId)) {
    const manifest = hasBlob(context.library, content_hash) ? findManifest(context.library, content_hash) : undefined
    if (!manifest) manifests.add(content_hash)
    for (const { sha256 } of manifest ?? []) if (!hasBlob(context.library, sha256)) files.add(sha256)
  }
  return { manifests: [...manifests], files: [...files] }
}
