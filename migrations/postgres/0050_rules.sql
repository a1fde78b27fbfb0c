-- Rules that hold whoever writes: members' functions, provisioning, the owner. All triggers run as whoever fired them,
-- so that they see what row-level security lets that role see.
SET LOCAL ROLE whetstone_owner;

-- Versions and logs never change ------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION whetstone.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: its rows never change', TG_OP, TG_TABLE_NAME USING ERRCODE = 'WS405';
END $$;

DO $$
DECLARE
  one text;
BEGIN
  FOREACH one IN ARRAY ARRAY['skill_versions', 'change_log', 'publish_log', 'tombstones', 'version_approvals'] LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER never_changed BEFORE UPDATE OR DELETE ON whetstone.%I
      FOR EACH ROW EXECUTE FUNCTION whetstone.refuse_change()', one);
  END LOOP;
  -- TRUNCATE passes by row triggers and policies alike, on any table.
  FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'whetstone'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER never_truncated BEFORE TRUNCATE ON whetstone.%I
      FOR EACH STATEMENT EXECUTE FUNCTION whetstone.refuse_change()', one);
  END LOOP;
END $$;

-- A skill that has versions stays, for they would go with it. Its row is locked against versions that arrive meanwhile:
-- whoever numbers one locks it first.
CREATE OR REPLACE FUNCTION whetstone.keep_skill() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF OLD.versions > 0
    OR EXISTS (SELECT FROM whetstone.skill_versions v WHERE v.tenant_id = OLD.tenant_id AND v.skill_id = OLD.id) THEN
    RAISE EXCEPTION 'a skill with versions is never deleted' USING ERRCODE = 'WS405';
  END IF;
  RETURN OLD;
END $$;
CREATE OR REPLACE TRIGGER kept BEFORE DELETE ON whetstone.skills FOR EACH ROW EXECUTE FUNCTION whetstone.keep_skill();

-- Users stay too: what they made names them. A member who is removed loses the login, not the name.
CREATE OR REPLACE TRIGGER kept BEFORE DELETE ON whetstone.users FOR EACH ROW EXECUTE FUNCTION whetstone.refuse_change();

-- The published pointer ------------------------------------------------------------------------------------------
-- (The other one, draft_version_id, is set by whetstone.push_versions alone, from the rows it has just put in.)

CREATE OR REPLACE FUNCTION whetstone.check_pointers() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
  target record;
BEGIN
  IF NEW.published_version_id IS DISTINCT FROM OLD.published_version_id AND NEW.published_version_id IS NOT NULL THEN
    SELECT v.skill_id, v.created_by INTO target FROM whetstone.skill_versions v
      WHERE v.tenant_id = NEW.tenant_id AND v.id = NEW.published_version_id;
    IF NOT FOUND OR target.skill_id <> NEW.id THEN
      RAISE EXCEPTION 'the published version would be one that is not there' USING ERRCODE = 'WS404';
    END IF;
    IF EXISTS (SELECT FROM whetstone.tenant_settings t WHERE t.tenant_id = NEW.tenant_id AND t.publish_needs_approval = 1)
      AND NOT EXISTS (SELECT FROM whetstone.version_approvals a WHERE a.tenant_id = NEW.tenant_id
        AND a.skill_version_id = NEW.published_version_id AND a.user_id <> target.created_by) THEN
      RAISE EXCEPTION 'this team publishes only what somebody else has approved' USING ERRCODE = 'WS412';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER pointers BEFORE UPDATE OF published_version_id ON whetstone.skills
  FOR EACH ROW EXECUTE FUNCTION whetstone.check_pointers();

CREATE OR REPLACE FUNCTION whetstone.log_publish() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO whetstone.publish_log (tenant_id, skill_id, from_version_id, to_version_id, user_id, at)
  VALUES (NEW.tenant_id, NEW.id, OLD.published_version_id, NEW.published_version_id, whetstone.current_user_id(), whetstone.now_ms());
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER published AFTER UPDATE OF published_version_id ON whetstone.skills FOR EACH ROW
  WHEN (OLD.published_version_id IS DISTINCT FROM NEW.published_version_id) EXECUTE FUNCTION whetstone.log_publish();

-- A run that has ended has ended, and feedback goes only along its arrows, whoever moves it --------------------------

CREATE OR REPLACE FUNCTION whetstone.check_feedback_status() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT ((OLD.status, NEW.status) IN (('pending', 'accepted'), ('pending', 'dismissed'), ('accepted', 'implemented'),
    ('accepted', 'dismissed'), ('dismissed', 'pending'))) THEN
    RAISE EXCEPTION 'feedback does not go from % to %', OLD.status, NEW.status USING ERRCODE = 'WS409';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER arrows BEFORE UPDATE OF status ON whetstone.skill_feedback FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION whetstone.check_feedback_status();

CREATE OR REPLACE FUNCTION whetstone.check_run_status() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF OLD.status IN ('completed', 'failed', 'cancelled') OR (OLD.status = 'running' AND NEW.status = 'pending') THEN
    RAISE EXCEPTION 'a run does not go from % to %', OLD.status, NEW.status USING ERRCODE = 'WS409';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER arrows BEFORE UPDATE OF status ON whetstone.benchmark_runs FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION whetstone.check_run_status();

RESET ROLE;
