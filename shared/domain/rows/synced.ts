import type { JsonRule } from './json.ts'
import {
  type ColumnRule,
  choice,
  count,
  derived,
  flag,
  hash,
  id,
  instant,
  json,
  LATEST,
  line,
  or,
  ref,
  slug,
  text,
  whole,
} from './rules.ts'

/**
 * What every column of every synced row may hold: the one source of the client's gate (gate.ts), of the registry's CHECK
 * constraints (migrations/postgres/0170 and 0260, written by electron/registry/row-checks.ts) and of the tests' model of a registry.
 * What refers to what is said by foreign keys and is no part of it.
 */

const TEXT: JsonRule = { is: 'text' }
const TEXTS = (most: number): JsonRule => ({ is: 'list', most, of: [TEXT] })
const ANY_OBJECT: JsonRule = { is: 'object', fields: {} }
const MOMENT: JsonRule = { is: 'number', least: 0, most: LATEST, whole: true }

const METADATA: JsonRule = {
  is: 'object',
  fields: {
    author: {
      is: 'object',
      fields: { name: { ...TEXT, needed: true }, email: { ...TEXT, null: true, needed: true } },
    },
    origin: TEXT,
    sourceRef: TEXT,
    restoredFrom: TEXT,
    copyOf: { is: 'object', fields: { createdAt: { ...MOMENT, needed: true }, versionId: TEXT, of: TEXT } },
  },
}

const CASE_FILES: JsonRule = {
  is: 'list',
  most: 2_000,
  of: [
    {
      is: 'object',
      fields: {
        path: { ...TEXT, needed: true },
        sha256: { ...TEXT, null: true, needed: true },
        size: { is: 'number', least: 0, most: 1e15, whole: true, null: true, needed: true },
      },
    },
  ],
}

const OF_SKILL = { id, tenant_id: ref, skill_id: ref } as const
const TOKENS = {
  input_tokens: or(count),
  output_tokens: or(count),
  cache_read_tokens: or(count),
  cache_write_tokens: or(count),
  total_tokens: or(count),
  estimated_cost_microcents: or(count),
  latency_ms: or(count),
} as const
const MODEL = { model_name: line(400), model_provider: line(400) } as const

export const SYNCED = {
  tenants: { id, name: line(400, 1), slug: line(100, 1), created_at: instant },
  users: {
    id,
    tenant_id: ref,
    name: line(800, 1),
    email: or(line(1_000)),
    role: choice('reader', 'author', 'admin'),
    created_at: instant,
  },
  skills: {
    id,
    tenant_id: ref,
    slug,
    name: line(1_000),
    description: text(20_000),
    category: or(line(400)),
    tags: json(20_000, TEXTS(200)),
    status: choice('draft', 'published', 'archived'),
    visibility: choice('tenant', 'personal'),
    published_version_id: or(ref),
    draft_version_id: or(ref),
    forked_from_id: or(ref),
    forked_at_version_id: or(id),
    author_id: ref,
    hours_saved: derived,
    content: or(text()),
    created_at: instant,
    updated_at: instant,
    total_uses: derived,
    average_rating: derived,
    total_ratings: derived,
    total_feedback: derived,
    positive_feedback_pct: derived,
    avg_token_cost_microcents: derived,
  },
  skill_versions: {
    ...OF_SKILL,
    version: whole(1, 2 ** 31 - 1),
    parent_version_id: or(ref),
    merged_version_id: or(ref),
    content_url: derived,
    content_hash: hash,
    content_type: line(200),
    name: line(1_000),
    description: text(20_000),
    message: text(40_000),
    metadata: json(65_536, METADATA),
    created_by: ref,
    created_at: instant,
  },
  ratings: {
    ...OF_SKILL,
    skill_version_id: ref,
    user_id: ref,
    rating: whole(1, 5),
    comment: or({ kind: 'text', most: 8_000, characters: 2_000 }),
    hours_saved_estimate: or({ kind: 'real', least: 0, most: 1_000 }),
    created_at: instant,
    updated_at: instant,
  },
  skill_feedback: {
    ...OF_SKILL,
    skill_version_id: or(ref),
    user_id: ref,
    feedback_type: choice('thumbs_up', 'thumbs_down', 'suggestion', 'training_example', 'bug_report'),
    sentiment: or(whole(-1, 1)),
    comment: or(text(40_000)),
    suggested_content: or(text()),
    suggested_diff: or(text()),
    example_input: or(text()),
    example_output: or(text()),
    expected_output: or(text()),
    severity: or(line(100)),
    quality_score: or(whole(1, 10)),
    status: choice('pending', 'accepted', 'dismissed', 'implemented'),
    reviewed_by: or(ref),
    reviewed_at: or(instant),
    review_notes: or(text(40_000)),
    implemented_by_version_id: or(ref),
    usage_event_id: or(id),
    source: choice('app', 'mcp', 'import'),
    created_at: instant,
    updated_at: instant,
  },
  token_measurements: {
    ...OF_SKILL,
    skill_version_id: or(ref),
    usage_event_id: or(id),
    user_id: or(ref),
    ...MODEL,
    ...TOKENS,
    source: line(100),
    created_at: instant,
  },
  usage_events: {
    ...OF_SKILL,
    skill_version_id: or(ref),
    user_id: or(ref),
    tool: line(400),
    created_at: instant,
  },
  benchmark_cases: {
    ...OF_SKILL,
    name: line(2_000),
    prompt: text(),
    expected_output: or(text()),
    assertions: json(1_048_576, { is: 'list', most: 2_000, of: [TEXT, ANY_OBJECT] }),
    files: json(1_048_576, CASE_FILES),
    tags: json(20_000, TEXTS(200)),
    weight: { kind: 'real', least: 0, most: 1_000, otherwise: 1 },
    source_feedback_id: or(ref),
    archived: flag,
    created_at: instant,
    updated_at: instant,
    provenance: json(100_000, ANY_OBJECT),
  },
  benchmark_runs: {
    ...OF_SKILL,
    skill_version_id: or(ref),
    case_set_hash: line(200),
    judge_model: or(line(400)),
    judge_prompt_hash: or(line(200)),
    price_table_date: or(line(100)),
    repeats: whole(0, 1_000_000),
    models: json(20_000, TEXTS(2_000)),
    status: choice('pending', 'running', 'completed', 'failed', 'cancelled'),
    best_model: or(line(400)),
    best_quality_score: or({ kind: 'real', least: 0, most: 100 }),
    cheapest_model: or(line(400)),
    cheapest_cost_microcents: or(count),
    triggered_by: or(ref),
    created_at: instant,
    started_at: or(instant),
    completed_at: or(instant),
    configuration: or(line(2_000)),
    baseline: flag,
    content_hash: or(line(200)),
    batch_id: or(id),
    settings: json(100_000, ANY_OBJECT),
    provenance: json(100_000, ANY_OBJECT),
    error_message: or(text(40_000)),
  },
  benchmark_results: {
    id,
    tenant_id: ref,
    run_id: ref,
    case_id: ref,
    ...MODEL,
    repeat: whole(0, 1_000_000),
    input_used: or(text()),
    output_produced: or(text()),
    expected_output: or(text()),
    ...TOKENS,
    quality_score: or({ kind: 'real', least: 0, most: 100 }),
    quality_notes: or(text(40_000)),
    matches_expected: or(flag),
    assertion_results: json(1_048_576, { is: 'list', most: 10_000, of: [ANY_OBJECT] }),
    error_message: or(text(40_000)),
    created_at: instant,
    details: json(1_048_576, ANY_OBJECT),
  },
} as const satisfies Record<string, Record<string, ColumnRule>>

export type SyncedName = keyof typeof SYNCED
export const isSyncedName = (name: string): name is SyncedName => Object.hasOwn(SYNCED, name)
export const SYNCED_NAMES: readonly SyncedName[] = Object.keys(SYNCED).filter(isSyncedName)
export const rulesOf = (name: SyncedName): [column: string, rule: ColumnRule][] => Object.entries(SYNCED[name])
