-- What measurements of a skill cost in all, as an exact decimal: in a bigint one cost of 2^63 - 1 left no room for another, and
-- every later measurement of that skill was refused.
SET LOCAL ROLE whetstone_owner;

ALTER TABLE whetstone.skill_totals ALTER COLUMN cost TYPE numeric;

-- As in 0060, but for the type of the cost.
DROP FUNCTION IF EXISTS whetstone.recount();
CREATE FUNCTION whetstone.recount() RETURNS TABLE (skill_id text, uses bigint, ratings bigint, stars bigint,
  hours numeric, hours_said bigint, feedback bigint, thumbs_up bigint, thumbs_down bigint, cost numeric, costs bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.id,
    (SELECT count(*) FROM whetstone.usage_events x WHERE x.tenant_id = s.tenant_id AND x.skill_id = s.id),
    r.n, r.stars, r.hours, r.said, f.n, f.up, f.down, m.cost, m.n
  FROM whetstone.skills s
  CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(x.rating), 0) AS stars,
    coalesce(sum(x.hours_saved_estimate::numeric), 0) AS hours, count(x.hours_saved_estimate) AS said
    FROM whetstone.ratings x WHERE x.tenant_id = s.tenant_id AND x.skill_id = s.id) r
  CROSS JOIN LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE x.feedback_type = 'thumbs_up') AS up,
    count(*) FILTER (WHERE x.feedback_type = 'thumbs_down') AS down
    FROM whetstone.skill_feedback x WHERE x.tenant_id = s.tenant_id AND x.skill_id = s.id) f
  CROSS JOIN LATERAL (SELECT count(x.estimated_cost_microcents) AS n, coalesce(sum(x.estimated_cost_microcents), 0) AS cost
    FROM whetstone.token_measurements x WHERE x.tenant_id = s.tenant_id AND x.skill_id = s.id) m
$$;
REVOKE ALL ON FUNCTION whetstone.recount() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION whetstone.recount() TO whetstone_provisioner;

RESET ROLE;
