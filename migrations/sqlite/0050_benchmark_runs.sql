-- What this computer alone knows of benchmarks: whom to ask, at what price, what was answered, and how far a run is.

CREATE TABLE model_providers (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('anthropic', 'openai', 'google', 'compatible')),
  -- NULL: the vendor's own. Keys are in the keychain, never here.
  base_url TEXT,
  key_variable TEXT,
  models TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(models)),
  concurrency INTEGER NOT NULL DEFAULT 4,
  requests_per_minute INTEGER,
  tokens_per_minute INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

-- The author's own prices, in microcents per token; what is not here has the price of the list, or none.
CREATE TABLE model_prices (
  provider_id TEXT NOT NULL REFERENCES model_providers (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  input REAL NOT NULL,
  output REAL NOT NULL,
  cache_read REAL,
  cache_write REAL,
  PRIMARY KEY (provider_id, model)
) STRICT, WITHOUT ROWID;

-- Answers by the SHA-256 of all that was asked, so that nothing is paid twice.
CREATE TABLE model_replies (
  reply_key TEXT NOT NULL UNIQUE CHECK (length(reply_key) = 64),
  reply TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- Runs that were started together. plan: everything frozen at the start, so that a run goes on after a crash as it began.
CREATE TABLE benchmark_batches (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  plan TEXT NOT NULL CHECK (json_valid(plan)),
  state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'completed', 'cancelled')),
  reason TEXT,
  cells INTEGER NOT NULL,
  budget_microcents INTEGER,
  spent_microcents INTEGER NOT NULL DEFAULT 0,
  -- The process at work on it, and until when that counts without another sign of life.
  owner TEXT,
  owner_until INTEGER,
  created_at INTEGER NOT NULL,
  completed_at INTEGER
) STRICT;
CREATE INDEX benchmark_batches_skill ON benchmark_batches (skill_id);
CREATE INDEX benchmark_batches_tenant ON benchmark_batches (tenant_id);

CREATE TABLE hand_grades (
  result_id TEXT NOT NULL REFERENCES benchmark_results (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  score REAL NOT NULL CHECK (score BETWEEN 0 AND 100),
  notes TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  PRIMARY KEY (result_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX hand_grades_user ON hand_grades (user_id);

-- Blind comparisons of two results. a_is_left: which side was shown first, by a seed.
CREATE TABLE result_pairs (
  id TEXT PRIMARY KEY NOT NULL,
  left_result_id TEXT NOT NULL REFERENCES benchmark_results (id) ON DELETE CASCADE,
  right_result_id TEXT NOT NULL REFERENCES benchmark_results (id) ON DELETE CASCADE,
  a_is_left INTEGER NOT NULL CHECK (a_is_left IN (0, 1)),
  winner TEXT CHECK (winner IN ('left', 'right', 'tie')),
  -- 'hand', or the judge model.
  decided_by TEXT,
  notes TEXT NOT NULL DEFAULT '',
  decided_at INTEGER,
  UNIQUE (left_result_id, right_result_id)
) STRICT;
CREATE INDEX result_pairs_right ON result_pairs (right_result_id);

CREATE TABLE trigger_cases (
  id TEXT PRIMARY KEY NOT NULL,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  prompt TEXT NOT NULL,
  should INTEGER NOT NULL CHECK (should IN (0, 1)),
  place INTEGER NOT NULL
) STRICT;
CREATE INDEX trigger_cases_skill ON trigger_cases (skill_id, place);

-- One asking of one prompt. among_hash: the other skills it was shown with; only results among the same are one figure.
CREATE TABLE trigger_results (
  id TEXT PRIMARY KEY NOT NULL,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  run TEXT NOT NULL,
  description_hash TEXT NOT NULL,
  description TEXT NOT NULL,
  among_hash TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt TEXT NOT NULL,
  should INTEGER NOT NULL CHECK (should IN (0, 1)),
  repeat INTEGER NOT NULL,
  -- The skill that was chosen; '' where none was. NULL: no answer.
  chosen TEXT,
  error TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX trigger_results_skill ON trigger_results (skill_id, created_at);

CREATE TABLE agent_commands (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL UNIQUE,
  fields TEXT NOT NULL CHECK (json_valid(fields)),
  created_at INTEGER NOT NULL
) STRICT;

-- What the author agreed to have run, by the SHA-256 of the exact text shown.
CREATE TABLE command_consents (
  text_hash TEXT PRIMARY KEY NOT NULL,
  text TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Skills that ask for measurements before they are published, and who published against that.
CREATE TABLE publish_gates (
  skill_id TEXT PRIMARY KEY NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE gate_overrides (
  id TEXT PRIMARY KEY NOT NULL,
  skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  skill_version_id TEXT NOT NULL REFERENCES skill_versions (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  reason TEXT NOT NULL,
  findings TEXT NOT NULL CHECK (json_valid(findings)),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX gate_overrides_skill ON gate_overrides (skill_id);
CREATE INDEX gate_overrides_version ON gate_overrides (skill_version_id);
CREATE INDEX gate_overrides_user ON gate_overrides (user_id);
