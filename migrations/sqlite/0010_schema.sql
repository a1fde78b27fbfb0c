-- The versioned schema, column for column as in the registry, plus what only this computer knows (second half).
-- Instants are integer milliseconds since 1970 (UTC), money is integer microcents, JSON is text, unknown is NULL.

CREATE TABLE tenants (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  email TEXT,
  role TEXT NOT NULL DEFAULT 'author' CHECK (role IN ('reader', 'author', 'admin')),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX users_tenant ON users (tenant_id);

CREATE TABLE skills (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  category TEXT,
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  status TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published', 'archived')),
  visibility TEXT NOT NULL DEFAULT 'tenant' CHECK (visibility IN ('tenant', 'personal')),
  -- No foreign keys on the two pointers: they would be circular. services/versions.ts keeps them true.
  published_version_id TEXT,
  draft_version_id TEXT,
  forked_from_id TEXT REFERENCES skills (id) ON DELETE SET NULL,
  forked_at_version_id TEXT,
  author_id TEXT NOT NULL REFERENCES users (id),
  hours_saved REAL,
  -- Deprecated: the published SKILL.md, kept for agents' tools that read it.
  content TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  total_uses INTEGER NOT NULL DEFAULT 0,
  average_rating INTEGER,
  total_ratings INTEGER NOT NULL DEFAULT 0,
  total_feedback INTEGER NOT NULL DEFAULT 0,
  positive_feedback_pct INTEGER,
  avg_token_cost_microcents INTEGER,
  UNIQUE (tenant_id, slug)
) STRICT;
CREATE INDEX skills_tenant_name ON skills (tenant_id, name COLLATE NOCASE);
CREATE INDEX skills_forked_from ON skills (forked_from_id);
CREATE INDEX skills_author ON skills (author_id);

CREATE TABLE skill_versions (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  -- NULL until the registry has numbered it.
  version INTEGER CHECK (version > 0),
  parent_version_id TEXT REFERENCES skill_versions (id),
  merged_version_id TEXT REFERENCES skill_versions (id),
  content_url TEXT NOT NULL,
  content_hash TEXT NOT NULL CHECK (length(content_hash) = 64),
  content_type TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  message TEXT NOT NULL,
  metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
  created_by TEXT NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  UNIQUE (skill_id, version)
) STRICT;
CREATE INDEX skill_versions_skill ON skill_versions (skill_id, created_at);
CREATE INDEX skill_versions_tenant ON skill_versions (tenant_id);
CREATE INDEX skill_versions_parent ON skill_versions (parent_version_id) WHERE parent_version_id IS NOT NULL;
CREATE INDEX skill_versions_merged ON skill_versions (merged_version_id) WHERE merged_version_id IS NOT NULL;
CREATE INDEX skill_versions_created_by ON skill_versions (created_by);

CREATE TABLE ratings (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  skill_version_id TEXT NOT NULL REFERENCES skill_versions (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
  comment TEXT CHECK (length(comment) <= 2000),
  hours_saved_estimate REAL CHECK (hours_saved_estimate BETWEEN 0 AND 1000),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (skill_version_id, user_id)
) STRICT;
CREATE INDEX ratings_skill ON ratings (skill_id);
CREATE INDEX ratings_user ON ratings (user_id);
CREATE INDEX ratings_tenant ON ratings (tenant_id);

CREATE TABLE skill_feedback (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  skill_version_id TEXT REFERENCES skill_versions (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  feedback_type TEXT NOT NULL CHECK (feedback_type IN ('thumbs_up', 'thumbs_down', 'suggestion', 'training_example', 'bug_report')),
  sentiment INTEGER CHECK (sentiment IN (-1, 0, 1)),
  comment TEXT,
  suggested_content TEXT,
  suggested_diff TEXT,
  example_input TEXT,
  example_output TEXT,
  expected_output TEXT,
  severity TEXT,
  quality_score INTEGER CHECK (quality_score BETWEEN 1 AND 10),
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'dismissed', 'implemented')),
  reviewed_by TEXT REFERENCES users (id) ON DELETE SET NULL,
  reviewed_at INTEGER,
  review_notes TEXT,
  implemented_by_version_id TEXT REFERENCES skill_versions (id) ON DELETE CASCADE,
  usage_event_id TEXT,
  source TEXT NOT NULL DEFAULT 'app' CHECK (source IN ('app', 'mcp', 'import')),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX skill_feedback_skill ON skill_feedback (skill_id);
CREATE INDEX skill_feedback_user ON skill_feedback (user_id);
CREATE INDEX skill_feedback_tenant ON skill_feedback (tenant_id);
CREATE INDEX skill_feedback_type ON skill_feedback (feedback_type);
CREATE INDEX skill_feedback_status ON skill_feedback (status);
CREATE INDEX skill_feedback_version ON skill_feedback (skill_version_id) WHERE skill_version_id IS NOT NULL;
CREATE INDEX skill_feedback_implemented_by ON skill_feedback (implemented_by_version_id) WHERE implemented_by_version_id IS NOT NULL;
CREATE INDEX skill_feedback_reviewed_by ON skill_feedback (reviewed_by) WHERE reviewed_by IS NOT NULL;

CREATE TABLE token_measurements (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  skill_version_id TEXT REFERENCES skill_versions (id) ON DELETE CASCADE,
  usage_event_id TEXT,
  user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
  model_name TEXT NOT NULL,
  model_provider TEXT NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cache_read_tokens INTEGER,
  cache_write_tokens INTEGER,
  total_tokens INTEGER,
  estimated_cost_microcents INTEGER,
  latency_ms INTEGER,
  source TEXT NOT NULL DEFAULT 'app',
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX token_measurements_skill ON token_measurements (skill_id);
CREATE INDEX token_measurements_version ON token_measurements (skill_version_id) WHERE skill_version_id IS NOT NULL;
CREATE INDEX token_measurements_model ON token_measurements (model_name);
CREATE INDEX token_measurements_tenant ON token_measurements (tenant_id);
CREATE INDEX token_measurements_created_at ON token_measurements (created_at);
CREATE INDEX token_measurements_user ON token_measurements (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE usage_events (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  skill_version_id TEXT REFERENCES skill_versions (id) ON DELETE CASCADE,
  user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
  tool TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX usage_events_skill ON usage_events (skill_id);
CREATE INDEX usage_events_version ON usage_events (skill_version_id) WHERE skill_version_id IS NOT NULL;
CREATE INDEX usage_events_tenant ON usage_events (tenant_id);
CREATE INDEX usage_events_user ON usage_events (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE benchmark_cases (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  prompt TEXT NOT NULL,
  expected_output TEXT,
  assertions TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(assertions)),
  files TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(files)),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  weight REAL NOT NULL DEFAULT 1,
  source_feedback_id TEXT REFERENCES skill_feedback (id) ON DELETE SET NULL,
  archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX benchmark_cases_skill ON benchmark_cases (skill_id);
CREATE INDEX benchmark_cases_tenant ON benchmark_cases (tenant_id);
CREATE INDEX benchmark_cases_feedback ON benchmark_cases (source_feedback_id) WHERE source_feedback_id IS NOT NULL;

CREATE TABLE benchmark_runs (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  -- NULL is the baseline: the same cases with no skill at all.
  skill_version_id TEXT REFERENCES skill_versions (id) ON DELETE CASCADE,
  case_set_hash TEXT NOT NULL,
  judge_model TEXT,
  judge_prompt_hash TEXT,
  price_table_date TEXT,
  repeats INTEGER NOT NULL DEFAULT 1,
  models TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(models)),
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
  best_model TEXT,
  best_quality_score REAL,
  cheapest_model TEXT,
  cheapest_cost_microcents INTEGER,
  triggered_by TEXT REFERENCES users (id) ON DELETE SET NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER
) STRICT;
CREATE INDEX benchmark_runs_skill ON benchmark_runs (skill_id);
CREATE INDEX benchmark_runs_version ON benchmark_runs (skill_version_id) WHERE skill_version_id IS NOT NULL;
CREATE INDEX benchmark_runs_tenant ON benchmark_runs (tenant_id);
CREATE INDEX benchmark_runs_status ON benchmark_runs (status);
CREATE INDEX benchmark_runs_triggered_by ON benchmark_runs (triggered_by) WHERE triggered_by IS NOT NULL;

CREATE TABLE benchmark_results (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  run_id TEXT NOT NULL REFERENCES benchmark_runs (id) ON DELETE CASCADE,
  case_id TEXT NOT NULL REFERENCES benchmark_cases (id) ON DELETE CASCADE,
  model_name TEXT NOT NULL,
  model_provider TEXT NOT NULL,
  repeat INTEGER NOT NULL DEFAULT 1,
  input_used TEXT,
  output_produced TEXT,
  expected_output TEXT,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cache_read_tokens INTEGER,
  cache_write_tokens INTEGER,
  total_tokens INTEGER,
  estimated_cost_microcents INTEGER,
  latency_ms INTEGER,
  -- NULL when judging failed: never 0.
  quality_score REAL CHECK (quality_score BETWEEN 0 AND 100),
  quality_notes TEXT,
  matches_expected INTEGER CHECK (matches_expected IN (0, 1)),
  assertion_results TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(assertion_results)),
  error_message TEXT,
  created_at INTEGER NOT NULL,
  UNIQUE (run_id, case_id, model_name, repeat)
) STRICT;
CREATE INDEX benchmark_results_run ON benchmark_results (run_id);
CREATE INDEX benchmark_results_case ON benchmark_results (case_id);
CREATE INDEX benchmark_results_model ON benchmark_results (model_name);
CREATE INDEX benchmark_results_tenant ON benchmark_results (tenant_id);

-- What only this computer knows ------------------------------------------------------------------------------------

-- One space for each tenant here: personal (never synced), sample (can be thrown away), team (has a registry).
CREATE TABLE spaces (
  tenant_id TEXT PRIMARY KEY NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('personal', 'sample', 'team')),
  -- Who this computer's author is in that tenant.
  user_id TEXT NOT NULL REFERENCES users (id),
  note TEXT,
  -- Set while the whole space is being removed: the only time its versions may go.
  removing INTEGER NOT NULL DEFAULT 0 CHECK (removing IN (0, 1)),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX spaces_user ON spaces (user_id);

-- Content by its SHA-256 (lowercase hex): the files of every bundle, and the manifests that name them.
CREATE TABLE blobs (
  sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
  size INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

-- Counted once for each version, for versions never change. NULL errors: not looked at.
CREATE TABLE version_facts (
  skill_version_id TEXT PRIMARY KEY NOT NULL REFERENCES skill_versions (id) ON DELETE CASCADE,
  tokens_always INTEGER NOT NULL,
  tokens_on_trigger INTEGER NOT NULL,
  tokens_on_demand INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  warnings INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the author is editing. No row, or one that is not changed: what is edited is the newest version. (Saving only
-- marks the row; it is cleared away a moment later, so that saving writes as few pages as can be.)
CREATE TABLE working_copies (
  skill_id TEXT PRIMARY KEY NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  base_version_id TEXT REFERENCES skill_versions (id) ON DELETE CASCADE,
  changed INTEGER NOT NULL DEFAULT 0 CHECK (changed IN (0, 1)),
  -- Of its SKILL.md, read when that was written, so that saving a version has nothing left to parse.
  name TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  saved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX working_copies_base ON working_copies (base_version_id) WHERE base_version_id IS NOT NULL;

-- bytes: only where they are not in blobs, so that autosaves leave nothing behind.
CREATE TABLE working_files (
  skill_id TEXT NOT NULL REFERENCES working_copies (skill_id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  size INTEGER NOT NULL,
  executable INTEGER NOT NULL DEFAULT 0 CHECK (executable IN (0, 1)),
  bytes BLOB,
  PRIMARY KEY (skill_id, path)
) STRICT;

-- Where an imported skill came from: how importing twice adds nothing.
CREATE TABLE import_origins (
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  origin TEXT NOT NULL,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  imported_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, origin)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_origins_skill ON import_origins (skill_id);

-- Changes that wait for the registry, in the order they were made; written in the transaction of the change itself.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  skill_id TEXT,
  entity TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  operation TEXT NOT NULL CHECK (operation IN ('insert', 'update', 'delete', 'publish')),
  payload TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(payload)),
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  parked_reason TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (tenant_id, due_at) WHERE parked_reason IS NULL;

CREATE TABLE settings (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

-- Full-text search over the newest version of each skill. The text itself stays in blobs; a re-indexed skill gets a new
-- rowid, so that rowid order is 'newest first', which the search relies on.
CREATE TABLE search_documents (
  rowid INTEGER PRIMARY KEY AUTOINCREMENT,
  skill_id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL
) STRICT;
-- What a skill is called and said to be is small, so it is searched by itself first; the whole text comes after it.
CREATE VIRTUAL TABLE search_heads USING fts5 (
  name, about, content = '', contentless_delete = 1, tokenize = "porter unicode61 remove_diacritics 2", prefix = '2 3'
);
CREATE VIRTUAL TABLE search_texts USING fts5 (
  text, content = '', contentless_delete = 1, tokenize = "porter unicode61 remove_diacritics 2", prefix = '2 3'
);

-- Skills whose search entry and facts lag behind their newest version.
CREATE TABLE stale_skills (skill_id TEXT PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;
