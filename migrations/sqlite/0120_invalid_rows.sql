-- Rows of a team's registry that break the rules of shared/domain/rows: set aside by name, so that they stop nothing else.
CREATE TABLE invalid_rows (
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  entity TEXT NOT NULL,
  id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  -- The skill it belongs to; '' where it is of none.
  about TEXT NOT NULL,
  -- Who wrote it, as far as the row says.
  by_user TEXT,
  -- JSON; '{}' where it was too long to keep, or is another team's.
  row TEXT NOT NULL CHECK (json_valid(row)),
  problem TEXT NOT NULL,
  -- 1: it was here before the rules, and this is what it was; the registry's corrected one is in its place.
  replaced INTEGER NOT NULL DEFAULT 0 CHECK (replaced IN (0, 1)),
  PRIMARY KEY (tenant_id, entity, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invalid_rows_about ON invalid_rows (tenant_id, about);

INSERT OR IGNORE INTO invalid_rows (tenant_id, entity, id, seq, about, row, problem)
  SELECT tenant_id, entity, id, seq, coalesce(row ->> 'skill_id', ''), row, substr(reason, 8) FROM waiting_rows WHERE reason LIKE 'unfit: %';
DELETE FROM waiting_rows WHERE reason LIKE 'unfit: %';

-- The same as in 0030, and a kind for what is told of them. The triggers that read the table go first and come back.
DROP TRIGGER skill_versions_kept;
DROP TRIGGER skills_kept;
CREATE TABLE conflicts_new (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('diverged', 'published', 'slug', 'rating', 'deleted', 'archived', 'overtaken', 'review', 'refused', 'damaged', 'rewritten', 'rolledBack', 'invalid')),
  skill_id TEXT,
  entity TEXT,
  entity_id TEXT,
  at INTEGER NOT NULL,
  by_name TEXT,
  happened TEXT NOT NULL,
  kept TEXT NOT NULL,
  choices TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(choices)),
  detail TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
  resolved_at INTEGER,
  choice TEXT
) STRICT;
INSERT INTO conflicts_new SELECT id, tenant_id, kind, skill_id, entity, entity_id, at, by_name, happened, kept, choices, detail,
  resolved_at, choice FROM conflicts;
DROP TABLE conflicts;
ALTER TABLE conflicts_new RENAME TO conflicts;
CREATE INDEX conflicts_open ON conflicts (tenant_id, at) WHERE resolved_at IS NULL;
CREATE INDEX conflicts_tenant ON conflicts (tenant_id);
CREATE INDEX conflicts_skill ON conflicts (skill_id) WHERE skill_id IS NOT NULL;
CREATE TRIGGER skill_versions_kept BEFORE DELETE ON skill_versions
WHEN NOT EXISTS (SELECT 1 FROM spaces WHERE tenant_id = OLD.tenant_id AND removing = 1)
  AND NOT EXISTS (SELECT 1 FROM conflicts c WHERE c.skill_id = OLD.skill_id AND c.kind = 'deleted' AND c.choice = 'discard')
BEGIN SELECT RAISE(ABORT, 'a version is never deleted'); END;
CREATE TRIGGER skills_kept BEFORE DELETE ON skills
WHEN EXISTS (SELECT 1 FROM skill_versions WHERE skill_id = OLD.id)
  AND NOT EXISTS (SELECT 1 FROM spaces WHERE tenant_id = OLD.tenant_id AND removing = 1)
  AND NOT EXISTS (SELECT 1 FROM conflicts c WHERE c.skill_id = OLD.id AND c.kind = 'deleted' AND c.choice = 'discard')
BEGIN SELECT RAISE(ABORT, 'a skill with versions is never deleted'); END;

-- What is here already and breaks the rules: figures that are no exact numbers in JavaScript, and lists that are none. Unknown is
-- NULL; what must be a number is the nearest that is allowed. (Other JSON is read with tolerance; a version's stays as it is.)
UPDATE token_measurements SET estimated_cost_microcents = NULL WHERE estimated_cost_microcents NOT BETWEEN 0 AND 1000000000000000;
UPDATE token_measurements SET
  input_tokens = CASE WHEN input_tokens BETWEEN 0 AND 1000000000000000 THEN input_tokens END,
  output_tokens = CASE WHEN output_tokens BETWEEN 0 AND 1000000000000000 THEN output_tokens END,
  cache_read_tokens = CASE WHEN cache_read_tokens BETWEEN 0 AND 1000000000000000 THEN cache_read_tokens END,
  cache_write_tokens = CASE WHEN cache_write_tokens BETWEEN 0 AND 1000000000000000 THEN cache_write_tokens END,
  total_tokens = CASE WHEN total_tokens BETWEEN 0 AND 1000000000000000 THEN total_tokens END,
  latency_ms = CASE WHEN latency_ms BETWEEN 0 AND 1000000000000000 THEN latency_ms END
WHERE max(coalesce(input_tokens, 0), coalesce(output_tokens, 0), coalesce(cache_read_tokens, 0), coalesce(cache_write_tokens, 0),
    coalesce(total_tokens, 0), coalesce(latency_ms, 0)) > 1000000000000000
  OR min(coalesce(input_tokens, 0), coalesce(output_tokens, 0), coalesce(cache_read_tokens, 0), coalesce(cache_write_tokens, 0),
    coalesce(total_tokens, 0), coalesce(latency_ms, 0)) < 0;
UPDATE benchmark_results SET
  estimated_cost_microcents = CASE WHEN estimated_cost_microcents BETWEEN 0 AND 1000000000000000 THEN estimated_cost_microcents END,
  input_tokens = CASE WHEN input_tokens BETWEEN 0 AND 1000000000000000 THEN input_tokens END,
  output_tokens = CASE WHEN output_tokens BETWEEN 0 AND 1000000000000000 THEN output_tokens END,
  cache_read_tokens = CASE WHEN cache_read_tokens BETWEEN 0 AND 1000000000000000 THEN cache_read_tokens END,
  cache_write_tokens = CASE WHEN cache_write_tokens BETWEEN 0 AND 1000000000000000 THEN cache_write_tokens END,
  total_tokens = CASE WHEN total_tokens BETWEEN 0 AND 1000000000000000 THEN total_tokens END,
  latency_ms = CASE WHEN latency_ms BETWEEN 0 AND 1000000000000000 THEN latency_ms END,
  created_at = min(max(created_at, 0), 8640000000000000)
WHERE max(coalesce(estimated_cost_microcents, 0), coalesce(input_tokens, 0), coalesce(output_tokens, 0), coalesce(cache_read_tokens, 0),
    coalesce(cache_write_tokens, 0), coalesce(total_tokens, 0), coalesce(latency_ms, 0)) > 1000000000000000
  OR min(coalesce(estimated_cost_microcents, 0), coalesce(input_tokens, 0), coalesce(output_tokens, 0), coalesce(cache_read_tokens, 0),
    coalesce(cache_write_tokens, 0), coalesce(total_tokens, 0), coalesce(latency_ms, 0), created_at) < 0
  OR created_at > 8640000000000000;
UPDATE benchmark_runs SET
  cheapest_cost_microcents = CASE WHEN cheapest_cost_microcents BETWEEN 0 AND 1000000000000000 THEN cheapest_cost_microcents END,
  best_quality_score = CASE WHEN best_quality_score BETWEEN 0 AND 100 THEN best_quality_score END,
  repeats = min(max(repeats, 0), 1000000),
  created_at = min(max(created_at, 0), 8640000000000000),
  started_at = CASE WHEN started_at BETWEEN 0 AND 8640000000000000 THEN started_at END,
  completed_at = CASE WHEN completed_at BETWEEN 0 AND 8640000000000000 THEN completed_at END
WHERE coalesce(cheapest_cost_microcents, 0) NOT BETWEEN 0 AND 1000000000000000 OR coalesce(best_quality_score, 0) NOT BETWEEN 0 AND 100
  OR repeats NOT BETWEEN 0 AND 1000000 OR created_at NOT BETWEEN 0 AND 8640000000000000
  OR coalesce(started_at, 0) NOT BETWEEN 0 AND 8640000000000000 OR coalesce(completed_at, 0) NOT BETWEEN 0 AND 8640000000000000;
UPDATE benchmark_cases SET weight = 1 WHERE weight NOT BETWEEN 0 AND 1000;
UPDATE skills SET tags = '[]' WHERE json_type(tags) <> 'array' OR EXISTS (SELECT 1 FROM json_each(tags) WHERE type <> 'text');

-- A version's only changes are its number and its time, as in 0030, and one more: where it broke the rules and the registry has
-- corrected it, the corrected text comes in, and what it was stays in invalid_rows.
DROP TRIGGER skill_versions_immutable;
CREATE TRIGGER skill_versions_immutable BEFORE UPDATE ON skill_versions
WHEN NOT (
  OLD.id IS NEW.id AND OLD.tenant_id IS NEW.tenant_id AND OLD.skill_id IS NEW.skill_id
  AND OLD.parent_version_id IS NEW.parent_version_id AND OLD.merged_version_id IS NEW.merged_version_id
  AND OLD.content_url IS NEW.content_url AND OLD.content_hash IS NEW.content_hash AND OLD.created_by IS NEW.created_by
  AND ((OLD.content_type IS NEW.content_type AND OLD.name IS NEW.name AND OLD.description IS NEW.description
      AND OLD.message IS NEW.message AND OLD.metadata IS NEW.metadata
      AND ((OLD.version IS NULL AND NEW.version IS NOT NULL)
        OR EXISTS (SELECT 1 FROM sync_states s WHERE s.tenant_id = OLD.tenant_id AND s.reconciling = 1)))
    OR (OLD.version IS NEW.version AND OLD.created_at IS NEW.created_at
      AND EXISTS (SELECT 1 FROM invalid_rows q WHERE q.tenant_id = OLD.tenant_id AND q.entity = 'skill_versions'
        AND q.id = OLD.id AND q.replaced = 1)))
)
BEGIN SELECT RAISE(ABORT, 'a version never changes'); END;
