-- put_page looks up each row of a page by its key. Joined as whole tables, a plan made before the statistics knew how many
-- rows somebody has read all of theirs once a row: a page of a thousand ratings took seconds from the 20,000th rating on.
SET LOCAL ROLE whetstone_owner;

-- As in 0080, where its arguments and states are explained, but for the three lookups.
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
    LEFT JOIN LATERAL (SELECT was.* FROM whetstone.%I was WHERE was.tenant_id = $2 AND %s LIMIT 1) was ON true
    LEFT JOIN LATERAL (SELECT taken.id FROM whetstone.%I taken WHERE taken.tenant_id = $2 AND taken.id = p.id LIMIT 1) taken ON true
    LEFT JOIN LATERAL (SELECT gone.id FROM whetstone.tombstones gone
      WHERE gone.tenant_id = $2 AND gone.entity = %L AND gone.id = p.id LIMIT 1) gone ON true $f$,
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

-- As in 0080. Concatenated, so that nobody's ratings are gone through where the one of that version is wanted: an index on
-- whose they are looks as good to a plan as the unique key while it takes them for few.
CREATE OR REPLACE FUNCTION whetstone.push_ratings(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM whetstone.put_page('ratings', p_page, 'reader', '{id,skill_id,skill_version_id,rating,comment,hours_saved_estimate}',
    '{rating,comment,hours_saved_estimate}', 'user_id', 'was.skill_version_id = p.skill_version_id AND was.user_id || '''' = $3', 'true')
$$;

RESET ROLE;
