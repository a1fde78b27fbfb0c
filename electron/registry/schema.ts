import {
  type AnyPgColumn,
  bigint,
  doublePrecision,
  type ForeignKeyBuilder,
  foreignKey,
  integer,
  pgSchema,
  primaryKey,
  text,
  type UpdateDeleteAction,
  unique,
} from 'drizzle-orm/pg-core'

/**
 * The synced tables in the registry: column for column what migrations/postgres makes and what the library has (a test
 * holds all three against each other). Every key carries the tenant. `seq` (and `versions` on skills) are the registry's
 * own; SERVER_COLUMNS names them. What only the registry has is in schema-server.ts, the relations are in relations.ts.
 */
export const registry = pgSchema('whetstone')

/** Not in the library: a row's last place in the change log, and how many of a skill's versions are numbered. */
export const SERVER_COLUMNS: readonly string[] = ['seq', 'versions']

/** Milliseconds, counts and microcents: all far below 2^53. */
export const big = () => bigint({ mode: 'number' })

type Owned = { tenant_id: AnyPgColumn; id: AnyPgColumn }

/**
 * A foreign key within the tenant; `target` is a table, or the columns of the table itself. `set null` empties the key
 * alone, never tenant_id (Postgres 15's column list, which drizzle cannot say).
 */
export function within(
  tenant: AnyPgColumn,
  key: AnyPgColumn,
  target: Owned,
  onDelete?: UpdateDeleteAction,
): ForeignKeyBuilder {
  const made = foreignKey({ columns: [tenant, key], foreignColumns: [target.tenant_id, target.id] })
  return onDelete ? made.onDelete(onDelete) : made
}

export const tenants = registry.table('tenants', {
  id: text().primaryKey(),
  name: text().notNull(),
  slug: text().notNull().unique(),
  created_at: big().notNull(),
  seq: big().notNull().default(0),
})

const tenantId = () =>
  text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' })

export const users = registry.table(
  'users',
  {
    id: text().notNull(),
    tenant_id: tenantId(),
    name: text().notNull(),
    email: text(),
    role: text({ enum: ['reader', 'author', 'admin'] })
      .notNull()
      .default('author'),
    created_at: big().notNull(),
    seq: big().notNull().default(0),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.id] })],
)

export const skills = registry.table(
  'skills',
  {
    id: text().notNull(),
    tenant_id: tenantId(),
    slug: text().notNull(),
    name: text().notNull(),
    description: text().notNull().default(''),
    category: text(),
    tags: text().notNull().default('[]'),
    status: text({ enum: ['draft', 'published', 'archived'] })
      .notNull()
      .default('draft'),
    visibility: text({ enum: ['tenant', 'personal'] })
      .notNull()
      .default('tenant'),
    published_version_id: text(),
    draft_version_id: text(),
    forked_from_id: text(),
    forked_at_version_id: text(),
    author_id: text().notNull(),
    hours_saved: doublePrecision(),
    content: text(),
    created_at: big().notNull(),
    updated_at: big().notNull(),
    total_uses: big().notNull().default(0),
    average_rating: integer(),
    total_ratings: big().notNull().default(0),
    total_feedback: big().notNull().default(0),
    positive_feedback_pct: integer(),
    avg_token_cost_microcents: big(),
    seq: big().notNull().default(0),
    versions: integer().notNull().default(0),
  },
  t => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    unique().on(t.tenant_id, t.slug),
    within(t.tenant_id, t.forked_from_id, t, 'set null'),
    within(t.tenant_id, t.author_id, users),
  ],
)

export const skillVersions = registry.table(
  'skill_versions',
  {
    id: text().notNull(),
    tenant_id: text().notNull(),
    skill_id: text().notNull(),
    version: integer().notNull(),
    parent_version_id: text(),
    merged_version_id: text(),
    content_url: text().notNull(),
    content_hash: text().notNull(),
    content_type: text().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    message: text().notNull(),
    metadata: text().notNull().default('{}'),
    created_by: text().notNull(),
    created_at: big().notNull(),
  },
  t => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    unique().on(t.tenant_id, t.skill_id, t.version),
    within(t.tenant_id, t.skill_id, skills, 'cascade'),
    within(t.tenant_id, t.parent_version_id, t),
    within(t.tenant_id, t.merged_version_id, t),
    within(t.tenant_id, t.created_by, users),
  ],
)

export const ratings = registry.table(
  'ratings',
  {
    id: text().notNull(),
    tenant_id: text().notNull(),
    skill_id: text().notNull(),
    skill_version_id: text().notNull(),
    user_id: text().notNull(),
    rating: integer().notNull(),
    comment: text(),
    hours_saved_estimate: doublePrecision(),
    created_at: big().notNull(),
    updated_at: big().notNull(),
    seq: big().notNull().default(0),
  },
  t => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    unique().on(t.tenant_id, t.skill_version_id, t.user_id),
    within(t.tenant_id, t.skill_id, skills, 'cascade'),
    within(t.tenant_id, t.skill_version_id, skillVersions, 'cascade'),
    within(t.tenant_id, t.user_id, users, 'cascade'),
  ],
)

export const skillFeedback = registry.table(
  'skill_feedback',
  {
    id: text().notNull(),
    tenant_id: text().notNull(),
    skill_id: text().notNull(),
    skill_version_id: text(),
    user_id: text().notNull(),
    feedback_type: text({
      enum: ['thumbs_up', 'thumbs_down', 'suggestion', 'training_example', 'bug_report'],
    }).notNull(),
    sentiment: integer(),
    comment: text(),
    suggested_content: text(),
    suggested_diff: text(),
    example_input: text(),
    example_output: text(),
    expected_output: text(),
    severity: text(),
    quality_score: integer(),
    status: text({ enum: ['pending', 'accepted', 'dismissed', 'implemented'] })
      .notNull()
      .default('pending'),
    reviewed_by: text(),
    reviewed_at: big(),
    review_notes: text(),
    implemented_by_version_id: text(),
    usage_event_id: text(),
    source: text({ enum: ['app', 'mcp', 'import'] })
      .notNull()
      .default('app'),
    created_at: big().notNull(),
    updated_at: big().notNull(),
    seq: big().notNull().default(0),
  },
  t => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    within(t.tenant_id, t.skill_id, skills, 'cascade'),
    within(t.tenant_id, t.skill_version_id, skillVersions, 'cascade'),
    within(t.tenant_id, t.user_id, users, 'cascade'),
    within(t.tenant_id, t.reviewed_by, users, 'set null'),
    within(t.tenant_id, t.implemented_by_version_id, skillVersions, 'cascade'),
  ],
)

export type TenantRow = typeof tenants.$inferSelect
export type UserRow = typeof users.$inferSelect
export type SkillRow = typeof skills.$inferSelect
export type VersionRow = typeof skillVersions.$inferSelect
export type RatingRow = typeof ratings.$inferSelect
export type FeedbackRow = typeof skillFeedback.$inferSelect
