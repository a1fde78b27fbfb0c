-- What only the registry has: who may log in as whom, the order of changes, and what must not be forgotten.
SET LOCAL ROLE whetstone_owner;

-- A login role is a member of one tenant, as one user. The only source of 'which tenant is asking'.
CREATE TABLE IF NOT EXISTS whetstone.members (
  role_name text COLLATE "C" NOT NULL PRIMARY KEY,
  tenant_id text COLLATE "C" NOT NULL REFERENCES whetstone.tenants (id) ON DELETE CASCADE,
  user_id text COLLATE "C" NOT NULL,
  -- What is enforced; users.role is what is shown. Set together, by provisioning alone.
  role text NOT NULL CHECK (role IN ('reader', 'author', 'admin')),
  invited_at bigint NOT NULL,
  -- Until it is accepted, an invite stops working at this instant.
  expires_at bigint NOT NULL,
  accepted_at bigint,
  CONSTRAINT members_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES whetstone.users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS members_user ON whetstone.members (tenant_id, user_id);

-- One row a tenant. Whoever changes anything takes the next numbers from it, last in a short transaction, so that the
-- order of numbers is the order of commits and a reader who has seen n has missed nothing below it.
CREATE TABLE IF NOT EXISTS whetstone.tenant_heads (
  tenant_id text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES whetstone.tenants (id) ON DELETE CASCADE,
  n bigint NOT NULL DEFAULT 0,
  -- Another one after a restore: what was acknowledged before may be gone, so clients compare everything once.
  epoch text NOT NULL DEFAULT gen_random_uuid()::text,
  -- LISTEN is open to everybody in a database, so the channel is a secret of the tenant.
  channel text NOT NULL DEFAULT 'wh_' || replace(gen_random_uuid()::text, '-', ''),
  rows_stored bigint NOT NULL DEFAULT 0,
  bytes_stored bigint NOT NULL DEFAULT 0,
  rows_allowed bigint NOT NULL DEFAULT 20000000,
  bytes_allowed bigint NOT NULL DEFAULT 53687091200
);

CREATE TABLE IF NOT EXISTS whetstone.tenant_settings (
  tenant_id text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES whetstone.tenants (id) ON DELETE CASCADE,
  -- 1: the published pointer moves only to a version that somebody other than its author has approved.
  publish_needs_approval integer NOT NULL DEFAULT 0 CHECK (publish_needs_approval IN (0, 1))
);

-- Every change, in order and without gaps: entry after entry covers first_seq … last_seq, one id each. An id whose row
-- has a later `seq` was changed again since; a reader takes it there.
CREATE TABLE IF NOT EXISTS whetstone.change_log (
  tenant_id text COLLATE "C" NOT NULL REFERENCES whetstone.tenants (id) ON DELETE CASCADE,
  last_seq bigint NOT NULL,
  first_seq bigint NOT NULL,
  entity text NOT NULL,
  operation text NOT NULL CHECK (operation IN ('put', 'delete')),
  ids text[] NOT NULL,
  user_id text COLLATE "C",
  at bigint NOT NULL,
  -- Random: a registry put back to an older state and written to again has other marks at the same numbers.
  mark text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', ''),
  PRIMARY KEY (tenant_id, last_seq),
  CONSTRAINT change_log_whole CHECK (cardinality(ids) = last_seq - first_seq + 1 AND first_seq > 0)
);
-- Compressing them costs more than they take.
ALTER TABLE whetstone.change_log ALTER COLUMN ids SET STORAGE EXTERNAL;

-- What was deleted stays deleted: an id found here is not inserted again.
CREATE TABLE IF NOT EXISTS whetstone.tombstones (
  tenant_id text COLLATE "C" NOT NULL REFERENCES whetstone.tenants (id) ON DELETE CASCADE,
  entity text NOT NULL,
  id text COLLATE "C" NOT NULL,
  deleted_by text COLLATE "C",
  deleted_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, entity, id)
);

-- Who moved which published pointer when; written by a trigger, whoever moves it.
CREATE TABLE IF NOT EXISTS whetstone.publish_log (
  id text COLLATE "C" NOT NULL DEFAULT gen_random_uuid()::text,
  tenant_id text COLLATE "C" NOT NULL,
  skill_id text COLLATE "C" NOT NULL,
  from_version_id text COLLATE "C",
  to_version_id text COLLATE "C",
  -- NULL: not a member (provisioning).
  user_id text COLLATE "C",
  at bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT publish_log_skill_id_fkey FOREIGN KEY (tenant_id, skill_id)
    REFERENCES whetstone.skills (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS publish_log_skill ON whetstone.publish_log (tenant_id, skill_id, at);

CREATE TABLE IF NOT EXISTS whetstone.version_approvals (
  tenant_id text COLLATE "C" NOT NULL,
  skill_version_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (tenant_id, skill_version_id, user_id),
  CONSTRAINT version_approvals_skill_version_id_fkey FOREIGN KEY (tenant_id, skill_version_id)
    REFERENCES whetstone.skill_versions (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT version_approvals_user_id_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES whetstone.users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS version_approvals_user ON whetstone.version_approvals (tenant_id, user_id);

-- The sums behind the aggregates on skills (0060). Hours are exact decimals, so that their order does not matter.
CREATE TABLE IF NOT EXISTS whetstone.skill_totals (
  tenant_id text COLLATE "C" NOT NULL,
  skill_id text COLLATE "C" NOT NULL,
  uses bigint NOT NULL DEFAULT 0,
  ratings bigint NOT NULL DEFAULT 0,
  stars bigint NOT NULL DEFAULT 0,
  hours numeric NOT NULL DEFAULT 0,
  hours_said bigint NOT NULL DEFAULT 0,
  feedback bigint NOT NULL DEFAULT 0,
  thumbs_up bigint NOT NULL DEFAULT 0,
  thumbs_down bigint NOT NULL DEFAULT 0,
  cost bigint NOT NULL DEFAULT 0,
  costs bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, skill_id),
  CONSTRAINT skill_totals_skill_id_fkey FOREIGN KEY (tenant_id, skill_id)
    REFERENCES whetstone.skills (tenant_id, id) ON DELETE CASCADE
);

-- The server's clock in the schema's unit. No client's clock decides anything.
CREATE OR REPLACE FUNCTION whetstone.now_ms() RETURNS bigint
LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

RESET ROLE;

-- The gate ----------------------------------------------------------------------------------------------------------
-- Runs as its own role, which row-level security shows nothing but the session's own membership (0040). By session_user:
-- SET ROLE and settings change neither it nor, therefore, the tenant.

SET LOCAL ROLE whetstone_owner;
GRANT CREATE ON SCHEMA whetstone TO whetstone_gate, whetstone_reaper;
GRANT SELECT ON whetstone.members TO whetstone_gate, whetstone_reaper;
GRANT UPDATE (accepted_at) ON whetstone.members TO whetstone_gate;
GRANT EXECUTE ON FUNCTION whetstone.now_ms() TO whetstone_gate;
RESET ROLE;

SET LOCAL ROLE whetstone_gate;
ALTER DEFAULT PRIVILEGES FOR ROLE whetstone_gate REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE OR REPLACE FUNCTION whetstone.current_member(OUT tenant_id text, OUT user_id text, OUT role text) RETURNS record
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT m.tenant_id, m.user_id, m.role FROM whetstone.members m
  WHERE m.role_name = session_user::text
    AND (m.accepted_at IS NOT NULL OR m.expires_at > extract(epoch FROM statement_timestamp()) * 1000)
$$;

CREATE OR REPLACE FUNCTION whetstone.current_tenant() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT tenant_id FROM whetstone.current_member() $$;

CREATE OR REPLACE FUNCTION whetstone.current_user_id() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT user_id FROM whetstone.current_member() $$;

-- True once: the invite is used up. The app then gives the login a password that only it knows.
CREATE OR REPLACE FUNCTION whetstone.accept_invite() RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE whetstone.members SET accepted_at = whetstone.now_ms()
  WHERE role_name = session_user::text AND accepted_at IS NULL AND expires_at > whetstone.now_ms();
  RETURN FOUND;
END $$;
REVOKE ALL ON FUNCTION whetstone.current_member(), whetstone.current_tenant(), whetstone.current_user_id(),
  whetstone.accept_invite() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION whetstone.current_member(), whetstone.current_tenant(), whetstone.current_user_id()
  TO whetstone_owner, whetstone_provisioner, whetstone_reaper, whetstone_reader;
GRANT EXECUTE ON FUNCTION whetstone.accept_invite() TO whetstone_reader;
RESET ROLE;

-- The reaper --------------------------------------------------------------------------------------------------------
-- A client can SET its own timeouts away, so they are kept by the others: every sync calls this, and it ends member
-- sessions that sit idle inside a transaction, or whose transaction runs beyond what any sync needs.
SET LOCAL ROLE whetstone_reaper;
ALTER DEFAULT PRIVILEGES FOR ROLE whetstone_reaper REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE OR REPLACE FUNCTION whetstone.reap(OUT ended integer) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid))::integer
  FROM pg_stat_activity a JOIN whetstone.members m ON m.role_name = a.usename
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
    AND ((a.state LIKE 'idle in transaction%' AND a.state_change < now() - interval '30 seconds')
      OR a.xact_start < now() - interval '5 minutes')
$$;
REVOKE ALL ON FUNCTION whetstone.reap() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION whetstone.reap() TO whetstone_reader;
RESET ROLE;

SET LOCAL ROLE whetstone_owner;
REVOKE CREATE ON SCHEMA whetstone FROM whetstone_gate, whetstone_reaper;
RESET ROLE;
