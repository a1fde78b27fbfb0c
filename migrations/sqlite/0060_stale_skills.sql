-- An upsert overrules the OR IGNORE of a trigger it fires: a skill that came from the registry while its search entry was
-- still to be made would not fit. So the triggers ask first.
DROP TRIGGER skill_versions_stale;
CREATE TRIGGER skill_versions_stale AFTER INSERT ON skill_versions
BEGIN
  INSERT INTO stale_skills (skill_id) SELECT NEW.skill_id WHERE NOT EXISTS (SELECT 1 FROM stale_skills WHERE skill_id = NEW.skill_id);
END;

DROP TRIGGER skills_stale;
CREATE TRIGGER skills_stale AFTER UPDATE OF name, description, tags, draft_version_id ON skills
BEGIN
  INSERT INTO stale_skills (skill_id) SELECT NEW.id WHERE NOT EXISTS (SELECT 1 FROM stale_skills WHERE skill_id = NEW.id);
END;
