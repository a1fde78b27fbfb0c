-- What a migration found to break a rule that it then made: the row's values as they were, beside what was put in their place.
-- Read by the team's admins; nothing reads it to decide anything.
SET LOCAL ROLE whetstone_owner;

CREATE TABLE IF NOT EXISTS whetstone.quarantined_rows (
  tenant_id text COLLATE "C" NOT NULL REFERENCES whetstone.tenants (id) ON DELETE CASCADE,
  -- The synced table, and the row's id as it was found.
  entity text NOT NULL,
  id text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  columns text[] NOT NULL,
  -- JSON: of each of those columns the value that it had, as text, at most 100,000 characters of it.
  original text NOT NULL CHECK (original IS JSON OBJECT),
  -- corrected: another value is in its place. removed: the row is gone. kept: others need the row, and its id stays as it is.
  outcome text NOT NULL CHECK (outcome IN ('corrected', 'removed', 'kept')),
  PRIMARY KEY (tenant_id, entity, id, at)
);

ALTER TABLE whetstone.quarantined_rows ENABLE ROW LEVEL SECURITY;
ALTER TABLE whetstone.quarantined_rows FORCE ROW LEVEL SECURITY;
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = 'quarantined_rows' AND policyname = 'tenant_isolation') THEN
    CREATE POLICY tenant_isolation ON whetstone.quarantined_rows AS PERMISSIVE FOR ALL TO PUBLIC
      USING (tenant_id = (SELECT whetstone.current_tenant())) WITH CHECK (tenant_id = (SELECT whetstone.current_tenant()));
  END IF;
  IF NOT EXISTS (SELECT FROM pg_policies WHERE schemaname = 'whetstone' AND tablename = 'quarantined_rows' AND policyname = 'provisioning') THEN
    CREATE POLICY provisioning ON whetstone.quarantined_rows AS PERMISSIVE FOR ALL TO whetstone_provisioner USING (true) WITH CHECK (true);
  END IF;
END $$;
CREATE OR REPLACE TRIGGER never_truncated BEFORE TRUNCATE ON whetstone.quarantined_rows
  FOR EACH STATEMENT EXECUTE FUNCTION whetstone.refuse_change();
REVOKE ALL ON whetstone.quarantined_rows FROM PUBLIC, whetstone_reader, whetstone_author, whetstone_admin;
GRANT SELECT ON whetstone.quarantined_rows TO whetstone_admin;
GRANT SELECT, INSERT, UPDATE, DELETE ON whetstone.quarantined_rows TO whetstone_provisioner;

RESET ROLE;
