import { integer, numeric, primaryKey, text } from 'drizzle-orm/pg-core'
import { big, registry, skills, skillVersions, tenants, users, within } from './schema.ts'

/** What only the registry has; see migrations/postgres/0030. */
const tenantId = () =>
  text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' })

export const members = registry.table(
  'members',
  {
    role_name: text().primaryKey(),
    tenant_id: tenantId(),
    user_id: text().notNull(),
    role: text({ enum: ['reader', 'author', 'admin'] }).notNull(),
    invited_at: big().notNull(),
    expires_at: big().notNull(),
    accepted_at: big(),
  },
  t => [within(t.tenant_id, t.user_id, users, 'cascade')],
)

export const tenantHeads = registry.table('tenant_heads', {
  tenant_id: text()
    .primaryKey()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  n: big().notNull().default(0),
  epoch: text().notNull(),
  channel: text().notNull(),
  rows_stored: big().notNull().default(0),
  bytes_stored: big().notNull().default(0),
  rows_allowed: big().notNull(),
  bytes_allowed: big().notNull(),
})

export const tenantSettings = registry.table('tenant_settings', {
  tenant_id: text()
    .primaryKey()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  publish_needs_approval: integer().notNull().default(0),
})

export const changeLog = registry.table(
  'change_log',
  {
    tenant_id: tenantId(),
    last_seq: big().notNull(),
    first_seq: big().notNull(),
    entity: text().notNull(),
    operation: text({ enum: ['put', 'delete'] }).notNull(),
    ids: text().array().notNull(),
    user_id: text(),
    at: big().notNull(),
    mark: text().notNull(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.last_seq] })],
)

export const tombstones = registry.table(
  'tombstones',
  {
    tenant_id: tenantId(),
    entity: text().notNull(),
    id: text().notNull(),
    deleted_by: text(),
    deleted_at: big().notNull(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.entity, t.id] })],
)

export const publishLog = registry.table(
  'publish_log',
  {
    id: text().notNull(),
    tenant_id: text().notNull(),
    skill_id: text().notNull(),
    from_version_id: text(),
    to_version_id: text(),
    user_id: text(),
    at: big().notNull(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.id] }), within(t.tenant_id, t.skill_id, skills, 'cascade')],
)

export const versionApprovals = registry.table(
  'version_approvals',
  { tenant_id: text().notNull(), skill_version_id: text().notNull(), user_id: text().notNull(), at: big().notNull() },
  t => [
    primaryKey({ columns: [t.tenant_id, t.skill_version_id, t.user_id] }),
    within(t.tenant_id, t.skill_version_id, skillVersions, 'cascade'),
    within(t.tenant_id, t.user_id, users, 'cascade'),
  ],
)

export const skillTotals = registry.table(
  'skill_totals',
  {
    tenant_id: text().notNull(),
    skill_id: text().notNull(),
    uses: big().notNull().default(0),
    ratings: big().notNull().default(0),
    stars: big().notNull().default(0),
    hours: numeric().notNull().default('0'),
    hours_said: big().notNull().default(0),
    feedback: big().notNull().default(0),
    thumbs_up: big().notNull().default(0),
    thumbs_down: big().notNull().default(0),
    cost: numeric().notNull().default('0'),
    costs: big().notNull().default(0),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.skill_id] }), within(t.tenant_id, t.skill_id, skills, 'cascade')],
)

export const quarantinedRows = registry.table(
  'quarantined_rows',
  {
    tenant_id: tenantId(),
    entity: text().notNull(),
    id: text().notNull(),
    at: big().notNull(),
    columns: text().array().notNull(),
    original: text().notNull(),
    outcome: text({ enum: ['corrected', 'removed', 'kept'] }).notNull(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.entity, t.id, t.at] })],
)

export const appliedMigrations = registry.table('migrations', {
  id: integer().primaryKey(),
  name: text().notNull(),
  hash: text().notNull(),
  applied_at: big().notNull(),
})
