-- Row-level security, the same on every table: enabled, forced on the owner too, one permissive policy that shows a
-- session its own tenant. (A restrictive policy alone would deny every row: an earlier system shipped that and never
-- noticed, for its owner bypassed the policies.) The function is wrapped in SELECT, so that it runs once a statement.
SET LOCAL ROLE whetstone_owner;

DO $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT c.relname AS name, CASE WHEN c.relname = 'tenants' THEN 'id' ELSE 'tenant_id' END AS key,
      -- The gate answers from members; under this policy it would ask itself.
      CASE WHEN c.relname = 'members' THEN 'whetstone_owner, whetstone_reader' ELSE 'PUBLIC' END AS roles
    FROM pg_class c
    WHERE c.relnamespace = 'whetstone'::regnamespace AND c.relkind = 'r' AND c.relname <> 'migrations'
  LOOP
    EXECUTE format('ALTER TABLE whetstone.%I ENABLE ROW LEVEL SECURITY', one.name);
    EXECUTE format('ALTER TABLE whetstone.%I FORCE ROW LEVEL SECURITY', one.name);
    IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = one.name
      AND policyname = 'tenant_isolation') THEN
      EXECUTE format('CREATE POLICY tenant_isolation ON whetstone.%I AS PERMISSIVE FOR ALL TO %s
        USING (%I = (SELECT whetstone.current_tenant())) WITH CHECK (%I = (SELECT whetstone.current_tenant()))',
        one.name, one.roles, one.key, one.key);
    END IF;
    -- Above the tenants: making them, exporting, restoring. Nobody inherits this role.
    IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = one.name
      AND policyname = 'provisioning') THEN
      EXECUTE format('CREATE POLICY provisioning ON whetstone.%I AS PERMISSIVE FOR ALL TO whetstone_provisioner
        USING (true) WITH CHECK (true)', one.name);
    END IF;
  END LOOP;
END $$;

-- Which versions of the schema are applied: no tenant's, readable by every member, so that an app can tell a newer registry.
-- Its policies come first: were it closed without them, not even the runner could see what is applied.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = 'migrations' AND policyname = 'tenant_isolation') THEN
    CREATE POLICY tenant_isolation ON whetstone.migrations AS PERMISSIVE FOR SELECT TO PUBLIC
      USING ((SELECT whetstone.current_tenant()) IS NOT NULL);
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = 'migrations' AND policyname = 'provisioning') THEN
    CREATE POLICY provisioning ON whetstone.migrations AS PERMISSIVE FOR ALL TO whetstone_provisioner USING (true) WITH CHECK (true);
  END IF;
  ALTER TABLE whetstone.migrations ENABLE ROW LEVEL SECURITY;
  ALTER TABLE whetstone.migrations FORCE ROW LEVEL SECURITY;

  -- The gate reads, and accepts, the session's own membership; the reaper must know the members' logins to end their sessions.
  IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = 'members' AND policyname = 'gate') THEN
    CREATE POLICY gate ON whetstone.members AS PERMISSIVE FOR ALL TO whetstone_gate
      USING (role_name = session_user::text) WITH CHECK (role_name = session_user::text);
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = 'members' AND policyname = 'reaper') THEN
    CREATE POLICY reaper ON whetstone.members AS PERMISSIVE FOR SELECT TO whetstone_reaper USING (true);
  END IF;
END $$;

-- Nobody writes as somebody else, even through a writing function with a mistake in it: on top of tenant_isolation,
-- restrictive, for the owner those functions run as.
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT * FROM (VALUES
    ('skill_versions', 'INSERT', 'created_by'), ('ratings', 'INSERT', 'user_id'), ('skill_feedback', 'INSERT', 'user_id'),
    ('token_measurements', 'INSERT', 'user_id'), ('usage_events', 'INSERT', 'user_id'), ('skills', 'INSERT', 'author_id'),
    ('benchmark_runs', 'INSERT', 'triggered_by'), ('version_approvals', 'INSERT', 'user_id')) AS x (name, command, key)
  LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = one.name AND policyname = 'as_oneself') THEN
      EXECUTE format('CREATE POLICY as_oneself ON whetstone.%I AS RESTRICTIVE FOR %s TO whetstone_owner
        WITH CHECK (%I = (SELECT whetstone.current_user_id()))', one.name, one.command, one.key);
    END IF;
  END LOOP;
  IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = 'ratings' AND policyname = 'own_rating') THEN
    CREATE POLICY own_rating ON whetstone.ratings AS RESTRICTIVE FOR UPDATE TO whetstone_owner
      USING (user_id = (SELECT whetstone.current_user_id())) WITH CHECK (user_id = (SELECT whetstone.current_user_id()));
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = 'ratings' AND policyname = 'own_removal') THEN
    CREATE POLICY own_removal ON whetstone.ratings AS RESTRICTIVE FOR DELETE TO whetstone_owner
      USING (user_id = (SELECT whetstone.current_user_id()));
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = 'skill_feedback' AND policyname = 'own_removal') THEN
    CREATE POLICY own_removal ON whetstone.skill_feedback AS RESTRICTIVE FOR DELETE TO whetstone_owner
      USING (user_id = (SELECT whetstone.current_user_id()));
  END IF;
END $$;

RESET ROLE;
