-- push_skills looks each skill of a page up on its own. A plan kept from when the table was empty takes any index that begins
-- with the team for as good as the key, and goes through all the team's skills for each row: the 3,000th took five times as
-- long as the first. Planned anew, it sees how large the table has become.
SET LOCAL ROLE whetstone_owner;
ALTER FUNCTION whetstone.push_skills(json) SET plan_cache_mode = force_custom_plan;
RESET ROLE;
