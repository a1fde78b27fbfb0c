-- Aggregates on skills, kept by difference as in the library, a statement at a time: one look at the changed rows, one
-- update a skill. They do not move a skill in the change log: every client counts the same from the same rows.
SET LOCAL ROLE whetstone_owner;

CREATE OR REPLACE FUNCTION whetstone.open_totals() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO whetstone.skill_totals (tenant_id, skill_id) SELECT tenant_id, id FROM fresh;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER totals AFTER INSERT ON whetstone.skills REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION whetstone.open_totals();

-- Halves are rounded away from zero, as SQLite does; numeric, for Postgres rounds a double's halves to even.
CREATE OR REPLACE FUNCTION whetstone.show_totals() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE whetstone.skills s SET
    total_uses = t.uses,
    total_ratings = t.ratings,
    average_rating = CASE WHEN t.ratings > 0 THEN round(100.0 * t.stars / t.ratings)::integer END,
    hours_saved = CASE WHEN t.hours_said > 0 THEN t.hours::double precision END,
    total_feedback = t.feedback,
    positive_feedback_pct = CASE WHEN t.thumbs_up + t.thumbs_down > 0
      THEN round(100.0 * t.thumbs_up / (t.thumbs_up + t.thumbs_down))::integer END,
    avg_token_cost_microcents = CASE WHEN t.costs > 0 THEN round(1.0 * t.cost / t.costs)::bigint END
  FROM fresh t WHERE s.tenant_id = t.tenant_id AND s.id = t.skill_id;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER shown AFTER UPDATE ON whetstone.skill_totals REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION whetstone.show_totals();

-- Four tables are counted by the same three triggers. What one row adds is said here, and read again by whetstone.recount.
DO $$
DECLARE
  one record;
  rows_of text;
BEGIN
  FOR one IN SELECT * FROM (VALUES
    ('ratings', 'ratings = t.ratings + d.n, stars = t.stars + d.a, hours = t.hours + d.h, hours_said = t.hours_said + d.b',
      'sum(sign * r.rating) AS a, sum(sign * coalesce(r.hours_saved_estimate::numeric, 0)) AS h, sum(sign * (r.hours_saved_estimate IS NOT NULL)::int) AS b'),
    ('skill_feedback', 'feedback = t.feedback + d.n, thumbs_up = t.thumbs_up + d.a, thumbs_down = t.thumbs_down + d.b',
      'sum(sign * (r.feedback_type = ''thumbs_up'')::int) AS a, sum(sign * (r.feedback_type = ''thumbs_down'')::int) AS b'),
    ('token_measurements', 'cost = t.cost + d.a, costs = t.costs + d.b',
      'sum(sign * coalesce(r.estimated_cost_microcents, 0)) AS a, sum(sign * (r.estimated_cost_microcents IS NOT NULL)::int) AS b'),
    ('usage_events', 'uses = t.uses + d.n', '0 AS a')) AS x (name, adds, sums)
  LOOP
    FOREACH rows_of IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
      EXECUTE format($f$
        CREATE OR REPLACE FUNCTION whetstone.%1$I() RETURNS trigger
        LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
        AS $body$
        BEGIN
          UPDATE whetstone.skill_totals t SET %2$s
          FROM (SELECT r.tenant_id, r.skill_id, sum(sign) AS n, %3$s FROM (%4$s) r GROUP BY r.tenant_id, r.skill_id) d
          WHERE t.tenant_id = d.tenant_id AND t.skill_id = d.skill_id;
          RETURN NULL;
        END $body$
        $f$, 'count_' || one.name || '_' || rows_of, one.adds, one.sums,
        CASE rows_of WHEN 'insert' THEN 'SELECT 1 AS sign, f.* FROM fresh f'
          WHEN 'delete' THEN 'SELECT -1 AS sign, g.* FROM gone g'
          ELSE 'SELECT 1 AS sign, f.* FROM fresh f UNION ALL SELECT -1, g.* FROM gone g' END);
      EXECUTE format('CREATE OR REPLACE TRIGGER counted_%1$s AFTER %1$s ON whetstone.%2$I REFERENCING %3$s
        FOR EACH STATEMENT EXECUTE FUNCTION whetstone.%4$I()', rows_of, one.name,
        CASE rows_of WHEN 'insert' THEN 'NEW TABLE AS fresh' WHEN 'delete' THEN 'OLD TABLE AS gone'
          ELSE 'NEW TABLE AS fresh OLD TABLE AS gone' END,
        'count_' || one.name || '_' || rows_of);
    END LOOP;
  END LOOP;
END $$;

-- What the sums ought to be, from the rows themselves: where it differs from skill_totals, a trigger is broken.
CREATE OR REPLACE FUNCTION whetstone.recount() RETURNS TABLE (skill_id text, uses bigint, ratings bigint, stars bigint,
  hours numeric, hours_said bigint, feedback bigint, thumbs_up bigint, thumbs_down bigint, cost bigint, costs bigint)
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
  CROSS JOIN LATERAL (SELECT count(x.estimated_cost_microcents) AS n, coalesce(sum(x.estimated_cost_microcents), 0)::bigint AS cost
    FROM whetstone.token_measurements x WHERE x.tenant_id = s.tenant_id AND x.skill_id = s.id) m
$$;

RESET ROLE;
