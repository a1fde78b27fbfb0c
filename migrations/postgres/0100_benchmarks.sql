-- What a run was of and how it was made: the twin of the library's 0040_benchmarks.sql, where each column is explained.
SET LOCAL ROLE whetstone_owner;

ALTER TABLE whetstone.benchmark_cases
  ADD COLUMN IF NOT EXISTS provenance text NOT NULL DEFAULT '{}' CHECK (provenance IS JSON);
ALTER TABLE whetstone.benchmark_runs
  ADD COLUMN IF NOT EXISTS configuration text,
  ADD COLUMN IF NOT EXISTS baseline integer NOT NULL DEFAULT 0 CHECK (baseline IN (0, 1)),
  ADD COLUMN IF NOT EXISTS content_hash text,
  ADD COLUMN IF NOT EXISTS batch_id text COLLATE "C",
  ADD COLUMN IF NOT EXISTS settings text NOT NULL DEFAULT '{}' CHECK (settings IS JSON),
  ADD COLUMN IF NOT EXISTS provenance text NOT NULL DEFAULT '{}' CHECK (provenance IS JSON),
  ADD COLUMN IF NOT EXISTS error_message text;
ALTER TABLE whetstone.benchmark_results
  ADD COLUMN IF NOT EXISTS details text NOT NULL DEFAULT '{}' CHECK (details IS JSON);
CREATE INDEX IF NOT EXISTS benchmark_runs_batch ON whetstone.benchmark_runs (tenant_id, batch_id) WHERE batch_id IS NOT NULL;

ALTER TABLE whetstone.benchmark_cases DROP CONSTRAINT IF EXISTS benchmark_cases_provenance_limit;
ALTER TABLE whetstone.benchmark_cases ADD CONSTRAINT benchmark_cases_provenance_limit
  CHECK (octet_length(provenance) <= 100000);
ALTER TABLE whetstone.benchmark_runs DROP CONSTRAINT IF EXISTS benchmark_runs_made_limit;
ALTER TABLE whetstone.benchmark_runs ADD CONSTRAINT benchmark_runs_made_limit
  CHECK (octet_length(configuration) <= 2000 AND octet_length(content_hash) <= 200 AND octet_length(batch_id) <= 64
    AND octet_length(settings) <= 100000 AND octet_length(provenance) <= 100000 AND octet_length(error_message) <= 40000);
ALTER TABLE whetstone.benchmark_results DROP CONSTRAINT IF EXISTS benchmark_results_details_limit;
ALTER TABLE whetstone.benchmark_results ADD CONSTRAINT benchmark_results_details_limit
  CHECK (octet_length(details) <= 1048576);

CREATE OR REPLACE FUNCTION whetstone.push_benchmark_cases(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM whetstone.put_page('benchmark_cases', p_page, 'author',
    '{id,skill_id,name,prompt,expected_output,assertions,files,tags,weight,source_feedback_id,archived,provenance}',
    '{name,prompt,expected_output,assertions,files,tags,weight,source_feedback_id,archived,provenance}', NULL, 'was.id = p.id', 'true')
$$;

-- Only whoever started a run says how it went; what it was of never changes.
CREATE OR REPLACE FUNCTION whetstone.push_benchmark_runs(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM whetstone.put_page('benchmark_runs', p_page, 'author',
    '{id,skill_id,skill_version_id,case_set_hash,judge_model,judge_prompt_hash,price_table_date,repeats,models,status,best_model,best_quality_score,cheapest_model,cheapest_cost_microcents,started_at,completed_at,configuration,baseline,content_hash,batch_id,settings,provenance,error_message}',
    '{status,best_model,best_quality_score,cheapest_model,cheapest_cost_microcents,started_at,completed_at,error_message}', 'triggered_by',
    'was.id = p.id', 'was.triggered_by = $3')
$$;

CREATE OR REPLACE FUNCTION whetstone.push_benchmark_results(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
  me record;
BEGIN
  SELECT * INTO me FROM whetstone.acting('author');
  IF EXISTS (SELECT FROM json_to_recordset(p_page) AS p (run_id text)
    LEFT JOIN whetstone.benchmark_runs r ON r.tenant_id = me.tenant_id AND r.id = p.run_id
    WHERE r.triggered_by IS DISTINCT FROM me.user_id) THEN
    RAISE EXCEPTION 'results belong to a run of one''s own' USING ERRCODE = 'WS403';
  END IF;
  RETURN QUERY SELECT * FROM whetstone.put_page('benchmark_results', p_page, 'author',
    '{id,run_id,case_id,model_name,model_provider,repeat,input_used,output_produced,expected_output,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,total_tokens,estimated_cost_microcents,latency_ms,quality_score,quality_notes,matches_expected,assertion_results,error_message,details}',
    '{}', NULL, 'was.id = p.id', 'true');
END $$;

RESET ROLE;
