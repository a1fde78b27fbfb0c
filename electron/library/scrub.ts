import { manifestEntry } from '../../shared/domain/manifest.ts'
import { openDatabase } from '../sqlite.ts'
import { sha256 } from './blobs.ts'
import { listCasesWithFiles, readCaseFiles } from './case-files.ts'
import { Library } from './library.ts'
import { type ContentMissing, listMissingContent } from './missing-content.ts'
import { listWrongTotals } from './totals.ts'

/** Content whose bytes are not what its name says. `actual` is what they hash to. */
export type DamagedBlob = { rowid: number; sha256: string; actual: string }

/** What going through a whole library found. Nothing was changed: see mend.ts. */
export type ScrubFound = {
  /** How many blobs were hashed, and how many bytes they have. */
  checked: number
  bytes: number
  damaged: DamagedBlob[]
  /** Content that versions name and that is missing, damaged or no manifest, by skill and version. */
  missing: ContentMissing[]
  /** Whether the list of names leads to every blob, and only there. */
  namesWrong: boolean
  /** Skills whose totals are not what their rows add up to. */
  totalsWrong: string[]
  /** Whether the search index is sound and has every skill that is not about to be indexed. */
  searchWrong: boolean
  /** Rows that point at rows that are not there, by table. */
  dangling: string[]
  /** What SQLite says of tables whose pages do not fit together. */
  structure: string[]
}
export type ScrubProgress = { done: number; total: number }

/** As many as make a read worth its overhead, and no read transaction long. */
const SLICE = 256
const manifest = manifestEntry.array()

/**
 * Hashes every blob of `file` against its name, over a connection of its own that only reads, and holds everything else that
 * must be true of a library to what its rows say. Runs in a worker (entry/scrub.ts), for it does not let go in between.
 *
 * `cancelled` is asked between slices; what was found until then is the answer.
 */
export function scrubFile(
  file: string,
  onProgress: (progress: ScrubProgress) => void,
  cancelled: () => boolean = () => false,
): ScrubFound {
  const db = openDatabase(file, { readonly: true })
  const library = new Library()
  library.open(db)
  try {
    db.pragma('busy_timeout = 5000')
    db.pragma('mmap_size = 1073741824')
    const blobs = hashBlobs(library, onProgress, cancelled)
    // Going through every version again is only worth it where something is amiss.
    const missing =
      blobs.missing || blobs.damaged.length > 0
        ? [...listMissingContent(library, new Set(blobs.damaged.map(blob => blob.sha256)))]
        : []
    return {
      checked: blobs.checked,
      bytes: blobs.bytes,
      damaged: blobs.damaged,
      missing,
      namesWrong: cancelled() ? false : namesAreWrong(library, blobs.rowids),
      totalsWrong: cancelled() ? [] : listWrongTotals(library),
      searchWrong: cancelled() ? false : searchIsWrong(library),
      dangling: library
        .all<{ table: string }>('SELECT DISTINCT "table" FROM pragma_foreign_key_check')
        .map(row => row.table),
      structure: cancelled() ? [] : checkStructure(library),
    }
  } finally {
    library.close()
  }
}

function hashBlobs(library: Library, onProgress: (progress: ScrubProgress) => void, cancelled: () => boolean) {
  const { total } = library.get<{ total: number }>('SELECT count(*) AS total FROM blobs')
  const manifests = new Set(
    library.all<{ content_hash: string }>('SELECT content_hash FROM skill_versions').map(row => row.content_hash),
  )
  const named = new Set(listCasesWithFiles(library).flatMap(row => readCaseFiles(row.files).map(file => file.sha256)))
  const rowids = new Map<string, number>()
  const damaged: DamagedBlob[] = []
  let [checked, bytes, after, whole] = [0, 0, Number.MIN_SAFE_INTEGER, true]
  for (;;) {
    const rows = library.all<{ rowid: number; sha256: string; bytes: Buffer }>(
      'SELECT rowid, sha256, bytes FROM blobs WHERE rowid > ? ORDER BY rowid LIMIT ?',
      after,
      SLICE,
    )
    for (const row of rows) {
      after = row.rowid
      bytes += row.bytes.length
      const actual = sha256(row.bytes)
      if (actual !== row.sha256) {
        damaged.push({ rowid: row.rowid, sha256: row.sha256, actual })
        continue
      }
      rowids.set(row.sha256, row.rowid)
      if (!manifests.has(row.sha256)) continue
      const files = filesOf(row.bytes)
      if (files === undefined) whole = false
      else for (const name of files) named.add(name)
    }
    checked += rows.length
    onProgress({ done: checked, total: Math.max(total, checked) })
    if (rows.length < SLICE || cancelled()) break
  }
  const missing = !whole || [...manifests, ...named].some(name => !rowids.has(name))
  return { checked, bytes, damaged, missing: missing && !cancelled(), rowids }
}

function filesOf(bytes: Buffer): string[] | undefined {
  try {
    const read = manifest.safeParse(JSON.parse(bytes.toString('utf8')))
    return read.success ? read.data.map(file => file.sha256) : undefined
  } catch {
    return undefined
  }
}

/** The index by name holds the names once more: a bit flipped there hides content that is sound. */
function namesAreWrong(library: Library, rowids: ReadonlyMap<string, number>): boolean {
  let found = 0
  for (const row of library.db
    .prepare<[], { rowid: number; sha256: string }>('SELECT sha256, rowid FROM blobs ORDER BY sha256')
    .iterate())
    if (rowids.get(row.sha256) === row.rowid) found++
  return found < rowids.size
}

function searchIsWrong(library: Library): boolean {
  for (const table of ['search_heads', 'search_texts', 'search_documents'])
    if (library.db.pragma(`integrity_check(${table})`, { simple: true }) !== 'ok') return true
  return (
    library.find(
      `SELECT 1 FROM skills WHERE id NOT IN (SELECT skill_id FROM search_documents)
         AND id NOT IN (SELECT skill_id FROM stale_skills)`,
    ) !== undefined ||
    library.find(
      `SELECT 1 FROM search_documents WHERE skill_id NOT IN (SELECT id FROM skills)
         OR rowid NOT IN (SELECT rowid FROM search_heads) OR rowid NOT IN (SELECT rowid FROM search_texts)`,
    ) !== undefined
  )
}

/** Every table but the large one, whose rows were just read and hashed, and the search index, which is made again. */
function checkStructure(library: Library): string[] {
  const tables = library.all<{ name: string }>(
    `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
       AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_%' AND name <> 'blobs'`,
  )
  return tables.flatMap(({ name }) => {
    const found = library.db.pragma(`integrity_check(${name})`, { simple: true })
    return found === 'ok' ? [] : [`${name}: ${found}`]
  })
}
