-- The rules find more: values that YAML reads less of than was written, and other spellings of SKILL.md. What was counted
-- before is dropped, and counted again in the background.
DELETE FROM version_facts;

INSERT INTO stale_skills (skill_id)
SELECT id FROM skills s WHERE NOT EXISTS (SELECT 1 FROM stale_skills WHERE skill_id = s.id);
