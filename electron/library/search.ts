import type { Library } from './library.ts'
import { searchable, searchPhrase, searchWords } from './search-words.ts'

export type SearchDocument = {
  skillId: string
  tenantId: string
  name: string
  description: string
  tags: string
  body: string
}

/**
 * Replaces a skill's entry. It gets a new rowid, so that rowid order is 'newest first'. The index holds no text of its
 * own (contentless tables): the text is in blobs already, and snippets are cut from there for the rows one sees.
 */
export function indexDocument(library: Library, document: SearchDocument): void {
  const was = library.find<{ rowid: number }>(
    'SELECT rowid FROM search_documents WHERE skill_id = ?',
    document.skillId,
  )?.rowid
  if (was !== undefined) {
    library.run('DELETE FROM search_heads WHERE rowid = ?', was)
    library.run('DELETE FROM search_texts WHERE rowid = ?', was)
    library.run('DELETE FROM search_documents WHERE rowid = ?', was)
  }
  const { rowid } = library.get<{ rowid: number }>(
    'INSERT INTO search_documents (skill_id, tenant_id) VALUES (?, ?) RETURNING rowid',
    document.skillId,
    document.tenantId,
  )
  const name = searchable(document.name)
  const about = searchable(`${document.description} ${document.tags}`)
  library.run('INSERT INTO search_heads (rowid, name, about) VALUES (?, ?, ?)', rowid, name, about)
  const text = `${name} ${about} ${searchable(document.body)}`
  library.run('INSERT INTO search_texts (rowid, text) VALUES (?, ?)', rowid, text)
}

/** More hits than this are not listed: the words are too common, and one more of them helps more than the 501st skill. */
export const SEARCH_LIMIT = 500

/**
 * Skill ids, best first, at most `SEARCH_LIMIT`. Every word must occur, the last one as a prefix, for it may still be
 * being typed; English endings do not count (zebra finds zebras). In stages, each of which stops once there are enough: all words in the name, in name, description and
 * tags, anywhere; within a stage the newest first.
 *
 * Not ranked by `bm25`: to weigh a word it reads the word's whole posting list, 42 ms (p99) at 100k documents, where
 * these stages take 6.
 */
export function searchSkills(library: Library, tenantId: string, query: string): string[] {
  const phrases = searchWords(query).flatMap(word => searchPhrase(word) ?? [])
  if (phrases.length === 0) return []
  const whole = phrases.join(' ')
  const typed = `${whole}*`
  const stages = [
    () => hits(library, 'search_heads', `name : (${typed})`, tenantId),
    () => hits(library, 'search_heads', typed, tenantId),
    // A common word is found often enough as it stands; gathering all that begin with it would cost more than all else.
    () => hits(library, 'search_texts', whole, tenantId),
    () => hits(library, 'search_texts', typed, tenantId),
  ]
  const found = new Set<string>()
  for (const stage of stages) {
    if (found.size >= SEARCH_LIMIT) break
    for (const id of stage()) found.add(id)
  }
  return [...found].slice(0, SEARCH_LIMIT)
}

const hits = (library: Library, table: 'search_heads' | 'search_texts', match: string, tenantId: string): string[] =>
  library
    .all<{ skill_id: string }>(
      `SELECT d.skill_id FROM ${table} CROSS JOIN search_documents d ON d.rowid = ${table}.rowid
       WHERE ${table} MATCH @match AND d.tenant_id = @tenantId ORDER BY ${table}.rowid DESC LIMIT ${SEARCH_LIMIT}`,
      { match, tenantId },
    )
    .map(row => row.skill_id)

/** Skills whose entry lags behind their newest version. */
export const listStale = (library: Library, limit: number): string[] =>
  library.all<{ skill_id: string }>('SELECT skill_id FROM stale_skills LIMIT ?', limit).map(row => row.skill_id)

/**
 * Skills of a team whose newest version was never read whole, and may be readable now: a file that two of them share was
 * asked for, and noted, for one of them alone.
 */
export function markUnread(library: Library, tenantId: string): void {
  library.run(
    `INSERT OR IGNORE INTO stale_skills (skill_id)
     SELECT s.id FROM skills s JOIN skill_versions v ON v.id = s.draft_version_id
     WHERE s.tenant_id = ? AND EXISTS (SELECT 1 FROM blobs WHERE sha256 = v.content_hash)
       AND NOT EXISTS (SELECT 1 FROM version_facts f WHERE f.skill_version_id = v.id)`,
    tenantId,
  )
}

export function clearStale(library: Library, skillId: string): void {
  library.run('DELETE FROM stale_skills WHERE skill_id = ?', skillId)
}
