import type { Manifest, ManifestEntry } from '../../shared/domain/bundle.ts'
import { asBuffer } from './blobs.ts'
import type { Library } from './library.ts'
import type { WorkingCopyRecord } from './schema-local.ts'

/** Undefined where nothing was changed: then the newest version is what is edited. */
export const findWorkingCopy = (library: Library, skillId: string): WorkingCopyRecord | undefined =>
  library.find<WorkingCopyRecord>('SELECT * FROM working_copies WHERE skill_id = ? AND changed = 1', skillId)

export function insertWorkingCopy(library: Library, copy: WorkingCopyRecord, files: Manifest): void {
  library.run(
    'INSERT INTO working_copies (skill_id, base_version_id, changed, name, description, saved_at) VALUES (?, ?, ?, ?, ?, ?)',
    copy.skill_id,
    copy.base_version_id,
    copy.changed,
    copy.name,
    copy.description,
    copy.saved_at,
  )
  for (const file of files) putWorkingFile(library, copy.skill_id, file, null)
}

export function updateWorkingCopy(
  library: Library,
  copy: Pick<WorkingCopyRecord, 'skill_id' | 'changed' | 'name' | 'description' | 'saved_at'>,
): void {
  library.run(
    'UPDATE working_copies SET changed = ?, name = ?, description = ?, saved_at = ? WHERE skill_id = ?',
    copy.changed,
    copy.name,
    copy.description,
    copy.saved_at,
    copy.skill_id,
  )
}

/** Its files go with it. */
export function deleteWorkingCopy(library: Library, skillId: string): void {
  library.run('DELETE FROM working_copies WHERE skill_id = ?', skillId)
}

/** What it held has become a version. Its rows stay until `clearReleased`: saving should write no more than it must. */
export function releaseWorkingCopy(library: Library, skillId: string): void {
  library.run('UPDATE working_copies SET changed = 0 WHERE skill_id = ?', skillId)
}

export function clearReleased(library: Library, skillId: string): void {
  library.run('DELETE FROM working_copies WHERE skill_id = ? AND changed = 0', skillId)
}

type FileRow = { path: string; sha256: string; size: number; executable: number }

const entry = (row: FileRow): ManifestEntry => ({
  path: row.path,
  sha256: row.sha256,
  size: row.size,
  executable: row.executable === 1,
})

export const listWorkingFiles = (library: Library, skillId: string): Manifest =>
  library
    .all<FileRow>('SELECT path, sha256, size, executable FROM working_files WHERE skill_id = ? ORDER BY path', skillId)
    .map(entry)

export function findWorkingFile(library: Library, skillId: string, path: string): ManifestEntry | undefined {
  const row = library.find<FileRow>(
    'SELECT path, sha256, size, executable FROM working_files WHERE skill_id = ? AND path = ?',
    skillId,
    path,
  )
  return row && entry(row)
}

/** The bytes typed since the base; undefined where the file is one of the blobs, or nothing was changed. */
export const findWorkingBytes = (library: Library, skillId: string, path: string): Buffer | undefined =>
  library.find<{ bytes: Buffer | null }>(
    `SELECT f.bytes FROM working_files f JOIN working_copies w ON w.skill_id = f.skill_id
     WHERE f.skill_id = ? AND f.path = ? AND w.changed = 1`,
    skillId,
    path,
  )?.bytes ?? undefined

/** `bytes` null: the content is among the blobs already. */
export function putWorkingFile(library: Library, skillId: string, file: ManifestEntry, bytes: Uint8Array | null): void {
  library.run(
    `INSERT INTO working_files (skill_id, path, sha256, size, executable, bytes) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (skill_id, path) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,
       executable = excluded.executable, bytes = excluded.bytes`,
    skillId,
    file.path,
    file.sha256,
    file.size,
    file.executable ? 1 : 0,
    bytes === null ? null : asBuffer(bytes),
  )
}

export function moveWorkingFile(library: Library, skillId: string, from: string, to: string): boolean {
  return library.run('UPDATE working_files SET path = ? WHERE skill_id = ? AND path = ?', to, skillId, from) === 1
}

export function deleteWorkingFile(library: Library, skillId: string, path: string): boolean {
  return library.run('DELETE FROM working_files WHERE skill_id = ? AND path = ?', skillId, path) === 1
}

/** Makes everything typed so far content by hash, without passing it through JavaScript again. */
export function storeWorkingBytes(library: Library, skillId: string): void {
  library.run(
    `INSERT OR IGNORE INTO blobs (sha256, size, bytes)
     SELECT sha256, size, bytes FROM working_files WHERE skill_id = ? AND bytes IS NOT NULL`,
    skillId,
  )
}
