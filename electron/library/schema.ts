import { type AnySQLiteColumn, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/**
 * The synced half of the library as drizzle tables: column for column what migrations/sqlite makes (a test holds the two
 * against each other). Keys are the columns' own names, so that a row of plain SQL has the same type as one of drizzle's.
 * JSON columns are text here; the contract's zod schemas parse them.
 */
export const tenants = sqliteTable('tenants', {
  id: text().primaryKey(),
  name: text().notNull(),
  slug: text().notNull().unique(),
  created_at: integer().notNull(),
})

export const users = sqliteTable('users', {
  id: text().primaryKey(),
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  name: text().notNull(),
  email: text(),
  role: text({ enum: ['reader', 'author', 'admin'] })
    .notNull()
    .default('author'),
  created_at: integer().notNull(),
})

export const skills = sqliteTable('skills', {
  id: text().primaryKey(),
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
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
  forked_from_id: text().references((): AnySQLiteColumn => skills.id, { onDelete: 'set null' }),
  forked_at_version_id: text(),
  author_id: text()
    .notNull()
    .references(() => users.id),
  hours_saved: real(),
  content: text(),
  created_at: integer().notNull(),
  updated_at: integer().notNull(),
  total_uses: integer().notNull().default(0),
  average_rating: integer(),
  total_ratings: integer().notNull().default(0),
  total_feedback: integer().notNull().default(0),
  positive_feedback_pct: integer(),
  avg_token_cost_microcents: integer(),
})

export const skillVersions = sqliteTable('skill_versions', {
  id: text().primaryKey(),
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  skill_id: text()
    .notNull()
    .references(() => skills.id, { onDelete: 'cascade' }),
  version: integer(),
  parent_version_id: text().references((): AnySQLiteColumn => skillVersions.id),
  merged_version_id: text().references((): AnySQLiteColumn => skillVersions.id),
  content_url: text().notNull(),
  content_hash: text().notNull(),
  content_type: text().notNull(),
  name: text().notNull(),
  description: text().notNull(),
  message: text().notNull(),
  metadata: text().notNull().default('{}'),
  created_by: text()
    .notNull()
    .references(() => users.id),
  created_at: integer().notNull(),
})

export const ratings = sqliteTable('ratings', {
  id: text().primaryKey(),
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  skill_id: text()
    .notNull()
    .references(() => skills.id, { onDelete: 'cascade' }),
  skill_version_id: text()
    .notNull()
    .references(() => skillVersions.id, { onDelete: 'cascade' }),
  user_id: text()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  rating: integer().notNull(),
  comment: text(),
  hours_saved_estimate: real(),
  created_at: integer().notNull(),
  updated_at: integer().notNull(),
})

export const skillFeedback = sqliteTable('skill_feedback', {
  id: text().primaryKey(),
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  skill_id: text()
    .notNull()
    .references(() => skills.id, { onDelete: 'cascade' }),
  skill_version_id: text().references(() => skillVersions.id, { onDelete: 'cascade' }),
  user_id: text()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  feedback_type: text({ enum: ['thumbs_up', 'thumbs_down', 'suggestion', 'training_example', 'bug_report'] }).notNull(),
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
  reviewed_by: text().references(() => users.id, { onDelete: 'set null' }),
  reviewed_at: integer(),
  review_notes: text(),
  implemented_by_version_id: text().references(() => skillVersions.id, { onDelete: 'cascade' }),
  usage_event_id: text(),
  source: text({ enum: ['app', 'mcp', 'import'] })
    .notNull()
    .default('app'),
  created_at: integer().notNull(),
  updated_at: integer().notNull(),
})

export const tokenMeasurements = sqliteTable('token_measurements', {
  id: text().primaryKey(),
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  skill_id: text()
    .notNull()
    .references(() => skills.id, { onDelete: 'cascade' }),
  skill_version_id: text().references(() => skillVersions.id, { onDelete: 'cascade' }),
  usage_event_id: text(),
  user_id: text().references(() => users.id, { onDelete: 'set null' }),
  model_name: text().notNull(),
  model_provider: text().notNull(),
  input_tokens: integer(),
  output_tokens: integer(),
  cache_read_tokens: integer(),
  cache_write_tokens: integer(),
  total_tokens: integer(),
  estimated_cost_microcents: integer(),
  latency_ms: integer(),
  source: text().notNull().default('app'),
  created_at: integer().notNull(),
})

export const usageEvents = sqliteTable('usage_events', {
  id: text().primaryKey(),
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  skill_id: text()
    .notNull()
    .references(() => skills.id, { onDelete: 'cascade' }),
  skill_version_id: text().references(() => skillVersions.id, { onDelete: 'cascade' }),
  user_id: text().references(() => users.id, { onDelete: 'set null' }),
  tool: text().notNull(),
  created_at: integer().notNull(),
})

export const benchmarkCases = sqliteTable('benchmark_cases', {
  id: text().primaryKey(),
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  skill_id: text()
    .notNull()
    .references(() => skills.id, { onDelete: 'cascade' }),
  name: text().notNull(),
  prompt: text().notNull(),
  expected_output: text(),
  assertions: text().notNull().default('[]'),
  files: text().notNull().default('[]'),
  tags: text().notNull().default('[]'),
  weight: real().notNull().default(1),
  source_feedback_id: text().references(() => skillFeedback.id, { onDelete: 'set null' }),
  archived: integer().notNull().default(0),
  created_at: integer().notNull(),
  updated_at: integer().notNull(),
  provenance: text().notNull().default('{}'),
})

export const benchmarkRuns = sqliteTable('benchmark_runs', {
  id: text().primaryKey(),
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  skill_id: text()
    .notNull()
    .references(() => skills.id, { onDelete: 'cascade' }),
  skill_version_id: text().references(() => skillVersions.id, { onDelete: 'cascade' }),
  case_set_hash: text().notNull(),
  judge_model: text(),
  judge_prompt_hash: text(),
  price_table_date: text(),
  repeats: integer().notNull().default(1),
  models: text().notNull().default('[]'),
  status: text({ enum: ['pending', 'running', 'completed', 'failed', 'cancelled'] })
    .notNull()
    .default('pending'),
  best_model: text(),
  best_quality_score: real(),
  cheapest_model: text(),
  cheapest_cost_microcents: integer(),
  triggered_by: text().references(() => users.id, { onDelete: 'set null' }),
  created_at: integer().notNull(),
  started_at: integer(),
  completed_at: integer(),
  configuration: text(),
  baseline: integer().notNull().default(0),
  content_hash: text(),
  batch_id: text(),
  settings: text().notNull().default('{}'),
  provenance: text().notNull().default('{}'),
  error_message: text(),
})

export const benchmarkResults = sqliteTable('benchmark_results', {
  id: text().primaryKey(),
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  run_id: text()
    .notNull()
    .references(() => benchmarkRuns.id, { onDelete: 'cascade' }),
  case_id: text()
    .notNull()
    .references(() => benchmarkCases.id, { onDelete: 'cascade' }),
  model_name: text().notNull(),
  model_provider: text().notNull(),
  repeat: integer().notNull().default(1),
  input_used: text(),
  output_produced: text(),
  expected_output: text(),
  input_tokens: integer(),
  output_tokens: integer(),
  cache_read_tokens: integer(),
  cache_write_tokens: integer(),
  total_tokens: integer(),
  estimated_cost_microcents: integer(),
  latency_ms: integer(),
  quality_score: real(),
  quality_notes: text(),
  matches_expected: integer(),
  assertion_results: text().notNull().default('[]'),
  error_message: text(),
  created_at: integer().notNull(),
  details: text().notNull().default('{}'),
})

export type TenantRecord = typeof tenants.$inferSelect
export type UserRecord = typeof users.$inferSelect
export type SkillRecord = typeof skills.$inferSelect
export type VersionRecord = typeof skillVersions.$inferSelect
export type RatingRecord = typeof ratings.$inferSelect
export type FeedbackRecord = typeof skillFeedback.$inferSelect
export type MeasurementRecord = typeof tokenMeasurements.$inferSelect
export type UsageEventRecord = typeof usageEvents.$inferSelect
export type BenchmarkCaseRecord = typeof benchmarkCases.$inferSelect
export type BenchmarkRunRecord = typeof benchmarkRuns.$inferSelect
export type BenchmarkResultRecord = typeof benchmarkResults.$inferSelect
