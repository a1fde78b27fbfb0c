-- Who owns what. Cluster-wide, so made only where missing; no role below can log in.
--   owner        owns tables and writing functions; bound by row-level security like everybody (FORCE, no policy of its own)
--   gate         owns the few functions that read who is a member; sees one row of one table: the session's own
--   reaper       ends member sessions that keep a transaction open; holds the members' roles, grants them to nobody
--   provisioner  what the owner's login becomes to make tenants and members, export and restore: the only one above tenants
--   reader, author, admin   what a member's login inherits; each includes the one before
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['whetstone_owner', 'whetstone_gate', 'whetstone_reaper', 'whetstone_provisioner',
    'whetstone_reader', 'whetstone_author', 'whetstone_admin'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', wanted);
    END IF;
    -- A login that may create roles, yet is no superuser, has to be let in to act as them.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
      AND wanted IN ('whetstone_owner', 'whetstone_gate', 'whetstone_reaper', 'whetstone_provisioner')
      AND NOT pg_has_role(current_user, wanted, 'SET') THEN
      EXECUTE format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE', wanted, current_user);
    END IF;
  END LOOP;
  IF NOT pg_has_role('whetstone_author', 'whetstone_reader', 'USAGE') THEN
    GRANT whetstone_reader TO whetstone_author WITH INHERIT TRUE, SET FALSE;
  END IF;
  IF NOT pg_has_role('whetstone_admin', 'whetstone_author', 'USAGE') THEN
    GRANT whetstone_author TO whetstone_admin WITH INHERIT TRUE, SET FALSE;
  END IF;
END $$;

-- A schema of our own: nothing of it is reached through somebody else's search_path.
CREATE SCHEMA IF NOT EXISTS whetstone AUTHORIZATION whetstone_owner;

SET LOCAL ROLE whetstone_owner;
-- Functions are everybody's unless this is said before they are made.
ALTER DEFAULT PRIVILEGES FOR ROLE whetstone_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT USAGE ON SCHEMA whetstone TO whetstone_reader, whetstone_provisioner, whetstone_gate, whetstone_reaper;
RESET ROLE;
