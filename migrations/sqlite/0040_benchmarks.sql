-- What a run was of and how it was made, so that an imported one keeps where it came from and no two unlike ones look alike.

-- {form, file, id, …}: what the file it was imported from called it; '{}' for a case written here.
ALTER TABLE benchmark_cases ADD COLUMN provenance TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(provenance));

-- What was tried, as it is called: 'v14', 'with_skill', 'without_skill', 'working copy'.
ALTER TABLE benchmark_runs ADD COLUMN configuration TEXT;
-- 1: no skill at all. (skill_version_id is NULL too where the content was a working copy, or is not known.)
ALTER TABLE benchmark_runs ADD COLUMN baseline INTEGER NOT NULL DEFAULT 0 CHECK (baseline IN (0, 1));
-- The bundle that ran, saved as a version or not.
ALTER TABLE benchmark_runs ADD COLUMN content_hash TEXT;
-- One for all the runs that were started together, over the same cases.
ALTER TABLE benchmark_runs ADD COLUMN batch_id TEXT;
-- How the skill was given, temperature, limits: what a runner needs to go on after a crash.
ALTER TABLE benchmark_runs ADD COLUMN settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings));
-- {form, file, sha256, …} of an imported run; '{}' for one made here.
ALTER TABLE benchmark_runs ADD COLUMN provenance TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(provenance));
ALTER TABLE benchmark_runs ADD COLUMN error_message TEXT;
CREATE INDEX benchmark_runs_batch ON benchmark_runs (batch_id) WHERE batch_id IS NOT NULL;

UPDATE benchmark_runs SET baseline = 1 WHERE skill_version_id IS NULL;

-- What else is known of one result: tool calls, stop reason, counts of an imported one whose assertions are not there.
ALTER TABLE benchmark_results ADD COLUMN details TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(details));
