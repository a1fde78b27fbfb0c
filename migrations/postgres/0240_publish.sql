-- `skills.content` is the published version's SKILL.md and nothing else. It was whatever the publisher sent along, so what
-- agents' tools read there need not have been what was approved. The registry has no content of its own to look into; but a
-- version is named by the hash of its manifest and the manifest names each file by its hash, so the two texts prove themselves.
SET LOCAL ROLE whetstone_owner;

-- p_hash: the version's. p_manifest: its manifest, byte for byte, [{"path", "sha256", "size", "executable"}].
CREATE OR REPLACE FUNCTION whetstone.check_content(p_hash text, p_manifest text, p_content text) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  named text[];
  -- Where there is none by that name, the lower case counts, as in the app.
  either text[];
BEGIN
  IF octet_length(p_manifest) > 16777216 OR encode(sha256(convert_to(p_manifest, 'UTF8')), 'hex') IS DISTINCT FROM p_hash THEN
    RAISE EXCEPTION 'this is not the manifest of that version' USING ERRCODE = 'WS409';
  END IF;
  SELECT array_agg(f ->> 'sha256') FILTER (WHERE f ->> 'path' = 'SKILL.md'), array_agg(f ->> 'sha256') INTO named, either
    FROM json_array_elements(p_manifest::json) f WHERE f ->> 'path' IN ('SKILL.md', 'skill.md');
  IF coalesce(named, either) IS DISTINCT FROM ARRAY[encode(sha256(convert_to(p_content, 'UTF8')), 'hex')] THEN
    RAISE EXCEPTION 'this is not the SKILL.md of that version' USING ERRCODE = 'WS409';
  END IF;
END $$;

DROP FUNCTION IF EXISTS whetstone.publish(text, text, text, text);

-- As in 0070: moves the published pointer if it still is where the caller saw it; NULL unpublishes. By the skill's author or
-- an admin. p_content is the version's SKILL.md, proven by p_manifest, or NULL; of no version there is none.
CREATE OR REPLACE FUNCTION whetstone.publish(p_skill_id text, p_version_id text, p_expected text, p_content text,
  p_manifest text)
RETURNS TABLE (state text, published text, seq bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  me record;
  was record;
  hash text;
BEGIN
  SELECT * INTO me FROM whetstone.acting('author');
  PERFORM whetstone.lock_skills(me.tenant_id, ARRAY[p_skill_id]);
  SELECT s.* INTO was FROM whetstone.skills s WHERE s.tenant_id = me.tenant_id AND s.id = p_skill_id;
  published := was.published_version_id;
  seq := was.seq;
  IF was.id IS NULL OR (p_version_id IS NOT NULL AND NOT EXISTS (SELECT FROM whetstone.skill_versions v
    WHERE v.tenant_id = me.tenant_id AND v.id = p_version_id AND v.skill_id = p_skill_id)) THEN
    state := 'missing';
  ELSIF was.author_id <> me.user_id AND me.role <> 'admin' THEN
    state := 'forbidden';
  ELSIF was.published_version_id IS NOT DISTINCT FROM p_version_id THEN
    state := 'identical';
  ELSIF was.published_version_id IS DISTINCT FROM p_expected THEN
    state := 'moved';
  ELSE
    IF p_version_id IS NULL THEN p_content := NULL; END IF;
    IF p_content IS NOT NULL THEN
      SELECT v.content_hash INTO hash FROM whetstone.skill_versions v WHERE v.tenant_id = me.tenant_id AND v.id = p_version_id;
      PERFORM whetstone.check_content(hash, p_manifest, p_content);
    END IF;
    BEGIN
      seq := whetstone.log_change(me.tenant_id, 'skills', 'put', ARRAY[p_skill_id], me.user_id, 0,
        coalesce(octet_length(p_content), 0) - coalesce(octet_length(was.content), 0));
      UPDATE whetstone.skills s SET published_version_id = p_version_id, content = p_content, updated_at = whetstone.now_ms(),
        status = CASE WHEN s.status = 'archived' THEN s.status WHEN p_version_id IS NULL THEN 'draft' ELSE 'published' END,
        seq = publish.seq
      WHERE s.tenant_id = me.tenant_id AND s.id = p_skill_id;
      state := 'published';
      published := p_version_id;
    EXCEPTION WHEN SQLSTATE 'WS412' THEN
      state := 'needs_approval';
      seq := was.seq;
    END;
  END IF;
  RETURN NEXT;
END $$;

REVOKE ALL ON FUNCTION whetstone.publish(text, text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION whetstone.publish(text, text, text, text, text) TO whetstone_author;

RESET ROLE;

-- What is stored was never proven: it goes, with an entry in the log for each skill, and comes back as it is published again.
-- It is a copy for tools that read the table; the version has the text, and the app shows only that.
SET LOCAL ROLE whetstone_provisioner;
DO $$
DECLARE
  one record;
  first bigint;
BEGIN
  FOR one IN SELECT s.tenant_id, array_agg(s.id ORDER BY s.id) AS ids, sum(octet_length(s.content)) AS bytes FROM (
      SELECT tenant_id, id, content, row_number() OVER (PARTITION BY tenant_id ORDER BY id) / 2000 AS page
      FROM whetstone.skills WHERE content IS NOT NULL) s GROUP BY s.tenant_id, s.page LOOP
    first := whetstone.log_change(one.tenant_id, 'skills', 'put', one.ids, NULL, 0, -one.bytes);
    UPDATE whetstone.skills s SET content = NULL, seq = first + l.at - 1
      FROM unnest(one.ids) WITH ORDINALITY AS l (id, at) WHERE s.tenant_id = one.tenant_id AND s.id = l.id;
  END LOOP;
END $$;
RESET ROLE;
