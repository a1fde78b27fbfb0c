-- Every row and every byte that stays is counted, whoever writes it: updates, deletions and what they leave behind, log
-- entries, approvals. What was counted was the text of pages that insert something, so a team (or anybody with an invite)
-- could write without end by changing rows, by deleting what it had inserted, by renaming itself.
--
-- A row weighs 500 bytes (ids, numbers, times, its places in the indexes; ids are at most 64 bytes long) and the bytes of its
-- texts. What the count ought to be is read from the rows themselves by whetstone.stored(); doctor compares.
SET LOCAL ROLE whetstone_owner;

-- The columns whose length a member decides; every other one is short. Empty: a row weighs 500.
CREATE OR REPLACE FUNCTION whetstone.weighed_columns(p_table text) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE p_table
    WHEN 'tenants' THEN '{name}'
    WHEN 'users' THEN '{name,email}'
    WHEN 'skills' THEN '{slug,name,description,category,tags,content,forked_at_version_id}'
    WHEN 'skill_versions' THEN '{content_type,name,description,message,metadata}'
    WHEN 'ratings' THEN '{comment}'
    WHEN 'skill_feedback' THEN '{comment,suggested_content,suggested_diff,example_input,example_output,expected_output,severity,review_notes}'
    WHEN 'token_measurements' THEN '{model_name,model_provider,source}'
    WHEN 'usage_events' THEN '{tool}'
    WHEN 'benchmark_cases' THEN '{name,prompt,expected_output,assertions,files,tags,provenance}'
    WHEN 'benchmark_runs' THEN '{case_set_hash,judge_model,judge_prompt_hash,price_table_date,models,best_model,cheapest_model,configuration,content_hash,settings,provenance,error_message}'
    WHEN 'benchmark_results' THEN '{model_name,model_provider,input_used,output_produced,expected_output,quality_notes,assertion_results,error_message,details}'
    ELSE '{}' END::text[]
$$;

-- SQL for the bytes of these columns of a row. octet_length reads the length alone: nothing is fetched or unpacked for it.
CREATE OR REPLACE FUNCTION whetstone.weight_of(p_row text, p_columns text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(string_agg(format('coalesce(octet_length(%s.%I), 0)', p_row, x), ' + '), '0') || '::bigint' FROM unnest(p_columns) x
$$;

-- What a log entry weighs, with its ids.
CREATE OR REPLACE FUNCTION whetstone.weight_of_entry(p_ids bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT 200 + 68 * p_ids $$;

-- Takes the next numbers for these ids and answers the first. Counts p_rows and p_bytes, and the entry itself, against the
-- tenant's quota (what a deletion takes away is counted by triggers, below); wakes who listens. Deletions pass, for what they leave behind is bounded by what was inserted and counted
-- before, and without them a full team could make no room; and so does whoever owns the registry (no p_user).
CREATE OR REPLACE FUNCTION whetstone.log_change(p_tenant text, p_entity text, p_operation text, p_ids text[], p_user text,
  p_rows bigint, p_bytes bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
  head record;
  filled double precision;
BEGIN
  UPDATE whetstone.tenant_heads h SET n = h.n + cardinality(p_ids), rows_stored = h.rows_stored + 1 + CASE WHEN p_operation = 'put' THEN p_rows ELSE 0 END,
    bytes_stored = h.bytes_stored + p_bytes + whetstone.weight_of_entry(cardinality(p_ids))
    WHERE h.tenant_id = p_tenant
    RETURNING h.n, h.channel, h.rows_stored > h.rows_allowed OR h.bytes_stored > h.bytes_allowed AS full INTO head;
  IF NOT FOUND THEN RAISE EXCEPTION 'this team has no head row' USING ERRCODE = 'WS404'; END IF;
  IF head.full AND p_operation = 'put' AND p_user IS NOT NULL THEN
    RAISE EXCEPTION 'this team has used up its space in the registry' USING ERRCODE = 'WS507';
  END IF;
  INSERT INTO whetstone.change_log (tenant_id, last_seq, first_seq, entity, operation, ids, user_id, at)
  VALUES (p_tenant, head.n, head.n - cardinality(p_ids) + 1, p_entity, p_operation, p_ids, p_user, whetstone.now_ms());
  -- The queue is the whole server's. A full one refuses the transaction at its commit, where nothing can catch it; so while
  -- it fills, whoever holds it is ended, and above a quarter nobody is woken: the write goes on, and listeners, who ask for
  -- the head now and then, hear of it later.
  filled := pg_notification_queue_usage();
  IF filled > 0.01 THEN PERFORM whetstone.reap(); END IF;
  -- Without a payload: the same twice in one transaction is sent once, and nothing in it could be believed anyway.
  IF filled < 0.25 THEN PERFORM pg_notify(head.channel, ''); END IF;
  RETURN head.n - cardinality(p_ids) + 1;
END $$;

-- What comes and goes beside pages: deletions with all that they take along, tombstones, profiles, approvals, the publish
-- log. A statement at a time, whoever writes.
CREATE OR REPLACE FUNCTION whetstone.weigh_rows() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('UPDATE whetstone.tenant_heads h SET rows_stored = h.rows_stored + d.n, bytes_stored = h.bytes_stored + d.bytes
    FROM (SELECT r.tenant_id, sum(r.sign) AS n, sum(r.sign * (500 + %s)) AS bytes FROM (%s) r GROUP BY r.tenant_id) d
    WHERE h.tenant_id = d.tenant_id', whetstone.weight_of('r', whetstone.weighed_columns(TG_TABLE_NAME)),
    CASE TG_OP WHEN 'INSERT' THEN 'SELECT 1 AS sign, f.* FROM fresh f' WHEN 'DELETE' THEN 'SELECT -1 AS sign, g.* FROM gone g'
      ELSE 'SELECT 1 AS sign, f.* FROM fresh f UNION ALL SELECT -1, g.* FROM gone g' END);
  RETURN NULL;
END $$;

DO $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT x.name, e.event FROM (VALUES
      ('users', '{INSERT,UPDATE}'), ('tombstones', '{INSERT}'), ('publish_log', '{INSERT}'), ('version_approvals', '{INSERT}'),
      ('skills', '{DELETE}'), ('ratings', '{DELETE}'), ('skill_feedback', '{DELETE}'), ('token_measurements', '{DELETE}'),
      ('usage_events', '{DELETE}'), ('benchmark_cases', '{DELETE}'), ('benchmark_runs', '{DELETE}'), ('benchmark_results', '{DELETE}'))
    AS x (name, events) CROSS JOIN LATERAL unnest(x.events::text[]) e (event) LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER weighed_%s AFTER %s ON whetstone.%I REFERENCING %s
      FOR EACH STATEMENT EXECUTE FUNCTION whetstone.weigh_rows()', lower(one.event), one.event, one.name,
      CASE one.event WHEN 'INSERT' THEN 'NEW TABLE AS fresh' WHEN 'DELETE' THEN 'OLD TABLE AS gone'
        ELSE 'NEW TABLE AS fresh OLD TABLE AS gone' END);
  END LOOP;
END $$;

-- What each team, or this one, has stored: from the rows themselves.
CREATE OR REPLACE FUNCTION whetstone.stored(p_tenant text DEFAULT NULL) RETURNS TABLE (tenant_id text, rows_stored bigint, bytes_stored bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY EXECUTE (SELECT 'SELECT x.tenant_id, sum(x.n)::bigint, sum(x.bytes)::bigint FROM ('
    || string_agg(format('SELECT t.%I AS tenant_id, count(*) AS n, sum(%s) AS bytes FROM whetstone.%I t %s GROUP BY 1',
      CASE name WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END,
      CASE name WHEN 'change_log' THEN 'whetstone.weight_of_entry(t.last_seq - t.first_seq + 1)'
        ELSE '500 + ' || whetstone.weight_of('t', whetstone.weighed_columns(name)) END, name,
      CASE WHEN p_tenant IS NOT NULL THEN format('WHERE t.%I = %L', CASE name WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END, p_tenant) END),
      ' UNION ALL ')
    || ') x GROUP BY 1' FROM unnest(ARRAY['tenants', 'users', 'skills', 'skill_versions', 'ratings', 'skill_feedback',
      'token_measurements', 'usage_events', 'benchmark_cases', 'benchmark_runs', 'benchmark_results', 'tombstones',
      'change_log', 'publish_log', 'version_approvals']) name);
END $$;

-- Puts a team's count right. Under its head's lock, so that who writes meanwhile adds to the new count.
CREATE OR REPLACE FUNCTION whetstone.count_stored(p_tenant text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM whetstone.lock_head(p_tenant);
  UPDATE whetstone.tenant_heads h SET rows_stored = s.rows_stored, bytes_stored = s.bytes_stored
    FROM whetstone.stored(p_tenant) s WHERE s.tenant_id = h.tenant_id AND h.tenant_id = p_tenant;
END $$;

-- As in 0120 (0080 explains arguments and states), but for the bytes.
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
  bytes bigint;
  strays bigint;
  first bigint;
  rows_sent text := format('ROWS FROM (json_populate_recordset(NULL::whetstone.%I, $1)) WITH ORDINALITY', p_entity);
  fixed text[] := ARRAY(SELECT x FROM unnest(p_given) x WHERE x <> ALL (p_changing) AND x <> 'id');
  same text := (SELECT format('(%s) IS NOT DISTINCT FROM (%s)', string_agg(format('was.%I', x), ', '), string_agg(format('p.%I', x), ', '))
    FROM unnest(p_given) x WHERE x <> 'id');
  same_fixed text := (SELECT format('(%s) IS NOT DISTINCT FROM (%s)', string_agg(format('was.%I', x), ', '), string_agg(format('p.%I', x), ', '))
    FROM unnest(fixed) x);
  -- What a client may not say is not stored, and weighs nothing.
  weighed text[] := ARRAY(SELECT x FROM unnest(whetstone.weighed_columns(p_entity)) x WHERE x = ANY (p_given));
  weighed_changing text[] := ARRAY(SELECT x FROM unnest(weighed) x WHERE x = ANY (p_changing));
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
    SELECT array_agg(x.stored_id ORDER BY x.ordinality), array_agg(x.state ORDER BY x.ordinality),
      sum(CASE x.state WHEN 'inserted' THEN 500 + x.whole WHEN 'updated' THEN x.more ELSE 0 END)
    FROM (SELECT p.ordinality, coalesce(was.id, p.id) AS stored_id, %s AS whole, %s - (%s) AS more, CASE
      WHEN was.id IS NULL AND taken.id IS NOT NULL THEN 'conflict'
      WHEN was.id IS NULL AND gone.id IS NOT NULL THEN 'deleted'
      WHEN was.id IS NULL THEN 'inserted'
      WHEN %s AND %s THEN 'identical'
      WHEN %s AND %s THEN 'updated' ELSE 'conflict' END AS state
    FROM %s p
    LEFT JOIN LATERAL (SELECT was.* FROM whetstone.%I was WHERE was.tenant_id = $2 AND %s LIMIT 1) was ON true
    LEFT JOIN LATERAL (SELECT taken.id FROM whetstone.%I taken WHERE taken.tenant_id = $2 AND taken.id = p.id LIMIT 1) taken ON true
    LEFT JOIN LATERAL (SELECT gone.id FROM whetstone.tombstones gone
      WHERE gone.tenant_id = $2 AND gone.entity = %L AND gone.id = p.id LIMIT 1) gone ON true) x $f$,
    whetstone.weight_of('p', weighed), whetstone.weight_of('p', weighed_changing), whetstone.weight_of('was', weighed_changing),
    same, CASE WHEN p_mine IS NULL THEN 'true' ELSE format('was.%I = $3', p_mine) END,
    CASE WHEN p_changing = '{}' THEN 'false' ELSE same_fixed END, p_may_change, rows_sent, p_entity, p_match, p_entity, p_entity)
    INTO stored_ids, states, bytes USING p_page, me.tenant_id, me.user_id, me.role;

  changed := ARRAY(SELECT s.id FROM unnest(stored_ids, states) WITH ORDINALITY AS s (id, state, at)
    WHERE s.state IN ('inserted', 'updated') ORDER BY s.at);
  IF changed <> '{}' THEN
    inserts := (SELECT count(*) FROM unnest(states) x WHERE x = 'inserted');
    first := whetstone.log_change(me.tenant_id, p_entity, 'put', changed, me.user_id, inserts, bytes);
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

-- As in 0080, but for the bytes of the notes.
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
    seq := whetstone.log_change(me.tenant_id, 'skill_feedback', 'put', ARRAY[p_id], me.user_id, 0,
      coalesce(octet_length(p_notes), 0) - coalesce(octet_length(was.review_notes), 0));
    UPDATE whetstone.skill_feedback f SET status = p_status, review_notes = p_notes, implemented_by_version_id = p_implemented_by,
      reviewed_by = me.user_id, reviewed_at = whetstone.now_ms(), updated_at = whetstone.now_ms(), seq = review_feedback.seq
    WHERE f.tenant_id = me.tenant_id AND f.id = p_id;
    state := 'updated';
    status := p_status;
  END IF;
  RETURN NEXT;
END $$;

-- What is so already is not written again: the log would grow by it.
CREATE OR REPLACE FUNCTION whetstone.update_profile(p_name text, p_email text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
  me record;
  place bigint;
BEGIN
  SELECT * INTO me FROM whetstone.acting('reader');
  PERFORM whetstone.lock_head(me.tenant_id);
  SELECT u.seq INTO place FROM whetstone.users u WHERE u.tenant_id = me.tenant_id AND u.id = me.user_id
    AND (u.name, u.email) IS NOT DISTINCT FROM (p_name, p_email);
  IF FOUND THEN RETURN place; END IF;
  place := whetstone.log_change(me.tenant_id, 'users', 'put', ARRAY[me.user_id], me.user_id, 0, 0);
  UPDATE whetstone.users u SET name = p_name, email = p_email, seq = place WHERE u.tenant_id = me.tenant_id AND u.id = me.user_id;
  RETURN place;
END $$;

GRANT EXECUTE ON FUNCTION whetstone.weight_of(text, text[]), whetstone.weighed_columns(text), whetstone.weight_of_entry(bigint),
  whetstone.stored(text), whetstone.count_stored(text), whetstone.lock_head(text) TO whetstone_provisioner;

RESET ROLE;
