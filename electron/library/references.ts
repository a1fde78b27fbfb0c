import type { Library } from './library.ts'

/**
 * Makes a salvaged library whole again where rows point at rows that are not there any more: what can be asked again of a
 * registry goes, what only this computer had is kept and hung on something. Runs with foreign keys and guards off, inside a
 * transaction. Answers what was done, in sentences.
 */
export function mendReferences(library: Library, newId: () => string, now: number): string[] {
  const notes: string[] = []
  const note = (n: number, one: string, many: string) => {
    if (n > 0) notes.push(n === 1 ? `1 ${one}.` : `${n} ${many}.`)
  }
  note(
    mendTenants(library, newId, now),
    'space was made up for what was in it',
    'spaces were made up for what was in them',
  )
  note(mendUsers(library, now), 'author is only known by id now', 'authors are only known by id now')
  note(mendSkills(library, now), 'skill was made again from its versions', 'skills were made again from their versions')
  note(mendParents(library), 'version lost its parent in the graph', 'versions lost their parent in the graph')
  note(
    mendPointers(library, now),
    'skill points at another version than before',
    'skills point at another version than before',
  )
  mendWorkingCopies(library, now)
  const dropped = dropDangling(library)
  for (const [table, n] of dropped)
    notes.push(`${n} ${n === 1 ? 'row' : 'rows'} of ${table} belonged to something that is gone, and stayed out.`)
  return notes
}

/** Whose rows there are, of every table that says so. */
const OF_TENANT = ['users', 'skills', 'skill_versions'] as const

function mendTenants(library: Library, newId: () => string, now: number): number {
  const ids = new Set<string>()
  for (const table of OF_TENANT)
    for (const row of library.all<{ tenant_id: string }>(
      `SELECT DISTINCT tenant_id FROM ${table} WHERE tenant_id NOT IN (SELECT id FROM tenants)
         OR tenant_id NOT IN (SELECT tenant_id FROM spaces)`,
    ))
      ids.add(row.tenant_id)
  for (const row of library.all<{ id: string }>(
    'SELECT id FROM tenants WHERE id NOT IN (SELECT tenant_id FROM spaces)',
  ))
    ids.add(row.id)
  for (const id of ids) {
    const name = 'Recovered'
    library.run('INSERT OR IGNORE INTO tenants (id, name, slug, created_at) VALUES (?, ?, ?, ?)', id, name, id, now)
    // Without any sign of a registry it is the author's own.
    const team = library.find('SELECT 1 FROM sync_states WHERE tenant_id = ?', id) !== undefined
    const author = library.find<{ id: string }>(
      'SELECT coalesce((SELECT author_id FROM skills WHERE tenant_id = @id GROUP BY 1 ORDER BY count(*) DESC), (SELECT id FROM users WHERE tenant_id = @id)) AS id',
      { id },
    )?.id
    library.run(
      'INSERT OR IGNORE INTO spaces (tenant_id, kind, user_id, note, created_at) VALUES (?, ?, ?, NULL, ?)',
      id,
      team ? 'team' : 'personal',
      author ?? newId(),
      now,
    )
  }
  return ids.size
}

/** Columns that name a user and may not be empty. */
const AUTHORS = [
  ['skills', 'author_id'],
  ['skill_versions', 'created_by'],
  ['spaces', 'user_id'],
  ['ratings', 'user_id'],
  ['skill_feedback', 'user_id'],
] as const

function mendUsers(library: Library, now: number): number {
  let n = 0
  for (const [table, column] of AUTHORS)
    n += library.run(
      `INSERT OR IGNORE INTO users (id, tenant_id, name, email, role, created_at)
       SELECT DISTINCT ${column}, tenant_id, 'Somebody', NULL, 'author', ? FROM ${table}
       WHERE ${column} NOT IN (SELECT id FROM users)`,
      now,
    )
  return n
}

function mendSkills(library: Library, now: number): number {
  const orphans = library.all<{ skill_id: string; tenant_id: string; name: string; description: string; by: string }>(
    `SELECT skill_id, tenant_id, name, description, created_by AS by, max(created_at) FROM skill_versions
     WHERE skill_id NOT IN (SELECT id FROM skills) GROUP BY skill_id`,
  )
  for (const { skill_id, tenant_id, name, description, by } of orphans) {
    const wanted =
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '') || 'skill'
    const taken = library.find('SELECT 1 FROM skills WHERE tenant_id = ? AND slug = ?', tenant_id, wanted) !== undefined
    library.run(
      `INSERT INTO skills (id, tenant_id, slug, name, description, author_id, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      skill_id,
      tenant_id,
      taken ? `${wanted}-${skill_id.slice(-8)}` : wanted,
      name,
      description,
      by,
      now,
      now,
    )
  }
  return orphans.length
}

function mendParents(library: Library): number {
  let n = 0
  for (const column of ['parent_version_id', 'merged_version_id'])
    n += library.run(
      `UPDATE skill_versions SET ${column} = NULL WHERE ${column} IS NOT NULL AND ${column} NOT IN (SELECT id FROM skill_versions)`,
    )
  return n
}

function mendPointers(library: Library, now: number): number {
  const newest = library.run(
    `UPDATE skills SET updated_at = ?, draft_version_id = (SELECT id FROM skill_versions WHERE skill_id = skills.id
       ORDER BY version IS NULL DESC, version DESC, created_at DESC LIMIT 1)
     WHERE draft_version_id IS NOT NULL AND draft_version_id NOT IN (SELECT id FROM skill_versions)
       OR draft_version_id IS NULL AND id IN (SELECT skill_id FROM skill_versions)`,
    now,
  )
  const published = library.run(
    `UPDATE skills SET updated_at = ?, published_version_id = NULL, status = CASE status WHEN 'published' THEN 'draft' ELSE status END
     WHERE published_version_id IS NOT NULL AND published_version_id NOT IN (SELECT id FROM skill_versions)`,
    now,
  )
  return newest + published
}

/** Typed text is worth keeping even where the row that said what it was based on is gone. */
function mendWorkingCopies(library: Library, now: number): void {
  library.run(
    'UPDATE working_copies SET base_version_id = NULL WHERE base_version_id NOT IN (SELECT id FROM skill_versions)',
  )
  library.run(
    `INSERT OR IGNORE INTO working_copies (skill_id, base_version_id, changed, name, description, saved_at)
     SELECT s.id, s.draft_version_id, 1, s.name, s.description, ? FROM skills s
     WHERE s.id IN (SELECT skill_id FROM working_files WHERE skill_id NOT IN (SELECT skill_id FROM working_copies))`,
    now,
  )
}

type Violation = { table: string; rowid: number | null; parent: string; fkid: number }
type Key = { id: number; table: string; from: string; to: string | null; on_delete: string }

/** Whatever still points nowhere: emptied where it may be, and otherwise left out. */
function dropDangling(library: Library): Map<string, number> {
  const dropped = new Map<string, number>()
  // Each round may leave others behind.
  for (let round = 0; round < 10; round++) {
    const found = library.all<Violation>(
      'SELECT DISTINCT "table", NULL AS rowid, parent, fkid FROM pragma_foreign_key_check',
    )
    if (found.length === 0) return dropped
    for (const { table, fkid } of found) {
      const keys = library.all<Key>('SELECT * FROM pragma_foreign_key_list(?)', table)
      const key = keys.find(candidate => candidate.id === fkid)
      if (!key) continue
      const dangling = `${key.from} IS NOT NULL AND ${key.from} NOT IN (SELECT ${key.to ?? 'id'} FROM ${key.table})`
      if (key.on_delete === 'SET NULL') {
        library.run(`UPDATE ${table} SET ${key.from} = NULL WHERE ${dangling}`)
        continue
      }
      const n = library.run(`DELETE FROM ${table} WHERE ${dangling}`)
      dropped.set(table, (dropped.get(table) ?? 0) + n)
    }
  }
  return dropped
}
