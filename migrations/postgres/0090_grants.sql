-- Who may what. Said once more in full, so that running it mends grants that were changed by hand.
SET LOCAL ROLE whetstone_owner;

DO $$
DECLARE
  one text;
BEGIN
  FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'whetstone'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('REVOKE ALL ON whetstone.%I FROM PUBLIC, whetstone_reader, whetstone_author, whetstone_admin', one);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON whetstone.%I TO whetstone_provisioner', one);
    -- Reading only, and not even that where a member has no use for it. Without a right to write there is none to lock.
    IF one NOT IN ('members', 'skill_totals') THEN
      EXECUTE format('GRANT SELECT ON whetstone.%I TO whetstone_reader', one);
    END IF;
  END LOOP;
END $$;
GRANT SELECT ON whetstone.members TO whetstone_admin;

DO $$
DECLARE
  one regprocedure;
BEGIN
  FOR one IN SELECT oid FROM pg_proc WHERE pronamespace = 'whetstone'::regnamespace
    AND proowner = 'whetstone_owner'::regrole LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, whetstone_reader, whetstone_author, whetstone_admin', one);
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION whetstone.hello(), whetstone.now_ms(), whetstone.push_ratings(json), whetstone.push_feedback(json),
  whetstone.push_measurements(json), whetstone.push_usage_events(json), whetstone.remove_rows(text, text[]),
  whetstone.update_profile(text, text) TO whetstone_reader;
GRANT EXECUTE ON FUNCTION
  whetstone.push_versions(text[], text[], text[], text[], text[], text[], text[], text[], text[], text[]),
  whetstone.push_skills(json), whetstone.publish(text, text, text, text), whetstone.approve_version(text),
  whetstone.review_feedback(text, text, text, text, text), whetstone.push_benchmark_cases(json),
  whetstone.push_benchmark_runs(json), whetstone.push_benchmark_results(json) TO whetstone_author;
GRANT EXECUTE ON FUNCTION whetstone.require_approval(boolean) TO whetstone_admin;
GRANT EXECUTE ON FUNCTION whetstone.log_change(text, text, text, text[], text, bigint, bigint), whetstone.recount(),
  whetstone.now_ms() TO whetstone_provisioner;

RESET ROLE;
