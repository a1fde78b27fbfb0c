import { blob, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { skills, skillVersions, tenants, users } from './schema.ts'

const tenantId = () =>
  text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' })

/** The half of the library that only this computer knows: spaces, content, working copies, the outbox, settings. */
export const spaces = sqliteTable('spaces', {
  tenant_id: text()
    .primaryKey()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  kind: text({ enum: ['personal', 'sample', 'team'] }).notNull(),
  user_id: text()
    .notNull()
    .references(() => users.id),
  note: text(),
  removing: integer().notNull().default(0),
  created_at: integer().notNull(),
})

export const blobs = sqliteTable('blobs', {
  sha256: text().notNull().unique(),
  size: integer().notNull(),
  bytes: blob({ mode: 'buffer' }).notNull(),
})

export const versionFacts = sqliteTable('version_facts', {
  skill_version_id: text()
    .primaryKey()
    .references(() => skillVersions.id, { onDelete: 'cascade' }),
  tokens_always: integer().notNull(),
  tokens_on_trigger: integer().notNull(),
  tokens_on_demand: integer().notNull(),
  errors: integer().notNull(),
  warnings: integer().notNull(),
  reference_errors: integer().notNull().default(0),
  reference_warnings: integer().notNull().default(0),
  claude_code_errors: integer().notNull().default(0),
  claude_code_warnings: integer().notNull().default(0),
})

export const workingCopies = sqliteTable('working_copies', {
  skill_id: text()
    .primaryKey()
    .references(() => skills.id, { onDelete: 'cascade' }),
  base_version_id: text().references(() => skillVersions.id, { onDelete: 'cascade' }),
  changed: integer().notNull().default(0),
  name: text().notNull().default(''),
  description: text().notNull().default(''),
  saved_at: integer().notNull(),
})

export const workingFiles = sqliteTable(
  'working_files',
  {
    skill_id: text()
      .notNull()
      .references(() => workingCopies.skill_id, { onDelete: 'cascade' }),
    path: text().notNull(),
    sha256: text().notNull(),
    size: integer().notNull(),
    executable: integer().notNull().default(0),
    bytes: blob({ mode: 'buffer' }),
  },
  table => [primaryKey({ columns: [table.skill_id, table.path] })],
)

export const importOrigins = sqliteTable(
  'import_origins',
  {
    tenant_id: text()
      .notNull()
      .references(() => tenants.id, { onDelete: 'cascade' }),
    origin: text().notNull(),
    skill_id: text()
      .notNull()
      .references(() => skills.id, { onDelete: 'cascade' }),
    imported_at: integer().notNull(),
  },
  table => [primaryKey({ columns: [table.tenant_id, table.origin] })],
)

export const outbox = sqliteTable('outbox', {
  seq: integer().primaryKey({ autoIncrement: true }),
  tenant_id: tenantId(),
  skill_id: text(),
  entity: text().notNull(),
  entity_id: text().notNull(),
  operation: text({ enum: ['insert', 'update', 'delete', 'publish', 'review'] }).notNull(),
  payload: text().notNull().default('{}'),
  attempts: integer().notNull().default(0),
  due_at: integer().notNull(),
  parked_reason: text(),
  created_at: integer().notNull(),
  parked_code: text(),
  parked_todo: text(),
})

export const syncStates = sqliteTable('sync_states', {
  tenant_id: text()
    .primaryKey()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  host: text(),
  settings: text().notNull().default('{}'),
  since: integer().notNull().default(0),
  mark: text(),
  epoch: text(),
  role: text({ enum: ['reader', 'author', 'admin'] })
    .notNull()
    .default('reader'),
  schema_version: integer(),
  content: text({ enum: ['all', 'newest'] })
    .notNull()
    .default('all'),
  paused: integer().notNull().default(1),
  has_left: integer().notNull().default(0),
  reconciling: integer().notNull().default(0),
  synced_at: integer(),
  offline_since: integer(),
  created_at: integer().notNull(),
  /** The highest number that the registry was heard to have (migrations/sqlite/0110). */
  head: integer().notNull().default(0),
  /** Where it had been read to before it is read again from its start (`readAgain` in sync-states.ts). */
  known_since: integer().notNull().default(0),
  known_mark: text(),
})

export const syncLog = sqliteTable('sync_log', {
  seq: integer().primaryKey({ autoIncrement: true }),
  tenant_id: tenantId(),
  at: integer().notNull(),
  level: text({ enum: ['info', 'warning', 'error'] }).notNull(),
  text: text().notNull(),
})

export const remoteContent = sqliteTable(
  'remote_content',
  { tenant_id: tenantId(), sha256: text().notNull() },
  table => [primaryKey({ columns: [table.tenant_id, table.sha256] })],
)

export const contentWanted = sqliteTable(
  'content_wanted',
  {
    tenant_id: tenantId(),
    sha256: text().notNull(),
    kind: text({ enum: ['manifest', 'file'] }).notNull(),
    size: integer(),
    version_id: text().notNull(),
    attempts: integer().notNull().default(0),
    due_at: integer().notNull().default(0),
  },
  table => [primaryKey({ columns: [table.tenant_id, table.sha256] })],
)

export const remoteSkills = sqliteTable('remote_skills', {
  skill_id: text()
    .primaryKey()
    .references(() => skills.id, { onDelete: 'cascade' }),
  seq: integer().notNull(),
})

export const waitingRows = sqliteTable(
  'waiting_rows',
  {
    tenant_id: tenantId(),
    entity: text().notNull(),
    id: text().notNull(),
    seq: integer().notNull(),
    row: text().notNull(),
    reason: text().notNull(),
  },
  table => [primaryKey({ columns: [table.tenant_id, table.entity, table.id] })],
)

export const invalidRows = sqliteTable(
  'invalid_rows',
  {
    tenant_id: tenantId(),
    entity: text().notNull(),
    id: text().notNull(),
    seq: integer().notNull(),
    about: text().notNull(),
    by_user: text(),
    row: text().notNull(),
    problem: text().notNull(),
    replaced: integer().notNull().default(0),
  },
  table => [primaryKey({ columns: [table.tenant_id, table.entity, table.id] })],
)

export const reconcileSeen = sqliteTable(
  'reconcile_seen',
  { tenant_id: tenantId(), entity: text().notNull(), id: text().notNull() },
  table => [primaryKey({ columns: [table.tenant_id, table.entity, table.id] })],
)

export const conflicts = sqliteTable('conflicts', {
  id: text().primaryKey(),
  tenant_id: tenantId(),
  kind: text({
    enum: [
      'diverged',
      'published',
      'slug',
      'rating',
      'deleted',
      'archived',
      'overtaken',
      'review',
      'refused',
      'damaged',
      'rewritten',
      'rolledBack',
      'invalid',
    ],
  }).notNull(),
  skill_id: text(),
  entity: text(),
  entity_id: text(),
  at: integer().notNull(),
  by_name: text(),
  happened: text().notNull(),
  kept: text().notNull(),
  choices: text().notNull().default('[]'),
  detail: text().notNull().default('{}'),
  resolved_at: integer(),
  choice: text(),
})

export const awaitedRows = sqliteTable(
  'awaited_rows',
  {
    tenant_id: tenantId(),
    entity: text().notNull(),
    id: text().notNull(),
    operation: text({ enum: ['put', 'delete'] }).notNull(),
  },
  table => [primaryKey({ columns: [table.tenant_id, table.entity, table.id] })],
)

export const remoteTimes = sqliteTable(
  'remote_times',
  { entity: text().notNull(), id: text().notNull(), tenant_id: tenantId(), updated_at: integer().notNull() },
  table => [primaryKey({ columns: [table.entity, table.id] })],
)

export const settings = sqliteTable('settings', {
  key: text().primaryKey(),
  value: text().notNull(),
})

export const searchDocuments = sqliteTable('search_documents', {
  rowid: integer().primaryKey({ autoIncrement: true }),
  skill_id: text().notNull().unique(),
  tenant_id: text().notNull(),
})

export type SpaceRecord = typeof spaces.$inferSelect
export type WorkingCopyRecord = typeof workingCopies.$inferSelect
export type WorkingFileRecord = typeof workingFiles.$inferSelect
export type OutboxRecord = typeof outbox.$inferSelect
export type SyncStateRecord = typeof syncStates.$inferSelect
export type SyncLogRecord = typeof syncLog.$inferSelect
export type WantedRecord = typeof contentWanted.$inferSelect
export type WaitingRowRecord = typeof waitingRows.$inferSelect
export type AwaitedRecord = typeof awaitedRows.$inferSelect
export type ConflictRecord = typeof conflicts.$inferSelect
export type FactsRecord = typeof versionFacts.$inferSelect
