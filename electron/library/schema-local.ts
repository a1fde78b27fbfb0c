import { blob, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { skills, skillVersions, tenants, users } from './schema.ts'

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
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  skill_id: text(),
  entity: text().notNull(),
  entity_id: text().notNull(),
  operation: text({ enum: ['insert', 'update', 'delete', 'publish'] }).notNull(),
  payload: text().notNull().default('{}'),
  attempts: integer().notNull().default(0),
  due_at: integer().notNull(),
  parked_reason: text(),
  created_at: integer().notNull(),
})

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
export type FactsRecord = typeof versionFacts.$inferSelect
