-- Five examples of up to a megabyte each made a row of five, and a page of two thousand of them ten gigabytes in whoever
-- reads it. What a report quotes is bounded to 256 kB a field and 1 MB in all. By the function, not by the table: rows that
-- are longer already stay readable, can be reviewed, exported and restored; only nobody writes one any more.
SET LOCAL ROLE whetstone_owner;

-- As in 0080, but for the bound. Its author may still change it while nobody has looked at it.
CREATE OR REPLACE FUNCTION whetstone.push_feedback(p_page json) RETURNS TABLE (id text, state text, seq bigint, stored_id text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM whetstone.acting('reader');
  IF EXISTS (SELECT FROM json_to_recordset(p_page) AS p (suggested_content text, suggested_diff text, example_input text,
      example_output text, expected_output text)
    CROSS JOIN LATERAL (SELECT max(octet_length(x)) AS longest, sum(octet_length(x)) AS whole FROM unnest(ARRAY[p.suggested_content,
      p.suggested_diff, p.example_input, p.example_output, p.expected_output]) x) n WHERE n.longest > 262144 OR n.whole > 1048576) THEN
    RAISE EXCEPTION 'feedback quotes at most 256 kB in each field, and 1 MB in all' USING ERRCODE = '23514';
  END IF;
  RETURN QUERY SELECT * FROM whetstone.put_page('skill_feedback', p_page, 'reader',
    '{id,skill_id,skill_version_id,feedback_type,sentiment,comment,suggested_content,suggested_diff,example_input,example_output,expected_output,severity,quality_score,usage_event_id,source}',
    '{feedback_type,sentiment,comment,suggested_content,suggested_diff,example_input,example_output,expected_output,severity,quality_score}',
    'user_id', 'was.id = p.id', 'was.user_id = $3 AND was.status = ''pending''');
END $$;

RESET ROLE;
