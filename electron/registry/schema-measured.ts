import { doublePrecision, integer, primaryKey, text, unique } from 'drizzle-orm/pg-core'
import { big, registry, skillFeedback, skills, skillVersions, users, within } from './schema.ts'

/** The synced tables of what a version does: measurements, uses, benchmark cases, runs and results. See schema.ts. */
export const tokenMeasurements = registry.table(
  'token_measurements',
  {
    id: text().notNull(),
    tenant_id: text().notNull(),
    skill_id: text().notNull(),
    skill_version_id: text(),
    usage_event_id: text(),
    user_id: text(),
    model_name: text().notNull(),
    model_provider: text().notNull(),
    input_tokens: big(),
    output_tokens: big(),
    cache_read_tokens: big(),
    cache_write_tokens: big(),
    total_tokens: big(),
    estimated_cost_microcents: big(),
    latency_ms: big(),
    source: text().notNull().default('app'),
    created_at: big().notNull(),
  },
  t => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    within(t.tenant_id, t.skill_id, skills, 'cascade'),
    within(t.tenant_id, t.skill_version_id, skillVersions, 'cascade'),
    within(t.tenant_id, t.user_id, users, 'set null'),
  ],
)

export const usageEvents = registry.table(
  'usage_events',
  {
    id: text().notNull(),
    tenant_id: text().notNull(),
    skill_id: text().notNull(),
    skill_version_id: text(),
    user_id: text(),
    tool: text().notNull(),
    created_at: big().notNull(),
  },
  t => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    within(t.tenant_id, t.skill_id, skills, 'cascade'),
    within(t.tenant_id, t.skill_version_id, skillVersions, 'cascade'),
    within(t.tenant_id, t.user_id, users, 'set null'),
  ],
)

export const benchmarkCases = registry.table(
  'benchmark_cases',
  {
    id: text().notNull(),
    tenant_id: text().notNull(),
    skill_id: text().notNull(),
    name: text().notNull(),
    prompt: text().notNull(),
    expected_output: text(),
    assertions: text().notNull().default('[]'),
    files: text().notNull().default('[]'),
    tags: text().notNull().default('[]'),
    weight: doublePrecision().notNull().default(1),
    source_feedback_id: text(),
    archived: integer().notNull().default(0),
    created_at: big().notNull(),
    updated_at: big().notNull(),
    seq: big().notNull().default(0),
    provenance: text().notNull().default('{}'),
  },
  t => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    within(t.tenant_id, t.skill_id, skills, 'cascade'),
    within(t.tenant_id, t.source_feedback_id, skillFeedback, 'set null'),
  ],
)

export const benchmarkRuns = registry.table(
  'benchmark_runs',
  {
    id: text().notNull(),
    tenant_id: text().notNull(),
    skill_id: text().notNull(),
    skill_version_id: text(),
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
    best_quality_score: doublePrecision(),
    cheapest_model: text(),
    cheapest_cost_microcents: big(),
    triggered_by: text(),
    created_at: big().notNull(),
    started_at: big(),
    completed_at: big(),
    seq: big().notNull().default(0),
    configuration: text(),
    baseline: integer().notNull().default(0),
    content_hash: text(),
    batch_id: text(),
    settings: text().notNull().default('{}'),
    provenance: text().notNull().default('{}'),
    error_message: text(),
  },
  t => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    within(t.tenant_id, t.skill_id, skills, 'cascade'),
    within(t.tenant_id, t.skill_version_id, skillVersions, 'cascade'),
    within(t.tenant_id, t.triggered_by, users, 'set null'),
  ],
)

export const benchmarkResults = registry.table(
  'benchmark_results',
  {
    id: text().notNull(),
    tenant_id: text().notNull(),
    run_id: text().notNull(),
    case_id: text().notNull(),
    model_name: text().notNull(),
    model_provider: text().notNull(),
    repeat: integer().notNull().default(1),
    input_used: text(),
    output_produced: text(),
    expected_output: text(),
    input_tokens: big(),
    output_tokens: big(),
    cache_read_tokens: big(),
    cache_write_tokens: big(),
    total_tokens: big(),
    estimated_cost_microcents: big(),
    latency_ms: big(),
    quality_score: doublePrecision(),
    quality_notes: text(),
    matches_expected: integer(),
    assertion_results: text().notNull().default('[]'),
    error_message: text(),
    created_at: big().notNull(),
    details: text().notNull().default('{}'),
  },
  t => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    unique().on(t.tenant_id, t.run_id, t.case_id, t.model_name, t.repeat),
    within(t.tenant_id, t.run_id, benchmarkRuns, 'cascade'),
    within(t.tenant_id, t.case_id, benchmarkCases, 'cascade'),
  ],
)

export type MeasurementRow = typeof tokenMeasurements.$inferSelect
export type UsageEventRow = typeof usageEvents.$inferSelect
export type BenchmarkCaseRow = typeof benchmarkCases.$inferSelect
export type BenchmarkRunRow = typeof benchmarkRuns.$inferSelect
export type BenchmarkResultRow = typeof benchmarkResults.$inferSelect
