-- push_versions and push_skills take lists only (0200) and count what they store (0220).
SET LOCAL ROLE whetstone_owner;

-- As in 0070, but for that.
-- One array a column: half of the time that json_to_recordset takes for a page of a thousand. Numbers follow the
-- order within the page, so parents come before children. content_url is made from the hash, so the two cannot differ.
CREATE OR REPLACE FUNCTION whetstone.push_versions(p_ids text[], p_skill_ids text[], p_parents text[], p_merged text[],
  p_hashes text[], p_types text[], p_names text[], p_descriptions text[], p_messages text[], p_metadata text[])
RETURNS TABLE (id text, state text, version integer, seq bigint, content_hash text, created_at bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  me record;
  known text[];
  fresh_ids text[];
  numbers integer[];
  orphan boolean;
  missing text;
  touched text[];
  last_at bigint[];
  stamp bigint := whetstone.now_ms();
  first_version bigint;
  first_skill bigint;
  bytes bigint;
  more bigint;
BEGIN
  SELECT * INTO me FROM whetstone.acting('author');
  PERFORM whetstone.check_page(p_ids);
  PERFORM whetstone.check_list(p_skill_ids, cardinality(p_ids)), whetstone.check_list(p_parents, cardinality(p_ids)),
    whetstone.check_list(p_merged, cardinality(p_ids)), whetstone.check_list(p_hashes, cardinality(p_ids)),
    whetstone.check_list(p_types, cardinality(p_ids)), whetstone.check_list(p_names, cardinality(p_ids)),
    whetstone.check_list(p_descriptions, cardinality(p_ids)), whetstone.check_list(p_messages, cardinality(p_ids)),
    whetstone.check_list(p_metadata, cardinality(p_ids));
  PERFORM whetstone.lock_skills(me.tenant_id, p_skill_ids);
  known := ARRAY(SELECT v.id FROM whetstone.skill_versions v WHERE v.tenant_id = me.tenant_id AND v.id = ANY (p_ids));

  -- Under the skills' locks: the next numbers of each, in the page's order; NULL for what is there already.
  SELECT array_agg(CASE WHEN x.fresh THEN s.versions + x.nth::integer END ORDER BY x.at),
    array_agg(x.id ORDER BY x.at) FILTER (WHERE x.fresh), bool_or(x.fresh AND s.id IS NULL)
    INTO numbers, fresh_ids, orphan
  FROM (
    SELECT p.id, p.skill_id, p.at, k.id IS NULL AS fresh, row_number() OVER (PARTITION BY p.skill_id, k.id IS NULL ORDER BY p.at) AS nth
    FROM unnest(p_ids, p_skill_ids) WITH ORDINALITY AS p (id, skill_id, at) LEFT JOIN unnest(known) k (id) ON k.id = p.id) x
  LEFT JOIN whetstone.skills s ON s.tenant_id = me.tenant_id AND s.id = x.skill_id;
  IF orphan THEN RAISE EXCEPTION 'a version''s skill is not there' USING ERRCODE = 'WS404'; END IF;
  -- A parent is there, or comes before its child in this page: so no history runs in a circle. One that is there stays.
  SELECT c.id INTO missing FROM (
    SELECT * FROM unnest(p_parents, numbers) WITH ORDINALITY AS x (id, n, at)
    UNION ALL SELECT * FROM unnest(p_merged, numbers) WITH ORDINALITY AS y (id, n, at)) c
  LEFT JOIN unnest(p_ids, numbers) WITH ORDINALITY AS q (id, n, at) ON q.id = c.id AND q.n IS NOT NULL
  WHERE c.id IS NOT NULL AND c.n IS NOT NULL AND CASE WHEN q.id IS NOT NULL THEN q.at >= c.at ELSE NOT EXISTS (
    SELECT FROM whetstone.skill_versions v WHERE v.tenant_id = me.tenant_id AND v.id = c.id) END LIMIT 1;
  IF FOUND THEN RAISE EXCEPTION 'there is no version %', missing USING ERRCODE = 'WS404'; END IF;

  IF fresh_ids IS NOT NULL THEN
    -- No ON CONFLICT: it costs a quarter, and an id that appeared since is a unique violation that the caller retries.
    WITH stored AS (INSERT INTO whetstone.skill_versions AS v (tenant_id, id, skill_id, version, parent_version_id, merged_version_id, content_url,
      content_hash, content_type, name, description, message, metadata, created_by, created_at)
    SELECT me.tenant_id, p.id, p.skill_id, p.n, p.parent, p.merged, 'blobs/sha256/' || left(p.hash, 2) || '/' || p.hash,
      p.hash, p.type, p.name, p.description, p.message, p.metadata, me.user_id, stamp
    -- unnest beside unnest, not unnest(a, b): the latter writes every column down once more before it hands out a row.
    FROM (SELECT unnest(p_ids) AS id, unnest(p_skill_ids) AS skill_id, unnest(numbers) AS n, unnest(p_parents) AS parent,
      unnest(p_merged) AS merged, unnest(p_hashes) AS hash, unnest(p_types) AS type, unnest(p_names) AS name,
      unnest(p_descriptions) AS description, unnest(p_messages) AS message, unnest(p_metadata) AS metadata) p
    WHERE p.n IS NOT NULL
    RETURNING octet_length(v.content_type) + octet_length(v.name) + octet_length(v.description) + octet_length(v.message)
      + octet_length(v.metadata) AS bytes) SELECT sum(stored.bytes) INTO bytes FROM stored;

    SELECT array_agg(l.skill_id), array_agg(l.at) INTO touched, last_at FROM (
      SELECT p.skill_id, max(p.at) AS at FROM unnest(p_skill_ids, numbers) WITH ORDINALITY AS p (skill_id, n, at)
      WHERE p.n IS NOT NULL GROUP BY p.skill_id) l;
    first_version := whetstone.log_change(me.tenant_id, 'skill_versions', 'put', fresh_ids, me.user_id, cardinality(fresh_ids),
      500 * cardinality(fresh_ids) + bytes);
    SELECT sum(octet_length(p_names[l.at]) + octet_length(p_descriptions[l.at]) - octet_length(s.name) - octet_length(s.description))
      INTO more FROM unnest(touched, last_at) AS l (skill_id, at)
      JOIN whetstone.skills s ON s.tenant_id = me.tenant_id AND s.id = l.skill_id;
    first_skill := whetstone.log_change(me.tenant_id, 'skills', 'put', touched, me.user_id, 0, more);
    -- The newest version is the one with the highest number, and the skill is called as it says.
    UPDATE whetstone.skills s SET versions = numbers[l.at], draft_version_id = p_ids[l.at], name = p_names[l.at],
      description = p_descriptions[l.at], updated_at = stamp, seq = first_skill + l.nth - 1
    FROM unnest(touched, last_at) WITH ORDINALITY AS l (skill_id, at, nth)
    WHERE s.tenant_id = me.tenant_id AND s.id = l.skill_id;
  END IF;

  IF known = '{}' THEN
    RETURN QUERY SELECT p.id, 'inserted', p.n, first_version + p.at - 1, p.hash, stamp
      FROM unnest(p_ids, numbers, p_hashes) WITH ORDINALITY AS p (id, n, hash, at);
  ELSE
    RETURN QUERY SELECT p.id, CASE WHEN p.n IS NOT NULL THEN 'inserted'
        WHEN v.created_by = me.user_id AND (v.skill_id, v.parent_version_id, v.merged_version_id, v.content_hash, v.content_type,
          v.name, v.description, v.message, v.metadata) IS NOT DISTINCT FROM
          (p.skill_id, p.parent, p.merged, p.hash, p.type, p.name, p.description, p.message, p.metadata)
        THEN 'identical' ELSE 'conflict' END,
      v.version, CASE WHEN p.n IS NOT NULL THEN first_version + count(p.n) OVER (ORDER BY p.at) - 1 END, v.content_hash, v.created_at
    FROM unnest(p_ids, p_skill_ids, numbers, p_parents, p_merged, p_hashes, p_types, p_names, p_descriptions, p_messages, p_metadata)
      WITH ORDINALITY AS p (id, skill_id, n, parent, merged, hash, type, name, description, message, metadata, at)
    JOIN whetstone.skill_versions v ON v.tenant_id = me.tenant_id AND v.id = p.id;
  END IF;
END $$;

-- As in 0070 (and 0130: planned for each page), but for the bytes.
-- Rows as the library has them; `expected_seq`, where given, is the state the change was made from. Name and description
-- follow the newest version once there is one; pointers, aggregates and times are the registry's.
CREATE OR REPLACE FUNCTION whetstone.push_skills(p_page json)
RETURNS TABLE (id text, state text, seq bigint, other_id text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
  SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  me record;
  one record;
  was record;
  described bigint;
  given text[] := ARRAY(SELECT x.id FROM json_to_recordset(p_page) AS x (id text));
  stamp bigint := whetstone.now_ms();
BEGIN
  SELECT * INTO me FROM whetstone.acting('author');
  PERFORM whetstone.check_page(given);
  PERFORM whetstone.lock_skills(me.tenant_id, given);
  PERFORM whetstone.lock_head(me.tenant_id);
  FOR one IN SELECT * FROM json_to_recordset(p_page) AS x (id text, slug text, name text, description text, category text,
    tags text, status text, visibility text, forked_from_id text, forked_at_version_id text, expected_seq bigint) LOOP
    SELECT s.* INTO was FROM whetstone.skills s WHERE s.tenant_id = me.tenant_id AND s.id = one.id;
    id := one.id;
    described := coalesce(octet_length(one.slug), 0) + coalesce(octet_length(one.category), 0) + coalesce(octet_length(one.tags), 0);
    seq := was.seq;
    other_id := (SELECT s.id FROM whetstone.skills s WHERE s.tenant_id = me.tenant_id AND s.slug = one.slug AND s.id <> one.id);
    IF was.id IS NULL AND EXISTS (SELECT FROM whetstone.tombstones t
      WHERE t.tenant_id = me.tenant_id AND t.entity = 'skills' AND t.id = one.id) THEN
      state := 'deleted';
    ELSIF was.id IS NOT NULL AND (was.slug, was.category, was.tags, was.status = 'archived')
      IS NOT DISTINCT FROM (one.slug, one.category, one.tags, one.status = 'archived')
      AND (was.versions > 0 OR (was.name, was.description) IS NOT DISTINCT FROM (one.name, one.description)) THEN
      state := 'identical';
    ELSIF was.id IS NOT NULL AND was.author_id <> me.user_id AND me.role <> 'admin' THEN
      state := 'forbidden';
    ELSIF was.id IS NOT NULL AND one.expected_seq <> was.seq THEN
      state := 'conflict';
    ELSIF other_id IS NOT NULL THEN
      state := 'slug_taken';
    ELSIF was.id IS NULL THEN
      state := 'inserted';
      seq := whetstone.log_change(me.tenant_id, 'skills', 'put', ARRAY[one.id], me.user_id, 1,
        500 + coalesce(octet_length(one.name), 0) + coalesce(octet_length(one.description), 0)
        + coalesce(octet_length(one.forked_at_version_id), 0) + described);
      INSERT INTO whetstone.skills (id, tenant_id, slug, name, description, category, tags, status, visibility, forked_from_id,
        forked_at_version_id, author_id, created_at, updated_at, seq)
      VALUES (one.id, me.tenant_id, one.slug, one.name, one.description, one.category, one.tags,
        CASE WHEN one.status = 'archived' THEN 'archived' ELSE 'draft' END, one.visibility, one.forked_from_id,
        one.forked_at_version_id, me.user_id, stamp, stamp, seq);
    ELSE
      state := 'updated';
      seq := whetstone.log_change(me.tenant_id, 'skills', 'put', ARRAY[one.id], me.user_id, 0, described
        - octet_length(was.slug) - coalesce(octet_length(was.category), 0) - octet_length(was.tags)
        + CASE WHEN was.versions > 0 THEN 0 ELSE coalesce(octet_length(one.name), 0) + coalesce(octet_length(one.description), 0)
          - octet_length(was.name) - octet_length(was.description) END);
      UPDATE whetstone.skills s SET slug = one.slug, category = one.category, tags = one.tags,
        name = CASE WHEN s.versions > 0 THEN s.name ELSE one.name END,
        description = CASE WHEN s.versions > 0 THEN s.description ELSE one.description END,
        status = CASE WHEN one.status = 'archived' THEN 'archived' WHEN s.published_version_id IS NULL THEN 'draft' ELSE 'published' END,
        updated_at = stamp, seq = push_skills.seq
      WHERE s.tenant_id = me.tenant_id AND s.id = one.id;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

RESET ROLE;
