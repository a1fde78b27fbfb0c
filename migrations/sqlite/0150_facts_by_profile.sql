-- Findings are counted for every profile, for 'invalid' follows the one that is chosen: `errors` and `warnings` are the strict
-- one's. Facts only repeat what versions say: those counted before are dropped, and counted again in the background.
DELETE FROM version_facts;
ALTER TABLE version_facts ADD COLUMN reference_errors INTEGER NOT NULL DEFAULT 0;
ALTER TABLE version_facts ADD COLUMN reference_warnings INTEGER NOT NULL DEFAULT 0;
ALTER TABLE version_facts ADD COLUMN claude_code_errors INTEGER NOT NULL DEFAULT 0;
ALTER TABLE version_facts ADD COLUMN claude_code_warnings INTEGER NOT NULL DEFAULT 0;

INSERT INTO stale_skills (skill_id)
SELECT id FROM skills s WHERE NOT EXISTS (SELECT 1 FROM stale_skills WHERE skill_id = s.id);
