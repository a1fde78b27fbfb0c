-- Results whose run is not there (any more) are told as such: whoever sent them reads what the registry has and sends the run
-- again. Refused as somebody else's, they were set aside for good.
SET LOCAL ROLE whetstone_owner;

-- As in 0100, but for the two reasons.
CREATE OR REPLACE FUNCTION whetstone.push_benchmark_results(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
  me record;
  lost boolean;
  others boolean;
BEGIN
  SELECT * INTO me FROM whetstone.acting('author');
  SELECT bool_or(r.id IS NULL), bool_or(r.id IS NOT NULL AND r.triggered_by IS DISTINCT FROM me.user_id) INTO lost, others
    FROM json_to_recordset(p_page) AS p (run_id text)
    LEFT JOIN whetstone.benchmark_runs r ON r.tenant_id = me.tenant_id AND r.id = p.run_id;
  IF others THEN RAISE EXCEPTION 'results belong to a run of one''s own' USING ERRCODE = 'WS403'; END IF;
  IF lost THEN RAISE EXCEPTION 'a result''s run is not there' USING ERRCODE = 'WS404'; END IF;
  RETURN QUERY SELECT * FROM whetstone.put_page('benchmark_results', p_page, 'author',
    '{id,run_id,case_id,model_name,model_provider,repeat,input_used,output_produced,expected_output,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,total_tokens,estimated_cost_microcents,latency_ms,quality_score,quality_notes,matches_expected,assertion_results,error_message,details}',
    '{}', NULL, 'was.id = p.id', 'true');
END $$;

RESET ROLE;
