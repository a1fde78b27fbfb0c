import fs from 'node:fs'
import path from 'node:path'
import type Database from 'better-sqlite3'
import { openDatabase } from '../sqlite.ts'
import { findBlob, putBlob, sha256 } from './blobs.ts'
import type { Library } from './library.ts'
import { makePrivateFolder, PRIVATE_FILE } from './private-folder.ts'
import { recountTotals } from './totals.ts'

/**
 * Takes bytes that are not what their name says out of the library, into a file of `quarantine/` beside it: then the name is
 * missing rather than wrong, and whoever has the right bytes can bring them. Content never changes otherwise. Answers false
 * where the row is sound after all.
 */
export function quarantine(library: Library, dataDir: string, rowid: number): boolean {
  const row = library.find<{ sha256: string; bytes: Buffer }>('SELECT sha256, bytes FROM blobs WHERE rowid = ?', rowid)
  if (!row || sha256(row.bytes) === row.sha256) return false
  const folder = path.join(dataDir, 'quarantine')
  makePrivateFolder(folder)
  const file = path.join(folder, `${row.sha256.replace(/[^0-9a-f]/g, '_')}.bin`)
  fs.writeFileSync(file, row.bytes, { flush: true, mode: PRIVATE_FILE })
  library.write(() => library.run('DELETE FROM blobs WHERE rowid = ?', rowid))
  return true
}

/** Stores content that was missing; refuses what does not hash to its name. Answers whether the name is sound now. */
export function restoreBlob(library: Library, name: string, bytes: Uint8Array): boolean {
  if (sha256(bytes) !== name) return false
  library.write(() => {
    if (findBlob(library, name).kind === 'damaged') library.run('DELETE FROM blobs WHERE sha256 = ?', name)
    putBlob(library, name, bytes)
  })
  return true
}

/** The same content elsewhere on this computer: in a working copy, under a damaged name, in a backup. */
export function findElsewhere(
  library: Library,
  backups: readonly string[],
  names: readonly string[],
): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  const keep = (name: string, bytes: Buffer | null | undefined) => {
    if (bytes && !found.has(name) && sha256(bytes) === name) found.set(name, bytes)
  }
  for (const name of names)
    for (const row of library.all<{ bytes: Buffer }>(
      'SELECT bytes FROM working_files WHERE sha256 = ? AND bytes IS NOT NULL',
      name,
    ))
      keep(name, row.bytes)
  for (const file of backups) {
    const missing = names.filter(name => !found.has(name))
    if (missing.length === 0) break
    for (const [name, bytes] of readBackup(file, missing)) keep(name, bytes)
  }
  return found
}

/** A backup may be broken itself, or of a time without that table. */
function readBackup(file: string, names: readonly string[]): [string, Buffer][] {
  let db: Database.Database | undefined
  try {
    db = openDatabase(file, { readonly: true, fileMustExist: true })
    const select = db.prepare<[string], { bytes: Buffer }>('SELECT bytes FROM blobs WHERE sha256 = ?')
    return names.flatMap(name => {
      const row = select.get(name)
      return row ? [[name, row.bytes] as [string, Buffer]] : []
    })
  } catch {
    return []
  } finally {
    db?.close()
  }
}

/** The index by name, made again from the rows. */
export function mendNames(library: Library): void {
  library.db.exec('REINDEX blobs')
}

export function mendTotals(library: Library): void {
  library.write(() => recountTotals(library))
}

/** Empties the search index; every skill is indexed again in the background. */
export function mendSearch(library: Library): void {
  library.write(() => {
    for (const table of ['search_heads', 'search_texts'])
      library.run(`INSERT INTO ${table} (${table}) VALUES ('delete-all')`)
    library.run('DELETE FROM search_documents')
    library.run('INSERT OR IGNORE INTO stale_skills (skill_id) SELECT id FROM skills')
  })
}
