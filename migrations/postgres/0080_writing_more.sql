-- The other synced tables, through one function that is told what of a page a client may say.
SET LOCAL ROLE whetstone_owner;

-- p_given: the columns taken from the client's row, which is the library's row; everything else is the registry's.
-- p_changing: those that may change later ('{}': the table only grows). p_mine: the column that says whose it is.
-- p_match: which stored row (was) a sent row (p) is about. p_may_change: whether p may change was; me is $2 (tenant), $3 (user), $4 (role).
-- States: inserted · updated · identical · conflict (another row has that id, or may not be changed so) · deleted.
CREATE OR REPLACE FUNCTION whetstone.put_page(p_entity text, p_page json, p_needed text, p_given text[], p_changing text[],
  p_mine text, p_match text, p_may_change text)
RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  me record;
  ids text[];
  states text[];
  stored_ids text[];
  changed text[];
  inserts bigint;
  strays bigint;
  first bigint;
  rows_sent text := format('ROWS FROM (json_populate_recordset(NULL::whetstone.%I, $1)) WITH ORDINALITY', p_entity);
  fixed text[] := ARRAY(SELECT x FROM unnest(p_given) x WHERE x <> ALL (p_changing) AND x <> 'id');
  same text := (SELECT format('(%s) IS NOT DISTINCT FROM (%s)', string_agg(format('was.%I', x), ', '), string_agg(format('p.%I', x), ', '))
    FROM unnest(p_given) x WHERE x <> 'id');
  same_fixed text := (SELECT format('(%s) IS NOT DISTINCT FROM (%s)', string_agg(format('was.%I', x), ', '), string_agg(format('p.%I', x), ', '))
    FROM unnest(fixed) x);
  stamp bigint := whetstone.now_ms();
BEGIN
  SELECT * INTO me FROM whetstone.acting(p_needed);
  EXECUTE format('SELECT array_agg(p.id ORDER BY p.ordinality) FROM %s p', rows_sent) INTO ids USING p_page;
  PERFORM whetstone.check_page(ids);
  IF 'skill_id' = ANY (p_given) THEN
    EXECUTE format('SELECT whetstone.lock_skills($2, array_agg(p.skill_id)) FROM %s p', rows_sent) USING p_page, me.tenant_id;
  END IF;
  IF 'skill_version_id' = ANY (p_given) THEN
    EXECUTE format('SELECT count(*) FROM %s p LEFT JOIN whetstone.skill_versions v ON v.tenant_id = $2 AND v.id = p.skill_version_id
      WHERE p.skill_version_id IS NOT NULL AND v.skill_id IS DISTINCT FROM p.skill_id', rows_sent)
      INTO strays USING p_page, me.tenant_id;
    IF strays > 0 THEN RAISE EXCEPTION 'a version is not one of that skill' USING ERRCODE = 'WS404'; END IF;
  END IF;
  PERFORM whetstone.lock_head(me.tenant_id);

  EXECUTE format($f$
    SELECT array_agg(coalesce(was.id, p.id) ORDER BY p.ordinality), array_agg(CASE
      WHEN was.id IS NULL AND taken.id IS NOT NULL THEN 'conflict'
      WHEN was.id IS NULL AND gone.id IS NOT NULL THEN 'deleted'
      WHEN was.id IS NULL THEN 'inserted'
      WHEN %s AND %s THEN 'identical'
      WHEN %s AND %s THEN 'updated' ELSE 'conflict' END ORDER BY p.ordinality)
    FROM %s p
    LEFT JOIN whetstone.%I was ON was.tenant_id = $2 AND %s
    LEFT JOIN whetstone.%I taken ON taken.tenant_id = $2 AND taken.id = p.id
    LEFT JOIN whetstone.tombstones gone ON gone.tenant_id = $2 AND gone.entity = %L AND gone.id = p.id $f$,
    same, CASE WHEN p_mine IS NULL THEN 'true' ELSE format('was.%I = $3', p_mine) END,
    CASE WHEN p_changing = '{}' THEN 'false' ELSE same_fixed END, p_may_change, rows_sent, p_entity, p_match, p_entity, p_entity)
    INTO stored_ids, states USING p_page, me.tenant_id, me.user_id, me.role;

  changed := ARRAY(SELECT s.id FROM unnest(stored_ids, states) WITH ORDINALITY AS s (id, state, at)
    WHERE s.state IN ('inserted', 'updated') ORDER BY s.at);
  IF changed <> '{}' THEN
    inserts := (SELECT count(*) FROM unnest(states) x WHERE x = 'inserted');
    first := whetstone.log_change(me.tenant_id, p_entity, 'put', changed, me.user_id, inserts,
      CASE WHEN inserts > 0 THEN octet_length(p_page::text) ELSE 0 END);
  END IF;
  IF 'inserted' = ANY (states) THEN
    EXECUTE format('INSERT INTO whetstone.%I (tenant_id, created_at, %s) SELECT $2, $5, %s
      FROM %s p JOIN unnest($6::text[], $7::text[]) WITH ORDINALITY AS s (id, state, ordinality) ON s.ordinality = p.ordinality
      JOIN unnest($8::text[]) WITH ORDINALITY AS c (id, at) ON c.id = s.id WHERE s.state = ''inserted''', p_entity,
      concat_ws(', ', p_mine, CASE WHEN p_changing <> '{}' THEN 'seq' END,
        CASE WHEN p_changing <> '{}' AND p_entity <> 'benchmark_runs' THEN 'updated_at' END,
        (SELECT string_agg(format('%I', x), ', ') FROM unnest(p_given) x)),
      concat_ws(', ', CASE WHEN p_mine IS NOT NULL THEN '$3' END, CASE WHEN p_changing <> '{}' THEN '$9 + c.at - 1' END,
        CASE WHEN p_changing <> '{}' AND p_entity <> 'benchmark_runs' THEN '$5' END,
        (SELECT string_agg(format('p.%I', x), ', ') FROM unnest(p_given) x)), rows_sent)
      USING p_page, me.tenant_id, me.user_id, me.role, stamp, stored_ids, states, changed, first;
  END IF;
  IF 'updated' = ANY (states) THEN
    EXECUTE format('UPDATE whetstone.%I was SET %s FROM %s p
      JOIN unnest($6::text[], $7::text[]) WITH ORDINALITY AS s (id, state, ordinality) ON s.ordinality = p.ordinality
      JOIN unnest($8::text[]) WITH ORDINALITY AS c (id, at) ON c.id = s.id
      WHERE s.state = ''updated'' AND was.tenant_id = $2 AND was.id = s.id', p_entity,
      concat_ws(', ', 'seq = $9 + c.at - 1', CASE WHEN p_entity <> 'benchmark_runs' THEN 'updated_at = $5' END,
        (SELECT string_agg(format('%I = p.%I', x, x), ', ') FROM unnest(p_changing) x)), rows_sent)
      USING p_page, me.tenant_id, me.user_id, me.role, stamp, stored_ids, states, changed, first;
  END IF;
  RETURN QUERY SELECT p.id, p.state, first + c.at - 1, p.stored_id
    FROM unnest(ids, states, stored_ids) WITH ORDINALITY AS p (id, state, stored_id, ordinality)
    LEFT JOIN unnest(changed) WITH ORDINALITY AS c (id, at) ON c.id = p.stored_id AND p.state IN ('inserted', 'updated')
    ORDER BY p.ordinality;
END $$;

-- One a user and version: rating again edits it, and the answer names the row that is kept.
CREATE OR REPLACE FUNCTION whetstone.push_ratings(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM whetstone.put_page('ratings', p_page, 'reader', '{id,skill_id,skill_version_id,rating,comment,hours_saved_estimate}',
    '{rating,comment,hours_saved_estimate}', 'user_id', 'was.skill_version_id = p.skill_version_id AND was.user_id = $3', 'true')
$$;

-- Its author may still change it while nobody has looked at it.
CREATE OR REPLACE FUNCTION whetstone.push_feedback(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM whetstone.put_page('skill_feedback', p_page, 'reader',
    '{id,skill_id,skill_version_id,feedback_type,sentiment,comment,suggested_content,suggested_diff,example_input,example_output,expected_output,severity,quality_score,usage_event_id,source}',
    '{feedback_type,sentiment,comment,suggested_content,suggested_diff,example_input,example_output,expected_output,severity,quality_score}',
    'user_id', 'was.id = p.id', 'was.user_id = $3 AND was.status = ''pending''')
$$;

CREATE OR REPLACE FUNCTION whetstone.push_measurements(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM whetstone.put_page('token_measurements', p_page, 'reader',
    '{id,skill_id,skill_version_id,usage_event_id,model_name,model_provider,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,total_tokens,estimated_cost_microcents,latency_ms,source}',
    '{}', 'user_id', 'was.id = p.id', 'true')
$$;

CREATE OR REPLACE FUNCTION whetstone.push_usage_events(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM whetstone.put_page('usage_events', p_page, 'reader', '{id,skill_id,skill_version_id,tool}', '{}', 'user_id',
    'was.id = p.id', 'true')
$$;

CREATE OR REPLACE FUNCTION whetstone.push_benchmark_cases(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM whetstone.put_page('benchmark_cases', p_page, 'author',
    '{id,skill_id,name,prompt,expected_output,assertions,files,tags,weight,source_feedback_id,archived}',
    '{name,prompt,expected_output,assertions,files,tags,weight,source_feedback_id,archived}', NULL, 'was.id = p.id', 'true')
$$;

-- Only whoever started a run says how it went.
CREATE OR REPLACE FUNCTION whetstone.push_benchmark_runs(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM whetstone.put_page('benchmark_runs', p_page, 'author',
    '{id,skill_id,skill_version_id,case_set_hash,judge_model,judge_prompt_hash,price_table_date,repeats,models,status,best_model,best_quality_score,cheapest_model,cheapest_cost_microcents,started_at,completed_at}',
    '{status,best_model,best_quality_score,cheapest_model,cheapest_cost_microcents,started_at,completed_at}', 'triggered_by',
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
    '{id,run_id,case_id,model_name,model_provider,repeat,input_used,output_produced,expected_output,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,total_tokens,estimated_cost_microcents,latency_ms,quality_score,quality_notes,matches_expected,assertion_results,error_message}',
    '{}', NULL, 'was.id = p.id', 'true');
END $$;

-- By the skill's author or an admin, if it still stands as the caller saw it.
CREATE OR REPLACE FUNCTION whetstone.review_feedback(p_id text, p_expected text, p_status text, p_notes text, p_implemented_by text)
RETURNS TABLE (state text, status text, seq bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  me record;
  was record;
BEGIN
  SELECT * INTO me FROM whetstone.acting('author');
  SELECT f.*, s.author_id INTO was FROM whetstone.skill_feedback f
    JOIN whetstone.skills s ON s.tenant_id = f.tenant_id AND s.id = f.skill_id
    WHERE f.tenant_id = me.tenant_id AND f.id = p_id FOR NO KEY UPDATE OF s;
  PERFORM whetstone.lock_head(me.tenant_id);
  -- Again: it may have changed until the locks were ours.
  SELECT f.*, s.author_id INTO was FROM whetstone.skill_feedback f
    JOIN whetstone.skills s ON s.tenant_id = f.tenant_id AND s.id = f.skill_id
    WHERE f.tenant_id = me.tenant_id AND f.id = p_id;
  status := was.status;
  seq := was.seq;
  IF was.id IS NULL OR (p_implemented_by IS NOT NULL AND NOT EXISTS (SELECT FROM whetstone.skill_versions v
    WHERE v.tenant_id = me.tenant_id AND v.id = p_implemented_by AND v.skill_id = was.skill_id)) THEN
    state := 'missing';
  ELSIF was.author_id <> me.user_id AND me.role <> 'admin' THEN
    state := 'forbidden';
  ELSIF (was.status, was.review_notes, was.implemented_by_version_id, was.reviewed_by)
    IS NOT DISTINCT FROM (p_status, p_notes, p_implemented_by, me.user_id) THEN
    state := 'identical';
  ELSIF was.status <> p_expected THEN
    state := 'moved';
  ELSE
    seq := whetstone.log_change(me.tenant_id, 'skill_feedback', 'put', ARRAY[p_id], me.user_id, 0, 0);
    UPDATE whetstone.skill_feedback f SET status = p_status, review_notes = p_notes, implemented_by_version_id = p_implemented_by,
      reviewed_by = me.user_id, reviewed_at = whetstone.now_ms(), updated_at = whetstone.now_ms(), seq = review_feedback.seq
    WHERE f.tenant_id = me.tenant_id AND f.id = p_id;
    state := 'updated';
    status := p_status;
  END IF;
  RETURN NEXT;
END $$;

-- Deletes, and remembers it. Ratings and feedback by who gave them; a run by who started it or an admin; a case by any
-- author; a skill, while it has no version, by its author or an admin. Deleting again says 'deleted' again.
CREATE OR REPLACE FUNCTION whetstone.remove_rows(p_entity text, p_ids text[]) RETURNS TABLE (id text, state text, seq bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  me record;
  allowed text;
  mine text[];
  there text[];
  first bigint;
  skill_ids text[];
BEGIN
  SELECT * INTO me FROM whetstone.acting(CASE WHEN p_entity IN ('ratings', 'skill_feedback') THEN 'reader' ELSE 'author' END);
  PERFORM whetstone.check_page(p_ids);
  allowed := CASE p_entity
    WHEN 'ratings' THEN 'x.user_id = $3'
    WHEN 'skill_feedback' THEN 'x.user_id = $3'
    WHEN 'benchmark_cases' THEN 'true'
    WHEN 'benchmark_runs' THEN '(x.triggered_by = $3 OR $4 = ''admin'')'
    WHEN 'skills' THEN '(x.author_id = $3 OR $4 = ''admin'') AND x.versions = 0' END;
  IF allowed IS NULL THEN RAISE EXCEPTION '% are never deleted', p_entity USING ERRCODE = 'WS405'; END IF;
  EXECUTE format('SELECT array_agg(x.%I) FROM whetstone.%I x WHERE x.tenant_id = $1 AND x.id = ANY ($2)',
    CASE WHEN p_entity = 'skills' THEN 'id' ELSE 'skill_id' END, p_entity) INTO skill_ids USING me.tenant_id, p_ids;
  PERFORM whetstone.lock_skills(me.tenant_id, skill_ids);
  PERFORM whetstone.lock_head(me.tenant_id);
  EXECUTE format('SELECT array_agg(x.id), array_agg(x.id) FILTER (WHERE %s)
    FROM whetstone.%I x WHERE x.tenant_id = $1 AND x.id = ANY ($2)', allowed, p_entity)
    INTO there, mine USING me.tenant_id, p_ids, me.user_id, me.role;
  IF mine IS NOT NULL THEN
    first := whetstone.log_change(me.tenant_id, p_entity, 'delete', mine, me.user_id, -cardinality(mine), 0);
    EXECUTE format('DELETE FROM whetstone.%I x WHERE x.tenant_id = $1 AND x.id = ANY ($2)', p_entity) USING me.tenant_id, mine;
    INSERT INTO whetstone.tombstones (tenant_id, entity, id, deleted_by, deleted_at)
      SELECT me.tenant_id, p_entity, m, me.user_id, whetstone.now_ms() FROM unnest(mine) m;
  END IF;
  RETURN QUERY SELECT p.id, CASE WHEN m.id IS NOT NULL OR t.id IS NOT NULL THEN 'deleted'
      WHEN p.id = ANY (there) THEN 'forbidden' ELSE 'missing' END, first + m.at - 1
    FROM unnest(p_ids) WITH ORDINALITY AS p (id, ordinality)
    LEFT JOIN unnest(mine) WITH ORDINALITY AS m (id, at) ON m.id = p.id
    LEFT JOIN whetstone.tombstones t ON t.tenant_id = me.tenant_id AND t.entity = p_entity AND t.id = p.id
    ORDER BY p.ordinality;
END $$;

CREATE OR REPLACE FUNCTION whetstone.update_profile(p_name text, p_email text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
  me record;
  place bigint;
BEGIN
  SELECT * INTO me FROM whetstone.acting('reader');
  place := whetstone.log_change(me.tenant_id, 'users', 'put', ARRAY[me.user_id], me.user_id, 0, 0);
  UPDATE whetstone.users u SET name = p_name, email = p_email, seq = place WHERE u.tenant_id = me.tenant_id AND u.id = me.user_id;
  RETURN place;
END $$;

-- What an app asks first, in one round trip; and ends what others left open.
CREATE OR REPLACE FUNCTION whetstone.hello() RETURNS TABLE (tenant_id text, tenant_name text, tenant_slug text, user_id text,
  user_name text, role text, epoch text, n bigint, channel text, publish_needs_approval integer, schema_version integer, ended integer)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT t.id, t.name, t.slug, m.user_id, u.name, m.role, h.epoch, h.n, h.channel, s.publish_needs_approval,
    (SELECT max(id) FROM whetstone.migrations), whetstone.reap()
  FROM whetstone.current_member() m
  JOIN whetstone.tenants t ON t.id = m.tenant_id
  JOIN whetstone.users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
  JOIN whetstone.tenant_heads h ON h.tenant_id = m.tenant_id
  JOIN whetstone.tenant_settings s ON s.tenant_id = m.tenant_id
$$;

RESET ROLE;
