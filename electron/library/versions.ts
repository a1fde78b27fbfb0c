import { encodeManifest, type Manifest } from '../../shared/domain/bundle.ts'
import { manifestEntry } from '../../shared/domain/manifest.ts'
import { plainLine } from '../../shared/domain/rows/text.ts'
import { findBlob, putBlob, sha256 } from './blobs.ts'
import type { Library } from './library.ts'
import { enqueue, isTeam } from './outbox.ts'
import type { VersionRecord } from './schema.ts'
import { withNames } from './user-names.ts'
import type { VersionMetadata } from './version-metadata.ts'

export type VersionWithAuthor = VersionRecord & {
  author_name: string
  author_email: string | null
  published: number
  /** By whoever uses this computer. */
  mine: number
  average_rating: number | null
  total_ratings: number
  /** Of a team: its registry says who saved it and when. */
  of_team: number
  /** Of a team, and its manifest is not on this computer. */
  elsewhere: number
}

const WITH_AUTHOR = `
  SELECT v.*, u.name AS author_name, u.email AS author_email, s.published_version_id IS v.id AS published,
    EXISTS (SELECT 1 FROM spaces WHERE tenant_id = v.tenant_id AND user_id = v.created_by) AS mine,
    (SELECT CAST(round(100.0 * avg(rating)) AS INTEGER) FROM ratings WHERE skill_version_id = v.id) AS average_rating,
    (SELECT count(*) FROM ratings WHERE skill_version_id = v.id) AS total_ratings,
    EXISTS (SELECT 1 FROM spaces WHERE tenant_id = v.tenant_id AND kind = 'team') AS of_team,
    NOT EXISTS (SELECT 1 FROM blobs WHERE sha256 = v.content_hash)
      AND EXISTS (SELECT 1 FROM spaces WHERE tenant_id = v.tenant_id AND kind = 'team') AS elsewhere
  FROM skill_versions v JOIN users u ON u.id = v.created_by JOIN skills s ON s.id = v.skill_id`

export const findVersion = (library: Library, id: string): VersionRecord | undefined =>
  library.find<VersionRecord>('SELECT * FROM skill_versions WHERE id = ?', id)

export const findVersionWithAuthor = (library: Library, id: string): VersionWithAuthor | undefined =>
  named(library, library.all<VersionWithAuthor>(`${WITH_AUTHOR} WHERE v.id = ?`, id))[0]

/** Newest first; those that the registry has not numbered yet come before all others. */
export const listVersions = (library: Library, skillId: string): VersionWithAuthor[] =>
  named(
    library,
    library.all<VersionWithAuthor>(
      `${WITH_AUTHOR} WHERE v.skill_id = ? ORDER BY v.version IS NOT NULL, v.version DESC, v.created_at DESC`,
      skillId,
    ),
  )

const named = (library: Library, rows: readonly VersionWithAuthor[]): VersionWithAuthor[] =>
  withNames(library, rows, (row, nameOf) => ({ ...row, author_name: nameOf(row.created_by, row.author_name) }))

/** The whole lineage, in the order in which it came here: parents before children. */
export const listLineage = (library: Library, skillId: string): VersionWithAuthor[] =>
  library.all<VersionWithAuthor>(`${WITH_AUTHOR} WHERE v.skill_id = ? ORDER BY v.rowid`, skillId)

/** What import compares with: enough to know a version again. */
export const listVersionKeys = (
  library: Library,
  skillId: string,
): Pick<VersionRecord, 'id' | 'content_hash' | 'message' | 'created_at' | 'metadata'>[] =>
  library.all(
    'SELECT id, content_hash, message, created_at, metadata FROM skill_versions WHERE skill_id = ? ORDER BY version, created_at',
    skillId,
  )

/** The manifest of a version: undefined when its content is missing, does not match its hash, or is no manifest. */
export function findManifest(library: Library, contentHash: string): Manifest | undefined {
  const found = findBlob(library, contentHash)
  if (found.kind !== 'found') return undefined
  try {
    return manifestEntry.array().safeParse(JSON.parse(found.bytes.toString('utf8'))).data
  } catch {
    return undefined
  }
}

/** Stores a manifest as a blob of its own and answers its hash, the version's `content_hash`. */
export function putManifest(library: Library, manifest: Manifest): string {
  const text = encodeManifest(manifest)
  const hash = sha256(text)
  putBlob(library, hash, Buffer.from(text))
  return hash
}

export type NewVersion = {
  id: string
  tenantId: string
  skillId: string
  parentId: string | null
  mergedId: string | null
  /** Left out: the next one of the skill. Who adds many counts them, and saves as many look-ups. A team's has none yet. */
  number?: number
  contentHash: string
  name: string
  description: string
  message: string
  metadata: VersionMetadata
  createdBy: string
  createdAt: number
  now: number
}

/**
 * Inserts an immutable version and queues it. Must run inside `library.write`: a personal space numbers here, under
 * SQLite's single write lock; in a team the registry numbers, and until then `version` is NULL. Answers the number.
 */
export function insertVersion(library: Library, version: NewVersion): number | null {
  // Not an INSERT … SELECT: reading the table it writes makes SQLite copy rows aside, three times the cost.
  const number = isTeam(library, version.tenantId) ? null : (version.number ?? nextNumber(library, version.skillId))
  library.run(
    `INSERT INTO skill_versions (id, tenant_id, skill_id, version, parent_version_id, merged_version_id, content_url,
       content_hash, content_type, name, description, message, metadata, created_by, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'application/vnd.whetstone.bundle+json', ?, ?, ?, ?, ?, ?)`,
    version.id,
    version.tenantId,
    version.skillId,
    number,
    version.parentId,
    version.mergedId,
    contentUrl(version.contentHash),
    version.contentHash,
    plainLine(version.name),
    version.description,
    version.message,
    JSON.stringify(plainMetadata(version.metadata)),
    version.createdBy,
    version.createdAt,
  )
  enqueue(library, {
    tenantId: version.tenantId,
    skillId: version.skillId,
    entity: 'version',
    entityId: version.id,
    operation: 'insert',
    now: version.now,
  })
  return number
}

/** Names of authors come from anywhere, such as a commit; a registry takes lines alone. */
const plainMetadata = ({ author, ...other }: VersionMetadata): VersionMetadata => ({
  ...(author && { author: { name: plainLine(author.name), email: plainLine(author.email) } }),
  ...other,
})

export const nextNumber = (library: Library, skillId: string): number =>
  (library.get<{ n: number | null }>('SELECT max(version) AS n FROM skill_versions WHERE skill_id = ?', skillId).n ??
    0) + 1

/** Where the registry's bucket keeps a blob. */
export const contentUrl = (hash: string): string => `blobs/sha256/${hash.slice(0, 2)}/${hash}`
