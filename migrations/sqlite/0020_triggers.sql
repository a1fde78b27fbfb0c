-- Versions and content never change ----------------------------------------------------------------------------------

-- The one change a version can see is the registry's number, once.
CREATE TRIGGER skill_versions_immutable BEFORE UPDATE ON skill_versions
WHEN NOT (
  OLD.version IS NULL AND NEW.version IS NOT NULL
  AND OLD.id IS NEW.id AND OLD.tenant_id IS NEW.tenant_id AND OLD.skill_id IS NEW.skill_id
  AND OLD.parent_version_id IS NEW.parent_version_id AND OLD.merged_version_id IS NEW.merged_version_id
  AND OLD.content_url IS NEW.content_url AND OLD.content_hash IS NEW.content_hash AND OLD.content_type IS NEW.content_type
  AND OLD.name IS NEW.name AND OLD.description IS NEW.description AND OLD.message IS NEW.message
  AND OLD.metadata IS NEW.metadata AND OLD.created_by IS NEW.created_by AND OLD.created_at IS NEW.created_at
)
BEGIN SELECT RAISE(ABORT, 'a version never changes'); END;

CREATE TRIGGER skill_versions_kept BEFORE DELETE ON skill_versions
WHEN NOT EXISTS (SELECT 1 FROM spaces WHERE tenant_id = OLD.tenant_id AND removing = 1)
BEGIN SELECT RAISE(ABORT, 'a version is never deleted'); END;

-- A skill goes only with its whole space, for its versions would go with it.
CREATE TRIGGER skills_kept BEFORE DELETE ON skills
WHEN EXISTS (SELECT 1 FROM skill_versions WHERE skill_id = OLD.id)
  AND NOT EXISTS (SELECT 1 FROM spaces WHERE tenant_id = OLD.tenant_id AND removing = 1)
BEGIN SELECT RAISE(ABORT, 'a skill with versions is never deleted'); END;

CREATE TRIGGER blobs_immutable BEFORE UPDATE ON blobs
BEGIN SELECT RAISE(ABORT, 'content never changes'); END;

-- A merge has two parents of the same tenant, and no version is its own.
CREATE TRIGGER skill_versions_parents BEFORE INSERT ON skill_versions
WHEN (NEW.parent_version_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM skill_versions WHERE id = NEW.parent_version_id AND tenant_id = NEW.tenant_id))
  OR (NEW.merged_version_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM skill_versions WHERE id = NEW.merged_version_id AND tenant_id = NEW.tenant_id))
BEGIN SELECT RAISE(ABORT, 'a parent is not in this space'); END;

-- Search and facts follow -------------------------------------------------------------------------------------------

CREATE TRIGGER skill_versions_stale AFTER INSERT ON skill_versions
BEGIN INSERT OR IGNORE INTO stale_skills (skill_id) VALUES (NEW.skill_id); END;

CREATE TRIGGER skills_stale AFTER UPDATE OF name, description, tags, draft_version_id ON skills
BEGIN INSERT OR IGNORE INTO stale_skills (skill_id) VALUES (NEW.id); END;

CREATE TRIGGER skills_unindexed AFTER DELETE ON skills
BEGIN
  DELETE FROM search_heads WHERE rowid IN (SELECT rowid FROM search_documents WHERE skill_id = OLD.id);
  DELETE FROM search_texts WHERE rowid IN (SELECT rowid FROM search_documents WHERE skill_id = OLD.id);
  DELETE FROM search_documents WHERE skill_id = OLD.id;
  DELETE FROM stale_skills WHERE skill_id = OLD.id;
END;

-- Aggregates on skills, kept by difference so that a list never recomputes them ----------------------------------------

CREATE TABLE skill_totals (
  skill_id TEXT PRIMARY KEY NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  uses INTEGER NOT NULL DEFAULT 0,
  ratings INTEGER NOT NULL DEFAULT 0,
  stars INTEGER NOT NULL DEFAULT 0,
  hours REAL NOT NULL DEFAULT 0,
  hours_said INTEGER NOT NULL DEFAULT 0,
  feedback INTEGER NOT NULL DEFAULT 0,
  thumbs_up INTEGER NOT NULL DEFAULT 0,
  thumbs_down INTEGER NOT NULL DEFAULT 0,
  cost INTEGER NOT NULL DEFAULT 0,
  costs INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TRIGGER skills_totals AFTER INSERT ON skills
BEGIN INSERT INTO skill_totals (skill_id) VALUES (NEW.id); END;

CREATE TRIGGER skill_totals_shown AFTER UPDATE ON skill_totals
BEGIN
  UPDATE skills SET
    total_uses = NEW.uses,
    total_ratings = NEW.ratings,
    average_rating = CASE WHEN NEW.ratings > 0 THEN CAST(round(100.0 * NEW.stars / NEW.ratings) AS INTEGER) END,
    hours_saved = CASE WHEN NEW.hours_said > 0 THEN NEW.hours END,
    total_feedback = NEW.feedback,
    positive_feedback_pct = CASE WHEN NEW.thumbs_up + NEW.thumbs_down > 0
      THEN CAST(round(100.0 * NEW.thumbs_up / (NEW.thumbs_up + NEW.thumbs_down)) AS INTEGER) END,
    avg_token_cost_microcents = CASE WHEN NEW.costs > 0 THEN CAST(round(1.0 * NEW.cost / NEW.costs) AS INTEGER) END
  WHERE id = NEW.skill_id;
END;

CREATE TRIGGER ratings_counted AFTER INSERT ON ratings
BEGIN
  UPDATE skill_totals SET ratings = ratings + 1, stars = stars + NEW.rating,
    hours = hours + coalesce(NEW.hours_saved_estimate, 0), hours_said = hours_said + (NEW.hours_saved_estimate IS NOT NULL)
  WHERE skill_id = NEW.skill_id;
END;
CREATE TRIGGER ratings_recounted AFTER UPDATE ON ratings
BEGIN
  UPDATE skill_totals SET ratings = ratings - 1, stars = stars - OLD.rating,
    hours = hours - coalesce(OLD.hours_saved_estimate, 0), hours_said = hours_said - (OLD.hours_saved_estimate IS NOT NULL)
  WHERE skill_id = OLD.skill_id;
  UPDATE skill_totals SET ratings = ratings + 1, stars = stars + NEW.rating,
    hours = hours + coalesce(NEW.hours_saved_estimate, 0), hours_said = hours_said + (NEW.hours_saved_estimate IS NOT NULL)
  WHERE skill_id = NEW.skill_id;
END;
CREATE TRIGGER ratings_discounted AFTER DELETE ON ratings
BEGIN
  UPDATE skill_totals SET ratings = ratings - 1, stars = stars - OLD.rating,
    hours = hours - coalesce(OLD.hours_saved_estimate, 0), hours_said = hours_said - (OLD.hours_saved_estimate IS NOT NULL)
  WHERE skill_id = OLD.skill_id;
END;

CREATE TRIGGER skill_feedback_counted AFTER INSERT ON skill_feedback
BEGIN
  UPDATE skill_totals SET feedback = feedback + 1,
    thumbs_up = thumbs_up + (NEW.feedback_type = 'thumbs_up'), thumbs_down = thumbs_down + (NEW.feedback_type = 'thumbs_down')
  WHERE skill_id = NEW.skill_id;
END;
CREATE TRIGGER skill_feedback_recounted AFTER UPDATE OF skill_id, feedback_type ON skill_feedback
BEGIN
  UPDATE skill_totals SET feedback = feedback - 1,
    thumbs_up = thumbs_up - (OLD.feedback_type = 'thumbs_up'), thumbs_down = thumbs_down - (OLD.feedback_type = 'thumbs_down')
  WHERE skill_id = OLD.skill_id;
  UPDATE skill_totals SET feedback = feedback + 1,
    thumbs_up = thumbs_up + (NEW.feedback_type = 'thumbs_up'), thumbs_down = thumbs_down + (NEW.feedback_type = 'thumbs_down')
  WHERE skill_id = NEW.skill_id;
END;
CREATE TRIGGER skill_feedback_discounted AFTER DELETE ON skill_feedback
BEGIN
  UPDATE skill_totals SET feedback = feedback - 1,
    thumbs_up = thumbs_up - (OLD.feedback_type = 'thumbs_up'), thumbs_down = thumbs_down - (OLD.feedback_type = 'thumbs_down')
  WHERE skill_id = OLD.skill_id;
END;

CREATE TRIGGER token_measurements_counted AFTER INSERT ON token_measurements WHEN NEW.estimated_cost_microcents IS NOT NULL
BEGIN
  UPDATE skill_totals SET cost = cost + NEW.estimated_cost_microcents, costs = costs + 1 WHERE skill_id = NEW.skill_id;
END;
CREATE TRIGGER token_measurements_recounted AFTER UPDATE OF skill_id, estimated_cost_microcents ON token_measurements
BEGIN
  UPDATE skill_totals SET cost = cost - coalesce(OLD.estimated_cost_microcents, 0),
    costs = costs - (OLD.estimated_cost_microcents IS NOT NULL) WHERE skill_id = OLD.skill_id;
  UPDATE skill_totals SET cost = cost + coalesce(NEW.estimated_cost_microcents, 0),
    costs = costs + (NEW.estimated_cost_microcents IS NOT NULL) WHERE skill_id = NEW.skill_id;
END;
CREATE TRIGGER token_measurements_discounted AFTER DELETE ON token_measurements WHEN OLD.estimated_cost_microcents IS NOT NULL
BEGIN
  UPDATE skill_totals SET cost = cost - OLD.estimated_cost_microcents, costs = costs - 1 WHERE skill_id = OLD.skill_id;
END;

CREATE TRIGGER usage_events_counted AFTER INSERT ON usage_events
BEGIN UPDATE skill_totals SET uses = uses + 1 WHERE skill_id = NEW.skill_id; END;
CREATE TRIGGER usage_events_recounted AFTER UPDATE OF skill_id ON usage_events
BEGIN
  UPDATE skill_totals SET uses = uses - 1 WHERE skill_id = OLD.skill_id;
  UPDATE skill_totals SET uses = uses + 1 WHERE skill_id = NEW.skill_id;
END;
CREATE TRIGGER usage_events_discounted AFTER DELETE ON usage_events
BEGIN UPDATE skill_totals SET uses = uses - 1 WHERE skill_id = OLD.skill_id; END;
