-- The synced tables, column for column as in the library (migrations/sqlite), so that a row crosses without conversion:
-- instants are bigint milliseconds since 1970 (UTC), money is bigint microcents, JSON is text byte for byte (jsonb would
-- reorder it, and equal versions would differ), yes and no are 1 and 0, unknown is NULL.
-- Beyond the library: the tenant leads every key, so that nobody can squat on an id, ask for one by its duplicate or pin
-- one by a foreign key across tenants; `seq` is the row's last place in the change log, on tables whose rows change;
-- checks named …_limit bound what one row may hold. Ids compare by byte (COLLATE "C"): faster, and equal on every server.
SET LOCAL ROLE whetstone_owner;

CREATE TABLE IF NOT EXISTS whetstone.tenants (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  name text NOT NULL,
  slug text COLLATE "C" NOT NULL UNIQUE,
  created_at bigint NOT NULL,
  seq bigint NOT NULL DEFAULT 0,
  CONSTRAINT tenants_id_limit CHECK (octet_length(id) BETWEEN 1 AND 64),
  CONSTRAINT tenants_name_limit CHECK (octet_length(name) BETWEEN 1 AND 400 AND octet_length(slug) BETWEEN 1 AND 100)
);

CREATE TABLE IF NOT EXISTS whetstone.users (
  id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL REFERENCES whetstone.tenants (id) ON DELETE CASCADE,
  name text NOT NULL,
  email text,
  role text NOT NULL DEFAULT 'author' CHECK (role IN ('reader', 'author', 'admin')),
  created_at bigint NOT NULL,
  seq bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT users_id_limit CHECK (octet_length(id) BETWEEN 1 AND 64),
  CONSTRAINT users_name_limit CHECK (octet_length(name) BETWEEN 1 AND 800 AND octet_length(email) <= 1000)
);

CREATE TABLE IF NOT EXISTS whetstone.skills (
  id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL REFERENCES whetstone.tenants (id) ON DELETE CASCADE,
  slug text COLLATE "C" NOT NULL,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  category text,
  tags text NOT NULL DEFAULT '[]' CHECK (tags IS JSON),
  status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published', 'archived')),
  visibility text NOT NULL DEFAULT 'tenant' CHECK (visibility IN ('tenant', 'personal')),
  -- No foreign keys on the two pointers: they would be circular. 0050 and 0070 keep them true.
  published_version_id text COLLATE "C",
  draft_version_id text COLLATE "C",
  forked_from_id text COLLATE "C",
  forked_at_version_id text COLLATE "C",
  author_id text COLLATE "C" NOT NULL,
  hours_saved double precision,
  -- Deprecated: the published SKILL.md, kept for agents' tools that read it.
  content text,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  total_uses bigint NOT NULL DEFAULT 0,
  average_rating integer,
  total_ratings bigint NOT NULL DEFAULT 0,
  total_feedback bigint NOT NULL DEFAULT 0,
  positive_feedback_pct integer,
  avg_token_cost_microcents bigint,
  seq bigint NOT NULL DEFAULT 0,
  -- How many are numbered: the next version's number is one more, under this row's lock.
  versions integer NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT skills_tenant_id_slug_key UNIQUE (tenant_id, slug),
  CONSTRAINT skills_forked_from_id_fkey FOREIGN KEY (tenant_id, forked_from_id)
    REFERENCES whetstone.skills (tenant_id, id) ON DELETE SET NULL (forked_from_id),
  CONSTRAINT skills_author_id_fkey FOREIGN KEY (tenant_id, author_id) REFERENCES whetstone.users (tenant_id, id),
  CONSTRAINT skills_id_limit CHECK (octet_length(id) BETWEEN 1 AND 64),
  CONSTRAINT skills_slug_limit CHECK (octet_length(slug) BETWEEN 1 AND 256),
  CONSTRAINT skills_text_limit CHECK (octet_length(name) <= 1000 AND octet_length(description) <= 20000
    AND octet_length(category) <= 400 AND octet_length(tags) <= 20000),
  CONSTRAINT skills_content_limit CHECK (octet_length(content) <= 1048576),
  -- What is personal stays on its author's machine: a registry that holds it could be made to show it.
  CONSTRAINT skills_visibility_limit CHECK (visibility = 'tenant')
);
CREATE INDEX IF NOT EXISTS skills_tenant_name ON whetstone.skills (tenant_id, lower(name));
CREATE INDEX IF NOT EXISTS skills_forked_from ON whetstone.skills (tenant_id, forked_from_id) WHERE forked_from_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS skills_author ON whetstone.skills (tenant_id, author_id);

-- Immutable, and the table that pages of thousands go into: no index or check beyond what it must have.
CREATE TABLE IF NOT EXISTS whetstone.skill_versions (
  id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  skill_id text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  parent_version_id text COLLATE "C",
  merged_version_id text COLLATE "C",
  content_url text NOT NULL,
  content_hash text NOT NULL CHECK (length(content_hash) = 64),
  content_type text NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  message text NOT NULL,
  metadata text NOT NULL DEFAULT '{}' CHECK (metadata IS JSON),
  created_by text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT skill_versions_tenant_id_skill_id_version_key UNIQUE (tenant_id, skill_id, version),
  CONSTRAINT skill_versions_id_limit CHECK (octet_length(id) BETWEEN 1 AND 64),
  CONSTRAINT skill_versions_hash_limit CHECK (encode(decode(content_hash, 'hex'), 'hex') = content_hash),
  CONSTRAINT skill_versions_text_limit CHECK (octet_length(name) <= 1000 AND octet_length(description) <= 20000
    AND octet_length(message) <= 40000 AND octet_length(metadata) <= 65536 AND octet_length(content_type) <= 200)
);

-- A version's references cannot go: versions and users are never deleted, and a skill with versions is not either
-- (0050). So it is enough to look once, when a page arrives, at all of it (push_versions, 0070; restore does its own;
-- doctor looks again), not row by row and key by key: that is 5 µs each, and a quarter of what a version takes in all.
-- Postgres 18 can be told so; before it, the keys are enforced as well.
DO $$
DECLARE
  enforced text := CASE WHEN current_setting('server_version_num')::int >= 180000 THEN 'NOT ENFORCED' ELSE '' END;
  wanted record;
BEGIN
  FOR wanted IN SELECT * FROM (VALUES ('skill_id', 'skills', 'ON DELETE CASCADE'), ('parent_version_id', 'skill_versions', ''),
    ('merged_version_id', 'skill_versions', ''), ('created_by', 'users', '')) AS x (key, target, action) LOOP
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'whetstone.skill_versions'::regclass
      AND conname = 'skill_versions_' || wanted.key || '_fkey') THEN
      EXECUTE format('ALTER TABLE whetstone.skill_versions ADD CONSTRAINT %I FOREIGN KEY (tenant_id, %I)
        REFERENCES whetstone.%I (tenant_id, id) %s %s', 'skill_versions_' || wanted.key || '_fkey', wanted.key,
        wanted.target, wanted.action, enforced);
    END IF;
  END LOOP;
END $$;

CREATE TABLE IF NOT EXISTS whetstone.ratings (
  id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  skill_id text COLLATE "C" NOT NULL,
  skill_version_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  rating integer NOT NULL CHECK (rating BETWEEN 1 AND 5),
  comment text CHECK (length(comment) <= 2000),
  hours_saved_estimate double precision CHECK (hours_saved_estimate BETWEEN 0 AND 1000),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  seq bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT ratings_tenant_id_skill_version_id_user_id_key UNIQUE (tenant_id, skill_version_id, user_id),
  CONSTRAINT ratings_skill_id_fkey FOREIGN KEY (tenant_id, skill_id)
    REFERENCES whetstone.skills (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT ratings_skill_version_id_fkey FOREIGN KEY (tenant_id, skill_version_id)
    REFERENCES whetstone.skill_versions (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT ratings_user_id_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES whetstone.users (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT ratings_id_limit CHECK (octet_length(id) BETWEEN 1 AND 64)
);
CREATE INDEX IF NOT EXISTS ratings_skill ON whetstone.ratings (tenant_id, skill_id);
CREATE INDEX IF NOT EXISTS ratings_user ON whetstone.ratings (tenant_id, user_id);

CREATE TABLE IF NOT EXISTS whetstone.skill_feedback (
  id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  skill_id text COLLATE "C" NOT NULL,
  skill_version_id text COLLATE "C",
  user_id text COLLATE "C" NOT NULL,
  feedback_type text NOT NULL CHECK (feedback_type IN ('thumbs_up', 'thumbs_down', 'suggestion', 'training_example', 'bug_report')),
  sentiment integer CHECK (sentiment IN (-1, 0, 1)),
  comment text,
  suggested_content text,
  suggested_diff text,
  example_input text,
  example_output text,
  expected_output text,
  severity text,
  quality_score integer CHECK (quality_score BETWEEN 1 AND 10),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'dismissed', 'implemented')),
  reviewed_by text COLLATE "C",
  reviewed_at bigint,
  review_notes text,
  implemented_by_version_id text COLLATE "C",
  usage_event_id text,
  source text NOT NULL DEFAULT 'app' CHECK (source IN ('app', 'mcp', 'import')),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  seq bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT skill_feedback_skill_id_fkey FOREIGN KEY (tenant_id, skill_id)
    REFERENCES whetstone.skills (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT skill_feedback_skill_version_id_fkey FOREIGN KEY (tenant_id, skill_version_id)
    REFERENCES whetstone.skill_versions (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT skill_feedback_user_id_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES whetstone.users (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT skill_feedback_reviewed_by_fkey FOREIGN KEY (tenant_id, reviewed_by)
    REFERENCES whetstone.users (tenant_id, id) ON DELETE SET NULL (reviewed_by),
  CONSTRAINT skill_feedback_implemented_by_version_id_fkey FOREIGN KEY (tenant_id, implemented_by_version_id)
    REFERENCES whetstone.skill_versions (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT skill_feedback_id_limit CHECK (octet_length(id) BETWEEN 1 AND 64 AND octet_length(usage_event_id) <= 64),
  CONSTRAINT skill_feedback_text_limit CHECK (octet_length(comment) <= 40000 AND octet_length(review_notes) <= 40000
    AND octet_length(severity) <= 100),
  CONSTRAINT skill_feedback_example_limit CHECK (octet_length(suggested_content) <= 1048576
    AND octet_length(suggested_diff) <= 1048576 AND octet_length(example_input) <= 1048576
    AND octet_length(example_output) <= 1048576 AND octet_length(expected_output) <= 1048576)
);
CREATE INDEX IF NOT EXISTS skill_feedback_skill ON whetstone.skill_feedback (tenant_id, skill_id);
CREATE INDEX IF NOT EXISTS skill_feedback_user ON whetstone.skill_feedback (tenant_id, user_id);
CREATE INDEX IF NOT EXISTS skill_feedback_type ON whetstone.skill_feedback (tenant_id, feedback_type);
CREATE INDEX IF NOT EXISTS skill_feedback_status ON whetstone.skill_feedback (tenant_id, status);
CREATE INDEX IF NOT EXISTS skill_feedback_version ON whetstone.skill_feedback (tenant_id, skill_version_id) WHERE skill_version_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS skill_feedback_implemented_by ON whetstone.skill_feedback (tenant_id, implemented_by_version_id) WHERE implemented_by_version_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS skill_feedback_reviewed_by ON whetstone.skill_feedback (tenant_id, reviewed_by) WHERE reviewed_by IS NOT NULL;

CREATE TABLE IF NOT EXISTS whetstone.token_measurements (
  id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  skill_id text COLLATE "C" NOT NULL,
  skill_version_id text COLLATE "C",
  usage_event_id text,
  user_id text COLLATE "C",
  model_name text NOT NULL,
  model_provider text NOT NULL,
  input_tokens bigint,
  output_tokens bigint,
  cache_read_tokens bigint,
  cache_write_tokens bigint,
  total_tokens bigint,
  estimated_cost_microcents bigint,
  latency_ms bigint,
  source text NOT NULL DEFAULT 'app',
  created_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT token_measurements_skill_id_fkey FOREIGN KEY (tenant_id, skill_id)
    REFERENCES whetstone.skills (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT token_measurements_skill_version_id_fkey FOREIGN KEY (tenant_id, skill_version_id)
    REFERENCES whetstone.skill_versions (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT token_measurements_user_id_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES whetstone.users (tenant_id, id) ON DELETE SET NULL (user_id),
  CONSTRAINT token_measurements_id_limit CHECK (octet_length(id) BETWEEN 1 AND 64 AND octet_length(usage_event_id) <= 64),
  CONSTRAINT token_measurements_text_limit CHECK (octet_length(model_name) <= 400 AND octet_length(model_provider) <= 400
    AND octet_length(source) <= 100)
);
CREATE INDEX IF NOT EXISTS token_measurements_skill ON whetstone.token_measurements (tenant_id, skill_id);
CREATE INDEX IF NOT EXISTS token_measurements_version ON whetstone.token_measurements (tenant_id, skill_version_id) WHERE skill_version_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS token_measurements_model ON whetstone.token_measurements (tenant_id, model_name);
CREATE INDEX IF NOT EXISTS token_measurements_created_at ON whetstone.token_measurements (tenant_id, created_at);
CREATE INDEX IF NOT EXISTS token_measurements_user ON whetstone.token_measurements (tenant_id, user_id) WHERE user_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS whetstone.usage_events (
  id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  skill_id text COLLATE "C" NOT NULL,
  skill_version_id text COLLATE "C",
  user_id text COLLATE "C",
  tool text NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT usage_events_skill_id_fkey FOREIGN KEY (tenant_id, skill_id)
    REFERENCES whetstone.skills (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT usage_events_skill_version_id_fkey FOREIGN KEY (tenant_id, skill_version_id)
    REFERENCES whetstone.skill_versions (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT usage_events_user_id_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES whetstone.users (tenant_id, id) ON DELETE SET NULL (user_id),
  CONSTRAINT usage_events_id_limit CHECK (octet_length(id) BETWEEN 1 AND 64),
  CONSTRAINT usage_events_tool_limit CHECK (octet_length(tool) <= 400)
);
CREATE INDEX IF NOT EXISTS usage_events_skill ON whetstone.usage_events (tenant_id, skill_id);
CREATE INDEX IF NOT EXISTS usage_events_version ON whetstone.usage_events (tenant_id, skill_version_id) WHERE skill_version_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS usage_events_user ON whetstone.usage_events (tenant_id, user_id) WHERE user_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS whetstone.benchmark_cases (
  id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  skill_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  prompt text NOT NULL,
  expected_output text,
  assertions text NOT NULL DEFAULT '[]' CHECK (assertions IS JSON),
  files text NOT NULL DEFAULT '[]' CHECK (files IS JSON),
  tags text NOT NULL DEFAULT '[]' CHECK (tags IS JSON),
  weight double precision NOT NULL DEFAULT 1,
  source_feedback_id text COLLATE "C",
  archived integer NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  seq bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT benchmark_cases_skill_id_fkey FOREIGN KEY (tenant_id, skill_id)
    REFERENCES whetstone.skills (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT benchmark_cases_source_feedback_id_fkey FOREIGN KEY (tenant_id, source_feedback_id)
    REFERENCES whetstone.skill_feedback (tenant_id, id) ON DELETE SET NULL (source_feedback_id),
  CONSTRAINT benchmark_cases_id_limit CHECK (octet_length(id) BETWEEN 1 AND 64),
  CONSTRAINT benchmark_cases_text_limit CHECK (octet_length(name) <= 2000 AND octet_length(prompt) <= 1048576
    AND octet_length(expected_output) <= 1048576 AND octet_length(assertions) <= 1048576
    AND octet_length(files) <= 1048576 AND octet_length(tags) <= 20000)
);
CREATE INDEX IF NOT EXISTS benchmark_cases_skill ON whetstone.benchmark_cases (tenant_id, skill_id);
CREATE INDEX IF NOT EXISTS benchmark_cases_feedback ON whetstone.benchmark_cases (tenant_id, source_feedback_id) WHERE source_feedback_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS whetstone.benchmark_runs (
  id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  skill_id text COLLATE "C" NOT NULL,
  -- NULL is the baseline: the same cases with no skill at all.
  skill_version_id text COLLATE "C",
  case_set_hash text NOT NULL,
  judge_model text,
  judge_prompt_hash text,
  price_table_date text,
  repeats integer NOT NULL DEFAULT 1,
  models text NOT NULL DEFAULT '[]' CHECK (models IS JSON),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
  best_model text,
  best_quality_score double precision,
  cheapest_model text,
  cheapest_cost_microcents bigint,
  triggered_by text COLLATE "C",
  created_at bigint NOT NULL,
  started_at bigint,
  completed_at bigint,
  seq bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT benchmark_runs_skill_id_fkey FOREIGN KEY (tenant_id, skill_id)
    REFERENCES whetstone.skills (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT benchmark_runs_skill_version_id_fkey FOREIGN KEY (tenant_id, skill_version_id)
    REFERENCES whetstone.skill_versions (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT benchmark_runs_triggered_by_fkey FOREIGN KEY (tenant_id, triggered_by)
    REFERENCES whetstone.users (tenant_id, id) ON DELETE SET NULL (triggered_by),
  CONSTRAINT benchmark_runs_id_limit CHECK (octet_length(id) BETWEEN 1 AND 64),
  CONSTRAINT benchmark_runs_text_limit CHECK (octet_length(case_set_hash) <= 200 AND octet_length(judge_model) <= 400
    AND octet_length(judge_prompt_hash) <= 200 AND octet_length(price_table_date) <= 100 AND octet_length(models) <= 20000
    AND octet_length(best_model) <= 400 AND octet_length(cheapest_model) <= 400)
);
CREATE INDEX IF NOT EXISTS benchmark_runs_skill ON whetstone.benchmark_runs (tenant_id, skill_id);
CREATE INDEX IF NOT EXISTS benchmark_runs_version ON whetstone.benchmark_runs (tenant_id, skill_version_id) WHERE skill_version_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS benchmark_runs_status ON whetstone.benchmark_runs (tenant_id, status);
CREATE INDEX IF NOT EXISTS benchmark_runs_triggered_by ON whetstone.benchmark_runs (tenant_id, triggered_by) WHERE triggered_by IS NOT NULL;

CREATE TABLE IF NOT EXISTS whetstone.benchmark_results (
  id text COLLATE "C" NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  case_id text COLLATE "C" NOT NULL,
  model_name text NOT NULL,
  model_provider text NOT NULL,
  repeat integer NOT NULL DEFAULT 1,
  input_used text,
  output_produced text,
  expected_output text,
  input_tokens bigint,
  output_tokens bigint,
  cache_read_tokens bigint,
  cache_write_tokens bigint,
  total_tokens bigint,
  estimated_cost_microcents bigint,
  latency_ms bigint,
  -- NULL when judging failed: never 0.
  quality_score double precision CHECK (quality_score BETWEEN 0 AND 100),
  quality_notes text,
  matches_expected integer CHECK (matches_expected IN (0, 1)),
  assertion_results text NOT NULL DEFAULT '[]' CHECK (assertion_results IS JSON),
  error_message text,
  created_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT benchmark_results_run_case_model_repeat_key UNIQUE (tenant_id, run_id, case_id, model_name, repeat),
  CONSTRAINT benchmark_results_run_id_fkey FOREIGN KEY (tenant_id, run_id)
    REFERENCES whetstone.benchmark_runs (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT benchmark_results_case_id_fkey FOREIGN KEY (tenant_id, case_id)
    REFERENCES whetstone.benchmark_cases (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT benchmark_results_id_limit CHECK (octet_length(id) BETWEEN 1 AND 64),
  CONSTRAINT benchmark_results_text_limit CHECK (octet_length(model_name) <= 400 AND octet_length(model_provider) <= 400
    AND octet_length(input_used) <= 1048576 AND octet_length(output_produced) <= 1048576
    AND octet_length(expected_output) <= 1048576 AND octet_length(quality_notes) <= 40000
    AND octet_length(assertion_results) <= 1048576 AND octet_length(error_message) <= 40000)
);
CREATE INDEX IF NOT EXISTS benchmark_results_run ON whetstone.benchmark_results (tenant_id, run_id);
CREATE INDEX IF NOT EXISTS benchmark_results_case ON whetstone.benchmark_results (tenant_id, case_id);
CREATE INDEX IF NOT EXISTS benchmark_results_model ON whetstone.benchmark_results (tenant_id, model_name);

RESET ROLE;
