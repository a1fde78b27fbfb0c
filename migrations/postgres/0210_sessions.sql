-- Sessions that must not live on: those of an invite that has been used up, those that keep the NOTIFY queue or other
-- members waiting, and those that a client has set its own time-outs away for.
SET LOCAL ROLE whetstone_owner;
GRANT CREATE ON SCHEMA whetstone TO whetstone_gate, whetstone_reaper;
RESET ROLE;

SET LOCAL ROLE whetstone_reaper;

-- Every other session of the login that asks. A password that has changed does not end what was let in with the old one.
CREATE OR REPLACE FUNCTION whetstone.end_other_sessions() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  -- It waits until they are gone: a session that is only told to go may still finish what it was doing.
  SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid, 2000))::integer
  FROM pg_stat_activity a WHERE a.usename = session_user AND a.pid <> pg_backend_pid()
$$;

-- A client can SET its own timeouts away, so they are kept by the others: every sync calls this. It ends member sessions
--  · that sit idle inside a transaction (10 s), or whose transaction runs beyond what any sync needs (60 s): a call of the
--    app is given up after 30 s;
--  · that keep others waiting for a lock for longer than a page takes (15 s; 2 s where they do nothing in the meantime);
--  · that keep the NOTIFY queue from moving, once a hundredth of it is in use. The queue is the whole server's, so these are
--    members of any registry on it: a listener who sits in a transaction, or does not read what is sent, holds it for everybody;
--  · that were let in before the login's invite was accepted, by somebody else who has read it.
CREATE OR REPLACE FUNCTION whetstone.reap(OUT ended integer) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  -- To ask also moves the queue's tail: what nobody has to hear any more is let go of only then.
  WITH queue AS MATERIALIZED (SELECT pg_notification_queue_usage() > 0.01 AS filling),
    -- Empty, and so nearly free, where nobody waits.
    blocking AS MATERIALIZED (SELECT DISTINCT b.pid FROM pg_stat_activity w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) b (pid)
      WHERE w.datname = current_database() AND w.wait_event_type = 'Lock')
  SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid))::integer
  FROM pg_stat_activity a LEFT JOIN whetstone.members m ON m.role_name = a.usename AND a.datname = current_database()
  WHERE a.pid <> pg_backend_pid() AND pg_has_role('whetstone_reaper', a.usesysid, 'USAGE') AND (
    ((SELECT filling FROM queue) AND (a.xact_start < now() - interval '2 seconds'
      OR (a.wait_event = 'ClientWrite' AND a.state_change < now() - interval '2 seconds')))
    OR (m.role_name IS NOT NULL AND (
      (a.state LIKE 'idle in transaction%' AND a.state_change < now() - interval '10 seconds')
      OR a.xact_start < now() - interval '60 seconds'
      OR (a.pid IN (SELECT pid FROM blocking) AND (a.xact_start < now() - interval '15 seconds'
        OR (a.state LIKE 'idle in transaction%' AND a.state_change < now() - interval '2 seconds')))
      OR (a.backend_start < to_timestamp(m.accepted_at / 1000.0)
        AND m.accepted_at < extract(epoch FROM now() - interval '10 seconds') * 1000))))
$$;
REVOKE ALL ON FUNCTION whetstone.reap(), whetstone.end_other_sessions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION whetstone.reap() TO whetstone_reader, whetstone_owner, whetstone_provisioner;
GRANT EXECUTE ON FUNCTION whetstone.end_other_sessions() TO whetstone_reader, whetstone_gate;
RESET ROLE;

SET LOCAL ROLE whetstone_gate;
-- True once: the invite is used up. The app then gives the login a password that only it knows. Whoever else came in with
-- the invite is sent out first; the app does so once more after its commit, for until then the invite's password is good.
CREATE OR REPLACE FUNCTION whetstone.accept_invite() RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE whetstone.members SET accepted_at = whetstone.now_ms()
  WHERE role_name = session_user::text AND accepted_at IS NULL AND expires_at > whetstone.now_ms();
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM whetstone.end_other_sessions();
  RETURN true;
END $$;
RESET ROLE;

SET LOCAL ROLE whetstone_owner;
REVOKE CREATE ON SCHEMA whetstone FROM whetstone_gate, whetstone_reaper;
RESET ROLE;
