import { integer, primaryKey, real, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import { benchmarkResults, skills, skillVersions, tenants, users } from './schema.ts'

/** What this computer alone knows of benchmarks; migrations/sqlite/0050, 0090 and 0100 say the same. */
export const modelProviders = sqliteTable('model_providers', {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  kind: text({ enum: ['anthropic', 'openai', 'google', 'compatible'] }).notNull(),
  base_url: text(),
  key_variable: text(),
  models: text().notNull().default('[]'),
  concurrency: integer().notNull().default(4),
  requests_per_minute: integer(),
  tokens_per_minute: integer(),
  created_at: integer().notNull(),
})

export const modelPrices = sqliteTable(
  'model_prices',
  {
    provider_id: text()
      .notNull()
      .references(() => modelProviders.id, { onDelete: 'cascade' }),
    model: text().notNull(),
    input: real().notNull(),
    output: real().notNull(),
    cache_read: real(),
    cache_write: real(),
  },
  table => [primaryKey({ columns: [table.provider_id, table.model] })],
)

export const modelReplies = sqliteTable('model_replies', {
  reply_key: text().notNull().unique(),
  reply: text().notNull(),
  created_at: integer().notNull(),
  bytes: integer().notNull().default(0),
  used_at: integer().notNull().default(0),
})

export const benchmarkBatches = sqliteTable('benchmark_batches', {
  id: text().primaryKey(),
  tenant_id: text()
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' }),
  skill_id: text()
    .notNull()
    .references(() => skills.id, { onDelete: 'cascade' }),
  plan: text().notNull(),
  state: text({ enum: ['running', 'paused', 'completed', 'cancelled'] }).notNull(),
  reason: text(),
  cells: integer().notNull(),
  budget_microcents: integer(),
  spent_microcents: integer().notNull().default(0),
  owner: text(),
  owner_until: integer(),
  created_at: integer().notNull(),
  completed_at: integer(),
  unpriced: integer().notNull().default(0),
})

export const handGrades = sqliteTable(
  'hand_grades',
  {
    result_id: text()
      .notNull()
      .references(() => benchmarkResults.id, { onDelete: 'cascade' }),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    score: real().notNull(),
    notes: text().notNull().default(''),
    created_at: integer().notNull(),
  },
  table => [primaryKey({ columns: [table.result_id, table.user_id] })],
)

export const resultPairs = sqliteTable(
  'result_pairs',
  {
    id: text().primaryKey(),
    left_result_id: text()
      .notNull()
      .references(() => benchmarkResults.id, { onDelete: 'cascade' }),
    right_result_id: text()
      .notNull()
      .references(() => benchmarkResults.id, { onDelete: 'cascade' }),
    a_is_left: integer().notNull(),
    winner: text({ enum: ['left', 'right', 'tie'] }),
    decided_by: text(),
    notes: text().notNull().default(''),
    decided_at: integer(),
  },
  table => [unique().on(table.left_result_id, table.right_result_id)],
)

export const triggerCases = sqliteTable('trigger_cases', {
  id: text().primaryKey(),
  skill_id: text()
    .notNull()
    .references(() => skills.id, { onDelete: 'cascade' }),
  prompt: text().notNull(),
  should: integer().notNull(),
  place: integer().notNull(),
})

export const triggerResults = sqliteTable('trigger_results', {
  id: text().primaryKey(),
  skill_id: text()
    .notNull()
    .references(() => skills.id, { onDelete: 'cascade' }),
  run: text().notNull(),
  description_hash: text().notNull(),
  description: text().notNull(),
  among_hash: text().notNull(),
  model: text().notNull(),
  prompt: text().notNull(),
  should: integer().notNull(),
  repeat: integer().notNull(),
  chosen: text(),
  error: text(),
  created_at: integer().notNull(),
})

export const agentCommands = sqliteTable('agent_commands', {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  fields: text().notNull(),
  created_at: integer().notNull(),
})

export const commandConsents = sqliteTable('command_consents', {
  text_hash: text().primaryKey(),
  text: text().notNull(),
  created_at: integer().notNull(),
})

export const publishGates = sqliteTable('publish_gates', {
  skill_id: text()
    .primaryKey()
    .references(() => skills.id, { onDelete: 'cascade' }),
  created_at: integer().notNull(),
  enabled: integer().notNull().default(1),
  accept_inconclusive: integer().notNull().default(0),
  ungraded_percent: integer().notNull().default(10),
})

export const gateOverrides = sqliteTable('gate_overrides', {
  id: text().primaryKey(),
  skill_id: text()
    .notNull()
    .references(() => skills.id, { onDelete: 'cascade' }),
  skill_version_id: text()
    .notNull()
    .references(() => skillVersions.id, { onDelete: 'cascade' }),
  user_id: text()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  reason: text().notNull(),
  findings: text().notNull(),
  created_at: integer().notNull(),
})

export type ProviderRecord = typeof modelProviders.$inferSelect
export type PriceRecord = typeof modelPrices.$inferSelect
export type BatchRecord = typeof benchmarkBatches.$inferSelect
export type PairRecord = typeof resultPairs.$inferSelect
export type TriggerResultRecord = typeof triggerResults.$inferSelect
