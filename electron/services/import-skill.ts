import { encodeManifest } from '../../shared/domain/bundle.ts'
import { slugOf } from '../../shared/domain/slug.ts'
import type { FoundSkill, FoundVersion } from '../interchange/source.ts'
import { sha256 } from '../library/blobs.ts'
import { findOrigin, putOrigin } from '../library/import-origins.ts'
import { enqueue } from '../library/outbox.ts'
import type { SkillRecord } from '../library/schema.ts'
import { findSkill, findSkillBySlug, insertSkill, setNewest, setStatus } from '../library/skills.ts'
import { listVersionKeys, nextNumber } from '../library/versions.ts'
import type { Context } from './context.ts'
import { addVersionBeside, metadataOf } from './versions.ts'

export type Described = { name: string; description: string }
export type ImportTarget = {
  tenantId: string
  userId: string
  describe: (version: FoundVersion, folderName: string) => Described
  /** The number that the last skill of a slug got in this import: thousands may be called the same. */
  lastOfSlug: Map<string, number>
}
export type Imported = { skillId: string; name: string; isNew: boolean; versionsAdded: number; diverged: boolean }

type Known = { id: string; hash: string; createdAt: number; message: string; sourceRef?: string; origin?: string }

/** Versions between two yields: some milliseconds. */
const VERSIONS_AT_ONCE = 100

/**
 * Adds what a found skill has and the library has not; each step runs inside `library.write`, and whoever runs the steps may end a
 * transaction between two. What is there after each step is a history that stops early, to which a later import adds the rest; who
 * cancels an import waits for the last step, so that only a process that ended leaves such a one. A skill is known again by its origin,
 * else by its slug where a version has the same content; a version by its commit, or by content, date and message (a
 * rewritten history), or, where there is no history, by content alone. Versions made here stay: what was found new goes
 * after the last imported one, and a skill whose newest version is the author's own keeps pointing at that.
 */
export function* importSkill(
  context: Context,
  target: ImportTarget,
  found: FoundSkill,
): Generator<void, Imported, void> {
  const { library } = context
  const hashes = found.versions.map(version => sha256(encodeManifest(version.manifest)))
  const there = findImported(context, target.tenantId, found, hashes)
  const known = there ? listKnown(context, there.id) : []
  const ids = matchVersions(found, hashes, known)
  const versionsAdded = ids.filter(id => id === undefined).length
  const skill = there ?? createSkill(context, target, found)
  putOrigin(library, target.tenantId, found.origin, skill.id, context.clock())
  const name = there?.name ?? found.folderName
  if (versionsAdded === 0) return { skillId: skill.id, name, isNew: false, versionsAdded, diverged: false }

  const lastImported = known.findLast(version => version.origin === found.origin) ?? known.at(-1)
  let diverged = lastImported !== undefined && skill.draft_version_id !== lastImported.id
  let number = nextNumber(library, skill.id)
  let newest: (Described & { id: string }) | undefined
  for (const [index, version] of found.versions.entries()) {
    if (ids[index] !== undefined) continue
    const described = target.describe(version, found.folderName)
    const [parent, merged] = version.parents
    const { id } = addVersionBeside(context, skill, {
      ...described,
      files: version.manifest,
      number: number++,
      parentId: parent === undefined ? (lastImported?.id ?? null) : (ids[parent] ?? null),
      mergedId: merged === undefined ? null : (ids[merged] ?? null),
      message: version.message,
      metadata: { author: version.author, origin: found.origin, sourceRef: version.sourceRef },
      createdBy: target.userId,
      createdAt: version.createdAt,
    })
    ids[index] = id
    newest = { id, ...described }
    if (index % VERSIONS_AT_ONCE !== VERSIONS_AT_ONCE - 1) continue
    if (!diverged) setNewest(library, skill.id, newest, context.clock())
    yield
    number = nextNumber(library, skill.id)
    diverged ||= findSkill(library, skill.id)?.draft_version_id !== newest.id
  }
  if (newest && !diverged) setNewest(library, skill.id, newest, context.clock())
  if (found.deleted && there === undefined) setStatus(library, skill.id, 'archived', context.clock())
  return { skillId: skill.id, name: newest?.name ?? name, isNew: there === undefined, versionsAdded, diverged }
}

function findImported(
  context: Context,
  tenantId: string,
  found: FoundSkill,
  hashes: readonly string[],
): SkillRecord | undefined {
  const id = findOrigin(context.library, tenantId, found.origin)
  if (id !== undefined) return findSkill(context.library, id)
  const same = findSkillBySlug(context.library, tenantId, slugOf(found.folderName))
  const shares = same && listVersionKeys(context.library, same.id).some(row => hashes.includes(row.content_hash))
  return shares ? same : undefined
}

const listKnown = (context: Context, skillId: string): Known[] =>
  listVersionKeys(context.library, skillId).map(row => {
    const { origin, sourceRef } = metadataOf(row)
    return { id: row.id, hash: row.content_hash, createdAt: row.created_at, message: row.message, origin, sourceRef }
  })

/** For each found version the id of the one it is here, or undefined. One version here stands for at most one found. */
function matchVersions(found: FoundSkill, hashes: readonly string[], known: readonly Known[]): (string | undefined)[] {
  if (known.length === 0) return found.versions.map(() => undefined)
  const free = new Set(known)
  const take = (match: ((version: Known) => boolean) | undefined): string | undefined => {
    for (const version of match ? free : []) {
      if (!match?.(version)) continue
      free.delete(version)
      return version.id
    }
    return undefined
  }
  return found.versions.map((version, index) => {
    const hash = hashes[index]
    const hasHistory = version.sourceRef !== undefined
    return (
      take(hasHistory ? one => one.sourceRef === version.sourceRef && one.hash === hash : undefined) ??
      take(one => one.hash === hash && one.createdAt === version.createdAt && one.message === version.message) ??
      take(hasHistory ? undefined : one => one.hash === hash)
    )
  })
}

function createSkill(context: Context, target: ImportTarget, found: FoundSkill): SkillRecord {
  const id = context.newId()
  const now = context.clock()
  insertSkill(context.library, {
    id,
    tenantId: target.tenantId,
    slug: freeSlug(context, target, slugOf(found.folderName)),
    name: found.folderName,
    description: '',
    category: null,
    tags: [],
    authorId: target.userId,
    now,
  })
  enqueue(context.library, {
    tenantId: target.tenantId,
    skillId: id,
    entity: 'skill',
    entityId: id,
    operation: 'insert',
    now,
  })
  const skill = findSkill(context.library, id)
  if (!skill) throw new Error('a skill vanished while it was imported')
  return skill
}

/** Two folders of one name in two places are two skills. */
function freeSlug(context: Context, { tenantId, lastOfSlug }: ImportTarget, slug: string): string {
  let n = lastOfSlug.get(slug) ?? 0
  const numbered = () => (n < 2 ? slug : `${slug}-${n}`)
  do n += 1
  while (findSkillBySlug(context.library, tenantId, numbered()))
  lastOfSlug.set(slug, n)
  return numbered()
}
