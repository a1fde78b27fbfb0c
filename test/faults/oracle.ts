import path from 'node:path'
import Database from 'better-sqlite3'
import { Library } from '../../electron/library/library.ts'
import { listMissingContent, readManifest } from '../../electron/library/missing-content.ts'
import { scrubFile } from '../../electron/library/scrub.ts'
import { listWrongTotals } from '../../electron/library/totals.ts'
import type { World } from './world.ts'

/** What an author was told is saved. */
export type Saved = { id: string; skillId: string; contentHash: string; message: string }

/** A library as its process left it, however that ended; the file is only read. */
export function withLibrary<T>(dataDir: string, work: (library: Library) => T): T {
  const library = new Library()
  library.open(new Database(path.join(dataDir, 'library.db'), { readonly: true }))
  try {
    return work(library)
  } finally {
    library.close()
  }
}

const must = (is: boolean, what: string): void => {
  if (!is) throw new Error(what)
}

/**
 * What must be true of a library at every moment, killed or not: what was acknowledged is there with its bytes, what was not
 * is whole or absent, and what its registry does not know is queued.
 */
export function checkLibrary(dataDir: string, tenantId: string, saved: readonly Saved[]): { versions: number } {
  return withLibrary(dataDir, library => {
    for (const one of saved) {
      const row = library.find<{ content_hash: string; message: string }>(
        'SELECT content_hash, message FROM skill_versions WHERE id = ?',
        one.id,
      )
      must(row !== undefined, `acknowledged version ${one.message} is gone`)
      must(row?.content_hash === one.contentHash, `version ${one.message} has other content`)
    }
    const own = library.all<{ id: string; content_hash: string; message: string }>(
      `SELECT id, content_hash, message FROM skill_versions
       WHERE created_by IN (SELECT user_id FROM spaces) AND (tenant_id <> ? OR version IS NULL)`,
      tenantId,
    )
    for (const version of own) {
      const files = readManifest(library, version.content_hash)
      must(files !== undefined, `version ${version.message} has no content`)
      for (const { sha256, path: name } of files ?? [])
        must(
          library.find('SELECT 1 FROM blobs WHERE sha256 = ?', sha256) !== undefined,
          `version ${version.message} lacks ${name}`,
        )
    }
    const unqueued = library.all<{ message: string }>(
      `SELECT message FROM skill_versions v WHERE tenant_id = ? AND version IS NULL
         AND created_by IN (SELECT user_id FROM spaces) -- another’s is theirs to send again
         AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.entity = 'version' AND o.entity_id = v.id)`,
      tenantId,
    )
    must(unqueued.length === 0, `not numbered and not queued: ${unqueued.map(row => row.message).join(', ')}`)
    const idle = library.all(
      `SELECT seq FROM outbox o WHERE o.entity = 'version' AND NOT EXISTS (SELECT 1 FROM skill_versions v WHERE v.id = o.entity_id)`,
    )
    must(idle.length === 0, `${idle.length} queued versions are not there`)
    const twice = library.all(
      'SELECT message FROM skill_versions WHERE tenant_id = ? GROUP BY message HAVING count(*) > 1',
      tenantId,
    )
    must(twice.length === 0, `twice: ${JSON.stringify(twice)}`)
    const dangling = library.all('SELECT * FROM pragma_foreign_key_check')
    must(dangling.length === 0, `dangling: ${JSON.stringify(dangling.slice(0, 3))}`)
    const totals = listWrongTotals(library)
    must(totals.length === 0, `totals of ${totals.join(', ')} are wrong`)
    return { versions: library.get<{ n: number }>('SELECT count(*) AS n FROM skill_versions').n }
  })
}

/** Every blob hashes to its name, and every version has all of its content here. */
export function checkContent(dataDir: string): number {
  const found = scrubFile(path.join(dataDir, 'library.db'), () => undefined)
  must(found.damaged.length === 0, `${found.damaged.length} blobs are damaged`)
  const missing = withLibrary(dataDir, library => [...listMissingContent(library)])
  must(missing.length === 0, `missing: ${missing.map(item => item.of).join(', ')}`)
  must(found.dangling.length === 0 && found.totalsWrong.length === 0, 'rows do not fit together')
  must(!found.namesWrong && found.structure.length === 0, `the file is not sound: ${found.structure.join(' ')}`)
  return found.checked
}

/** Table by table, what a member's library and the registry must agree on. */
const COMPARED: Record<string, string> = {
  skills:
    'id, slug, name, description, status, published_version_id, draft_version_id, total_ratings, average_rating, author_id',
  skill_versions:
    'id, skill_id, version, parent_version_id, merged_version_id, content_hash, name, description, message, created_by',
  ratings: 'id, skill_id, skill_version_id, user_id, rating, comment, hours_saved_estimate',
  skill_feedback: 'id, skill_id, skill_version_id, user_id, feedback_type, comment, status, review_notes',
  benchmark_cases: 'id, skill_id, name, prompt, expected_output, archived, source_feedback_id',
  users: 'id, name, role',
}

const plain = (row: object): string =>
  JSON.stringify(Object.values(row).map(value => (value === null || value === undefined ? null : String(value))))

/** Row by row, in pages, for there may be a million. Answers how many there are. */
async function compareTable(
  world: World,
  dataDirs: readonly string[],
  table: string,
  columns: string,
): Promise<number> {
  const page = `SELECT ${columns} FROM`
  let [compared, after] = [0, '']
  for (;;) {
    const sent = await world.sql<{ id: string }>(
      `${page} whetstone.${table} WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT ${COMPARED_AT_ONCE}`,
      [world.tenantId, after],
    )
    const there = sent.map(plain)
    for (const dataDir of dataDirs) {
      const here = withLibrary(dataDir, library =>
        library
          .all<object>(
            `${page} ${table} WHERE tenant_id = ? AND id > ? ORDER BY id LIMIT ${COMPARED_AT_ONCE}`,
            world.tenantId,
            after,
          )
          .map(plain),
      )
      const [ours, theirs] = [new Set(here), new Set(there)]
      const missing = there.filter(row => !ours.has(row))
      const more = here.filter(row => !theirs.has(row))
      must(
        missing.length === 0 && more.length === 0,
        `${table} differ: the registry has ${missing.slice(0, 2).join(' ')}, the library ${more.slice(0, 2).join(' ')}`,
      )
    }
    compared += there.length
    after = sent.at(-1)?.id ?? ''
    if (there.length < COMPARED_AT_ONCE) return compared
  }
}
const COMPARED_AT_ONCE = 20_000

/** The registry's rows equal each library's, its versions are numbered without gaps, and its totals are a recompute. */
export async function checkEqual(world: World, dataDirs: readonly string[], saved: readonly Saved[]): Promise<number> {
  let compared = 0
  for (const [table, columns] of Object.entries(COMPARED))
    compared += await compareTable(world, dataDirs, table, columns)
  const versions = await world.sql<{ id: string; content_hash: string; message: string }>(
    'SELECT id, content_hash, message FROM whetstone.skill_versions WHERE tenant_id = $1',
    [world.tenantId],
  )
  const byId = new Map(versions.map(version => [version.id, version]))
  for (const one of saved)
    must(byId.get(one.id)?.content_hash === one.contentHash, `acknowledged version ${one.message} did not arrive`)
  must(new Set(versions.map(version => version.message)).size === versions.length, 'a version arrived twice')
  const logged = await world.sql<{ id: string }>(
    `SELECT u.id FROM whetstone.change_log e CROSS JOIN LATERAL unnest(e.ids) AS u (id)
     WHERE e.tenant_id = $1 AND e.entity = 'skill_versions' GROUP BY u.id HAVING count(*) > 1 LIMIT 3`,
    [world.tenantId],
  )
  must(logged.length === 0, `a version took effect twice: ${logged.map(row => row.id).join(', ')}`)
  const gaps = await world.sql(
    'SELECT skill_id FROM whetstone.skill_versions WHERE tenant_id = $1 GROUP BY skill_id HAVING max(version) <> count(*)',
    [world.tenantId],
  )
  must(gaps.length === 0, `${gaps.length} skills have gaps in their numbers`)
  const totals = await world.sql(
    `SELECT s.id FROM whetstone.skills s WHERE s.tenant_id = $1 AND s.total_ratings <>
       (SELECT count(*) FROM whetstone.ratings r WHERE r.tenant_id = s.tenant_id AND r.skill_id = s.id)`,
    [world.tenantId],
  )
  must(totals.length === 0, `${totals.length} skills have wrong totals in the registry`)
  return compared
}

/**
 * The cursor moved with its rows: what the registry had said up to it is here. Nothing is told of a registry that was put
 * back since, for that one has another history.
 */
export async function checkCursor(world: World, { dataDir }: { dataDir: string }): Promise<void> {
  const { state, here } = withLibrary(dataDir, library => ({
    state: library.find<{ since: number; mark: string | null }>(
      'SELECT since, mark FROM sync_states WHERE tenant_id = ?',
      world.tenantId,
    ),
    // What waits for another row came as well; what is deleted here was here.
    here: new Set(
      library
        .all<{ key: string }>(
          `${TAKEN.map(table => `SELECT '${table} ' || id AS key FROM ${table}`).join(' UNION ALL ')}
           UNION ALL SELECT entity || ' ' || id FROM waiting_rows
           UNION ALL SELECT 'benchmark_cases ' || entity_id FROM outbox WHERE operation = 'delete'
           UNION ALL SELECT entity || ' ' || id FROM awaited_rows WHERE operation = 'delete'`,
        )
        .map(row => row.key),
    ),
  }))
  if (!state || state.since === 0) return
  const said = await world.sql<{ key: string; operation: string }>(
    `SELECT DISTINCT ON (e.entity, u.id) e.entity || ' ' || u.id AS key, e.operation
     FROM whetstone.change_log e CROSS JOIN LATERAL unnest(e.ids) WITH ORDINALITY AS u (id, at)
     WHERE e.tenant_id = $1 AND e.entity = ANY($3) AND e.first_seq + u.at - 1 <= $2
       AND $4 = (SELECT x.mark FROM whetstone.change_log x WHERE x.tenant_id = $1 AND x.last_seq >= $2 ORDER BY x.last_seq LIMIT 1)
     ORDER BY e.entity, u.id, e.first_seq + u.at DESC`,
    [world.tenantId, state.since, TAKEN, state.mark],
  )
  const lost = said.filter(one => one.operation === 'put' && !here.has(one.key))
  must(
    lost.length === 0,
    `the cursor is at ${state.since}, and ${lost.length} rows before it are not here: ${lost[0]?.key}`,
  )
}
const TAKEN = ['skills', 'skill_versions', 'ratings', 'skill_feedback', 'benchmark_cases']

/** A row that its author deleted. */
export type Removed = { table: 'benchmark_cases'; id: string }

/** What was done by a step of its own is done in the registry, once; libraries are equal to that. */
export async function checkDone(
  world: World,
  { accepted, removed }: { accepted: readonly string[]; removed: readonly Removed[] },
): Promise<void> {
  const waiting = await world.sql('SELECT id FROM whetstone.skill_feedback WHERE id = ANY($1) AND status <> $2', [
    accepted,
    'accepted',
  ])
  must(waiting.length === 0, `${waiting.length} reviews did not arrive`)
  for (const { table, id } of removed) {
    const back = await world.sql(`SELECT 1 FROM whetstone.${table} WHERE id = $1`, [id])
    must(back.length === 0, `a deleted row of ${table} is there`)
  }
}

/** The store holds, under its name, every manifest and file of every version. */
export async function checkStore(world: World, dataDir: string): Promise<number> {
  const names = withLibrary(dataDir, library => {
    const all = new Set<string>()
    for (const row of library.all<{ content_hash: string }>(
      'SELECT content_hash FROM skill_versions WHERE tenant_id = ? AND version IS NOT NULL',
      world.tenantId,
    )) {
      all.add(row.content_hash)
      for (const file of readManifest(library, row.content_hash) ?? []) all.add(file.sha256)
    }
    return [...all]
  })
  for (let from = 0; from < names.length; from += 16)
    for (const got of await Promise.all(names.slice(from, from + 16).map(name => world.store.get(name))))
      must(got.kind === 'found', `the store has content that is ${got.kind}`)
  return names.length
}
