-- When the registry last changed a row, while a change of our own shows its own time. A change that turns out to be none there
-- (made and taken back; acknowledged twice) leaves no trace in its log, so this is where its time comes back from.
CREATE TABLE remote_times (
  entity TEXT NOT NULL,
  id TEXT NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (entity, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX remote_times_tenant ON remote_times (tenant_id);

CREATE TRIGGER skills_timed AFTER UPDATE OF updated_at ON skills
WHEN NEW.updated_at <> OLD.updated_at AND EXISTS (SELECT 1 FROM spaces WHERE tenant_id = NEW.tenant_id AND kind = 'team')
  AND NOT EXISTS (SELECT 1 FROM remote_times WHERE entity = 'skills' AND id = NEW.id)
BEGIN INSERT INTO remote_times VALUES ('skills', NEW.id, NEW.tenant_id, OLD.updated_at); END;

CREATE TRIGGER ratings_timed AFTER UPDATE OF updated_at ON ratings
WHEN NEW.updated_at <> OLD.updated_at AND EXISTS (SELECT 1 FROM spaces WHERE tenant_id = NEW.tenant_id AND kind = 'team')
  AND NOT EXISTS (SELECT 1 FROM remote_times WHERE entity = 'ratings' AND id = NEW.id)
BEGIN INSERT INTO remote_times VALUES ('ratings', NEW.id, NEW.tenant_id, OLD.updated_at); END;

CREATE TRIGGER skill_feedback_timed AFTER UPDATE OF updated_at ON skill_feedback
WHEN NEW.updated_at <> OLD.updated_at AND EXISTS (SELECT 1 FROM spaces WHERE tenant_id = NEW.tenant_id AND kind = 'team')
  AND NOT EXISTS (SELECT 1 FROM remote_times WHERE entity = 'skill_feedback' AND id = NEW.id)
BEGIN INSERT INTO remote_times VALUES ('skill_feedback', NEW.id, NEW.tenant_id, OLD.updated_at); END;

CREATE TRIGGER benchmark_cases_timed AFTER UPDATE OF updated_at ON benchmark_cases
WHEN NEW.updated_at <> OLD.updated_at AND EXISTS (SELECT 1 FROM spaces WHERE tenant_id = NEW.tenant_id AND kind = 'team')
  AND NOT EXISTS (SELECT 1 FROM remote_times WHERE entity = 'benchmark_cases' AND id = NEW.id)
BEGIN INSERT INTO remote_times VALUES ('benchmark_cases', NEW.id, NEW.tenant_id, OLD.updated_at); END;
