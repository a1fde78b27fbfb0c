-- An array of Postgres is not a list: it may begin at any number, have two dimensions, hold NULLs. Functions that count
-- places in an array (`numbers[l.at]`) then look at another element than `unnest` gave, and a skill's newest version became
-- another skill's. Every array that a member sends is now a plain list, before anything looks into it.
SET LOCAL ROLE whetstone_owner;

-- A list of p_rows texts, numbered from 1. NULLs are the column's own business.
CREATE OR REPLACE FUNCTION whetstone.check_list(p_list text[], p_rows integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF array_ndims(p_list) IS DISTINCT FROM 1 OR array_lower(p_list, 1) <> 1 OR cardinality(p_list) IS DISTINCT FROM p_rows THEN
    RAISE EXCEPTION 'a column of a page is a list of one dimension, from 1, with a value for each row' USING ERRCODE = '2202E';
  END IF;
END $$;

-- The ids of a page: 1 to 2000, each once, none NULL.
CREATE OR REPLACE FUNCTION whetstone.check_page(p_ids text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_ids IS NULL OR cardinality(p_ids) NOT BETWEEN 1 AND 2000 THEN
    RAISE EXCEPTION 'a page has 1 to 2000 rows, not %', coalesce(cardinality(p_ids), 0) USING ERRCODE = 'WS413';
  END IF;
  PERFORM whetstone.check_list(p_ids, cardinality(p_ids));
  IF array_position(p_ids, NULL) IS NOT NULL THEN
    RAISE EXCEPTION 'a row of the page has no id' USING ERRCODE = '22004';
  END IF;
  IF (SELECT count(DISTINCT x) <> count(*) FROM unnest(p_ids) x) THEN
    RAISE EXCEPTION 'the same row is in the page twice' USING ERRCODE = 'WS409';
  END IF;
END $$;

RESET ROLE;
