import type { Library } from './library.ts'
import type { WantedRecord } from './schema-local.ts'

/** Of these, what is not known to be in the team's store. */
export const unknownThere = (library: Library, tenantId: string, hashes: readonly string[]): string[] =>
  library
    .all<{ sha256: string }>(
      `SELECT DISTINCT value AS sha256 FROM json_each(?) WHERE NOT EXISTS (
         SELECT 1 FROM remote_content WHERE tenant_id = ? AND sha256 = value)`,
      JSON.stringify(hashes),
      tenantId,
    )
    .map(row => row.sha256)

export function noteThere(library: Library, tenantId: string, hashes: readonly string[]): void {
  library.run(
    'INSERT OR IGNORE INTO remote_content (tenant_id, sha256) SELECT ?, value FROM json_each(?)',
    tenantId,
    JSON.stringify(hashes),
  )
}

/** What was seen in the store, by name, after one of them. */
export const listThere = (library: Library, tenantId: string, after: string, limit: number): string[] =>
  library
    .all<{ sha256: string }>(
      'SELECT sha256 FROM remote_content WHERE tenant_id = ? AND sha256 > ? ORDER BY sha256 LIMIT ?',
      tenantId,
      after,
      limit,
    )
    .map(row => row.sha256)

/** These are not there any more. */
export function forgetThereOf(library: Library, tenantId: string, hashes: readonly string[]): void {
  library.run(
    'DELETE FROM remote_content WHERE tenant_id = ? AND sha256 IN (SELECT value FROM json_each(?))',
    tenantId,
    JSON.stringify(hashes),
  )
}

/** Nothing is known of the store any more: another one, or one that was put back to an older state. */
export function forgetThere(library: Library, tenantId: string): void {
  library.run('DELETE FROM remote_content WHERE tenant_id = ?', tenantId)
}

export type Wanted = Pick<WantedRecord, 'sha256' | 'kind' | 'size' | 'version_id'>

/** Content to fetch, where it is not here. */
export function want(library: Library, tenantId: string, wanted: Wanted): void {
  library.run(
    `INSERT OR IGNORE INTO content_wanted (tenant_id, sha256, kind, size, version_id)
     SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM blobs WHERE sha256 = ?)`,
    tenantId,
    wanted.sha256,
    wanted.kind,
    wanted.size,
    wanted.version_id,
    wanted.sha256,
  )
}

/** Everything that a team's versions need and that is not here; manifests first, for they say what else. */
export function wantAll(library: Library, tenantId: string): void {
  library.run(
    `INSERT OR IGNORE INTO content_wanted (tenant_id, sha256, kind, version_id)
     SELECT v.tenant_id, v.content_hash, 'manifest', v.id FROM skill_versions v
     WHERE v.tenant_id = ? AND v.version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM blobs WHERE sha256 = v.content_hash)`,
    tenantId,
  )
}

/** The same of the newest and the published version of each skill; whatever else was wanted is left. */
export function wantNewest(library: Library, tenantId: string): void {
  library.run('DELETE FROM content_wanted WHERE tenant_id = ?', tenantId)
  library.run(
    `INSERT OR IGNORE INTO content_wanted (tenant_id, sha256, kind, version_id)
     SELECT v.tenant_id, v.content_hash, 'manifest', v.id FROM skills s
     JOIN skill_versions v ON v.id IN (s.draft_version_id, s.published_version_id)
     WHERE s.tenant_id = ? AND v.version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM blobs WHERE sha256 = v.content_hash)`,
    tenantId,
  )
}

/** What to ask for next: files of the manifests that came before more manifests, what was not found before last. */
export const listWanted = (library: Library, tenantId: string, now: number, limit: number): WantedRecord[] =>
  library.all<WantedRecord>(
    `SELECT * FROM content_wanted WHERE tenant_id = @tenantId AND (attempts = 0 OR due_at <= @now OR due_at > @now + ${LONGEST_MS})
     ORDER BY attempts, kind LIMIT @limit`,
    { tenantId, now, limit },
  )

/** No content waits longer than this to be asked for again; a due time further off is a clock's doing. */
export const LONGEST_MS = 3_600_000

export function doneWanting(library: Library, tenantId: string, sha256: string): void {
  library.run('DELETE FROM content_wanted WHERE tenant_id = ? AND sha256 = ?', tenantId, sha256)
}

export const findWanted = (library: Library, tenantId: string, sha256: string): WantedRecord | undefined =>
  library.find<WantedRecord>('SELECT * FROM content_wanted WHERE tenant_id = ? AND sha256 = ?', tenantId, sha256)

export const listAllWanted = (library: Library, tenantId: string): string[] =>
  library
    .all<{ sha256: string }>('SELECT sha256 FROM content_wanted WHERE tenant_id = ?', tenantId)
    .map(row => row.sha256)

/** It was not there, or not what its name says: asked for again then. */
export function wantLater(library: Library, tenantId: string, sha256: string, dueAt: number): void {
  library.run(
    'UPDATE content_wanted SET attempts = attempts + 1, due_at = ? WHERE tenant_id = ? AND sha256 = ?',
    dueAt,
    tenantId,
    sha256,
  )
}

/** All of it at once again: the reader asked. */
export function wantNow(library: Library, tenantId: string): void {
  library.run('UPDATE content_wanted SET due_at = 0 WHERE tenant_id = ? AND attempts > 0', tenantId)
}

export const countWanted = (library: Library, tenantId: string): { all: number; untried: number } =>
  library.get(
    'SELECT count(*) AS "all", count(*) FILTER (WHERE attempts = 0) AS untried FROM content_wanted WHERE tenant_id = ?',
    tenantId,
  )

/** How many versions have content that is not on this computer. */
export const countElsewhere = (library: Library, tenantId: string): number =>
  library.get<{ n: number }>(
    `SELECT count(*) AS n FROM skill_versions v WHERE v.tenant_id = ?
       AND NOT EXISTS (SELECT 1 FROM blobs WHERE sha256 = v.content_hash)`,
    tenantId,
  ).n
