-- Measurements and usage events can be deleted as well, by who sent them or an admin: one wrong figure in an average stayed
-- there for good.
SET LOCAL ROLE whetstone_owner;

-- As in 0080, but for the two tables.
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
  SELECT * INTO me FROM whetstone.acting(
    CASE WHEN p_entity IN ('ratings', 'skill_feedback', 'token_measurements', 'usage_events') THEN 'reader' ELSE 'author' END);
  PERFORM whetstone.check_page(p_ids);
  allowed := CASE p_entity
    WHEN 'ratings' THEN 'x.user_id = $3'
    WHEN 'skill_feedback' THEN 'x.user_id = $3'
    WHEN 'token_measurements' THEN '(x.user_id = $3 OR $4 = ''admin'')'
    WHEN 'usage_events' THEN '(x.user_id = $3 OR $4 = ''admin'')'
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

RESET ROLE;
