import { sha256 } from '../../electron/library/blobs.ts'
import type { Library } from '../../electron/library/library.ts'
import type { OutboxRecord } from '../../electron/library/schema-local.ts'
import { blobKey } from '../../electron/registry/blobs.ts'
import { differences, miscounted, rowsHere } from './compare.ts'
import { wronglyListed } from './listed.ts'
import type { Heard, Machine } from './machine.ts'
import type { MemoryRegistry } from './memory-registry.ts'
import type { Row, TableName, Tenant } from './memory-state.ts'

/** What must hold once the faults have ended and everybody has synced twice. Each sentence is one thing that does not. */
export function broken(
  registry: MemoryRegistry,
  tenantIds: readonly string[],
  machines: readonly Machine[],
  heard: readonly HeardBy[],
  restored: ReadonlySet<string>,
): string[] {
  const wrong: string[] = []
  for (const tenantId of tenantIds) {
    const tenant = registry.tenant(tenantId)
    wrong.push(...brokenThere(tenant))
    wrong.push(...lost(tenant, heard, restored.has(tenantId), machines))
    wrong.push(...unwell(registry, tenant))
  }
  for (const machine of machines) {
    const library = machine.app?.library
    if (!library) {
      wrong.push(`${machine.name} does not run`)
      continue
    }
    const say = (what: string) => wrong.push(`${machine.name}: ${what}`)
    const known = new Set(machine.teams.map(team => team.tenantId))
    for (const { id } of library.all<{ id: string }>('SELECT id FROM tenants'))
      if (!known.has(id)) say(`has rows of ${id}, a team it is not in`)
    for (const { sha256: name, bytes } of library.all<{ sha256: string; bytes: Buffer }>(
      'SELECT sha256, bytes FROM blobs',
    ))
      if (sha256(bytes) !== name) say(`stores wrong bytes under ${name.slice(0, 8)}`)
    for (const { tenantId } of machine.teams) {
      if (machine.app) wronglyListed(machine.app, tenantId).forEach(say)
      const isGhost = restored.has(tenantId) ? ghostsOf(tenantId, machines) : () => false
      const tenant = registry.tenant(tenantId)
      brokenHere(library, tenant, { isGhost, gone: restored.has(tenantId) ? goneSkills(tenant, machines) : [] }, say)
    }
  }
  if (wrong.length > 0) for (const machine of machines) wrong.push(...notes(machine))
  return wrong
}

/** What may explain it: what waits for a person. */
function notes({ name, app }: Machine): string[] {
  const rows = app?.library.all<OutboxRecord>('SELECT * FROM outbox ORDER BY seq') ?? []
  const conflicts =
    app?.library.all<{ id: string; happened: string }>('SELECT id, happened FROM conflicts ORDER BY id') ?? []
  return [
    ...rows.map(
      row => `(${name} has ${row.operation} of ${row.entity} ${row.entity_id}, ${row.parked_code ?? 'not parked'})`,
    ),
    ...conflicts.map(one => `(${name} was told ${one.id})`),
  ]
}

export type HeardBy = Heard & { machine: string }

/**
 * Taken back by its author, and then the registry forgot that there had been such a row, and its end: whoever had not heard
 * of the end keeps the row, as something of somebody else's that the registry lost. Results end with their case.
 */
function ghostsOf(tenantId: string, machines: readonly Machine[]) {
  return (table: TableName, id: string, row: Row): boolean => {
    const owner = ownerOf(table, row, machines)
    if (!DELETABLE.has(table) || typeof owner !== 'string') return false
    return machines.every(
      ({ app, teams }) =>
        !teams.some(team => team.tenantId === tenantId && team.userId === owner) ||
        app?.library.find(`SELECT 1 FROM ${table} WHERE id = ?`, id) === undefined,
    )
  }
}
function ownerOf(table: TableName, row: Row, machines: readonly Machine[]): Row[string] | undefined {
  if (table === 'skills') return row.author_id
  if (table !== 'benchmark_results') return row.user_id
  const run = 'SELECT triggered_by AS id FROM benchmark_runs WHERE id = ?'
  for (const { app } of machines) {
    const found = app?.library.find<{ id: string }>(run, String(row.run_id))
    if (found) return found.id
  }
  return undefined
}

/**
 * Deleted there as the empty skill it was, before its versions had come, or lost with them when the registry was put back:
 * whole wherever it was known, until its author decides on the computer that was told.
 */
const goneSkills = (tenant: Tenant, machines: readonly Machine[]): string[] => [
  ...[...tenant.tombstones.keys()].flatMap(key => (key.startsWith('skills ') ? [key.slice('skills '.length)] : [])),
  ...machines.flatMap(({ app }) => (app ? openDeleted(app.library, tenant.id) : [])),
]

const openDeleted = (library: Library, tenantId: string): string[] =>
  library
    .all<{ entity_id: string }>(
      "SELECT entity_id FROM conflicts WHERE tenant_id = ? AND kind = 'deleted' AND resolved_at IS NULL",
      tenantId,
    )
    .map(row => row.entity_id)

const DELETABLE: ReadonlySet<TableName> = new Set(['skills', 'ratings', 'skill_feedback', 'benchmark_results'])

function brokenHere(
  library: Library,
  tenant: Tenant,
  { isGhost, gone }: { isGhost: (table: TableName, id: string, row: Row) => boolean; gone: readonly string[] },
  say: (what: string) => void,
): void {
  const queue = library.all<OutboxRecord>('SELECT * FROM outbox WHERE tenant_id = ? ORDER BY seq', tenant.id)
  const parked = queue.filter(row => row.parked_reason !== null)
  for (const row of parked)
    if (!row.parked_code || !row.parked_reason || !row.parked_todo)
      say(`${row.entity} ${row.entity_id} is parked without saying why`)
  const held = new Set(parked.flatMap(row => (row.skill_id === null ? [] : [row.skill_id])))
  for (const id of gone) held.add(id)
  // Not deleted here, and nowhere else: what hangs on it waits for its author's computer to send it.
  for (const [id, row] of rowsHere(library, tenant.id, 'skills'))
    if (!tenant.tables.skills.has(id) && isGhost('skills', id, row)) held.add(id)
  // Deleted there while it was edited here: whole here until its author decides.
  for (const id of openDeleted(library, tenant.id)) held.add(id)
  for (const row of queue)
    if (row.parked_reason === null && !(row.skill_id !== null && held.has(row.skill_id)))
      say(`${row.operation} of ${row.entity} ${row.entity_id} still waits after ${row.attempts} attempts`)
  const excused = excuse(queue, held)
  const found = differences(library, tenant, excused).filter(
    ({ table, id, row, missing }) => missing !== 'there' || !isGhost(table, id, row),
  )
  // A ghost counts where it is, excused or not, and so does what the registry would not take.
  const haunted = new Set(queue.map(row => row.skill_id))
  for (const table of found.length > 0 ? DELETABLE : [])
    for (const [id, row] of rowsHere(library, tenant.id, table))
      if (!tenant.tables[table].has(id) && isGhost(table, id, row)) haunted.add(String(row.skill_id))
  for (const { table, id, what, column } of found)
    if (!(table === 'skills' && haunted.has(id) && column !== undefined && COUNTED.test(column)))
      say(`${table} ${id} ${what}`)
  for (const { id, what } of miscounted(library, tenant.id)) say(`skill ${id} ${what}`)
  for (const row of library.all<{ entity: string; id: string; reason: string }>(
    'SELECT * FROM waiting_rows WHERE tenant_id = ?',
    tenant.id,
  ))
    say(`${row.entity} ${row.id} was received and waits for ${row.reason}`)
  for (const { level, text } of library.all<{ level: string; text: string }>(
    'SELECT DISTINCT level, text FROM sync_log WHERE tenant_id = ?',
    tenant.id,
  ))
    if (level === 'error' && !EXPECTED.test(text)) say(`logged a fault: ${text}`)
  for (const { id, content_hash } of library.all<{ id: string; content_hash: string }>(
    'SELECT id, content_hash FROM skill_versions WHERE tenant_id = ?',
    tenant.id,
  ))
    for (const hash of namesOf(
      content_hash,
      name => library.find<{ bytes: Buffer }>('SELECT bytes FROM blobs WHERE sha256 = ?', name)?.bytes,
    ))
      if (!library.find('SELECT 1 FROM blobs WHERE sha256 = ?', hash))
        say(`content ${hash.slice(0, 8)} of version ${id} is not here`)
  for (const { id, files } of library.all<{ id: string; files: string }>(
    'SELECT id, files FROM benchmark_cases WHERE tenant_id = ?',
    tenant.id,
  ))
    if (tenant.tables.benchmark_cases.has(id) && !queue.some(row => row.entity_id === id))
      for (const hash of namesOfFiles(files))
        if (!library.find('SELECT 1 FROM blobs WHERE sha256 = ?', hash))
          say(`file ${hash.slice(0, 8)} of case ${id} is not here`)
}

const COUNTED = /^(hours_saved|average_rating|positive_feedback_pct|total_)/

/** Errors that the world itself makes: a login that ends, a disk that is full. */
const EXPECTED = /password|SQLITE_FULL|disk is full|what they refer to did not come/

/** All content of a team's versions and cases that is here. */
export function contentOf(library: Library, tenantId: string): string[] {
  const read = (name: string) =>
    library.find<{ bytes: Buffer }>('SELECT bytes FROM blobs WHERE sha256 = ?', name)?.bytes
  const versions = library.all<{ content_hash: string }>(
    'SELECT content_hash FROM skill_versions WHERE tenant_id = ? ORDER BY id',
    tenantId,
  )
  const cases = library.all<{ files: string }>(
    'SELECT files FROM benchmark_cases WHERE tenant_id = ? ORDER BY id',
    tenantId,
  )
  const named = [
    ...versions.flatMap(version => namesOf(version.content_hash, read)),
    ...cases.flatMap(one => namesOfFiles(one.files)),
  ]
  return [...new Set(named)].filter(name => read(name) !== undefined)
}

/** What waits for a person may differ: the row itself, and, of a skill that is held, all that hangs on it. */
function excuse(queue: readonly OutboxRecord[], held: ReadonlySet<string>) {
  const rows = new Set([...queue.map(row => row.entity_id), ...held])
  const refers = ['skill_id', 'skill_version_id', 'run_id', 'case_id', 'parent_version_id', 'merged_version_id']
  return (_table: TableName, id: string, row: Row): boolean =>
    rows.has(id) || refers.some(column => typeof row[column] === 'string' && rows.has(row[column]))
}

function brokenThere(tenant: Tenant): string[] {
  const wrong: string[] = []
  const { skills, skill_versions } = tenant.tables
  for (const [id, { row }] of skills) {
    const versions = [...skill_versions.values()].filter(({ row: version }) => version.skill_id === id)
    const numbers = versions.map(({ row: version }) => Number(version.version)).sort((a, b) => a - b)
    if (numbers.some((number, n) => number !== n + 1))
      wrong.push(`registry: skill ${id} has versions ${numbers.join(' ')}`)
    const newest = versions.find(({ row: version }) => version.version === numbers.length)
    if ((newest?.row.id ?? null) !== row.draft_version_id)
      wrong.push(`registry: skill ${id} does not point at its newest version`)
    const published = row.published_version_id
    if (published !== null && skill_versions.get(String(published))?.row.skill_id !== id)
      wrong.push(`registry: skill ${id} publishes ${published}, which is not there`)
  }
  return wrong
}

/** Nothing that was acknowledged is gone, and nothing that was deleted is back. */
function lost(tenant: Tenant, heard: readonly HeardBy[], wasRestored: boolean, machines: readonly Machine[]): string[] {
  return heard.flatMap(({ kind, tenantId, id, machine }) => {
    if (tenantId !== tenant.id) return []
    if (kind === 'version' && !tenant.tables.skill_versions.has(id)) {
      const { app } = machines.find(one => one.name === machine) ?? {}
      return wasRestored && app && isKept(app.library, id, ghostsOf(tenantId, machines))
        ? []
        : [`registry: version ${id}, acknowledged to ${machine}, is lost`]
    }
    if (kind !== 'deleted' || wasRestored) return []
    const [entity = '', row = ''] = id.split(' ')
    const table = Object.entries(tenant.tables).find(([name]) => name === entity)?.[1]
    return table?.has(row) ? [`registry: ${id}, whose deletion was acknowledged to ${machine}, is back`] : []
  })
}

/**
 * The registry was put back to where its skill was empty or was not, and the skill was then deleted by whoever did not know of
 * it: whole here and queued; set aside and asked about, where there was still something to delete.
 */
function isKept(library: Library, versionId: string, isGhost: ReturnType<typeof ghostsOf>): boolean {
  const skill = library.find<Record<string, string | number | null>>(
    `SELECT s.* FROM skills s JOIN skill_versions v ON v.skill_id = s.id JOIN outbox o ON o.entity_id = v.id
     WHERE v.id = ? AND v.version IS NULL`,
    versionId,
  )
  const id = String(skill?.id)
  return (
    skill !== undefined && (openDeleted(library, String(skill.tenant_id)).includes(id) || isGhost('skills', id, skill))
  )
}

/** Every version's content is in the store, as its names say, and so are the files of cases. */
function unwell(registry: MemoryRegistry, tenant: Tenant): string[] {
  const objects = registry.objectsOf(tenant.id)
  const read = (name: string) => objects.get(blobKey(name))?.bytes
  const wrong: string[] = []
  const look = (name: string, of: string) => {
    const bytes = read(name)
    if (!bytes) wrong.push(`store: content ${name.slice(0, 8)} of ${of} is missing`)
    else if (sha256(bytes) !== name) wrong.push(`store: content ${name.slice(0, 8)} of ${of} is damaged`)
  }
  for (const [id, { row }] of tenant.tables.skill_versions)
    for (const name of namesOf(String(row.content_hash), read)) look(name, `version ${id}`)
  for (const [id, { row }] of tenant.tables.benchmark_cases)
    for (const name of namesOfFiles(String(row.files))) look(name, `case ${id}`)
  return wrong
}

/** A manifest's name and those of its files. */
function namesOf(manifest: string, read: (name: string) => Uint8Array | undefined): string[] {
  const bytes = read(manifest)
  if (!bytes || sha256(bytes) !== manifest) return [manifest]
  const entries: { sha256: string }[] = JSON.parse(Buffer.from(bytes).toString('utf8'))
  return [manifest, ...entries.map(entry => entry.sha256)]
}

/** Those of a benchmark case that came with it. */
function namesOfFiles(files: string): string[] {
  const entries: { sha256: string | null }[] = JSON.parse(files)
  return entries.flatMap(entry => entry.sha256 ?? [])
}
