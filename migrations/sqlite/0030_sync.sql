-- What this computer knows of each team's registry: where it is, how far it was read, what waits, what a person should decide.

CREATE TABLE sync_states (
  tenant_id TEXT PRIMARY KEY NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  -- As a person would name where it is.
  host TEXT,
  -- How to get there, without anything secret.
  settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
  -- Everything up to here is in the library: committed with the rows themselves.
  since INTEGER NOT NULL DEFAULT 0,
  mark TEXT,
  epoch TEXT,
  role TEXT NOT NULL DEFAULT 'reader' CHECK (role IN ('reader', 'author', 'admin')),
  schema_version INTEGER,
  content TEXT NOT NULL DEFAULT 'all' CHECK (content IN ('all', 'newest')),
  paused INTEGER NOT NULL DEFAULT 1 CHECK (paused IN (0, 1)),
  has_left INTEGER NOT NULL DEFAULT 0 CHECK (has_left IN (0, 1)),
  -- The registry was put back to an older state: everything is compared, and numbers may be given anew.
  reconciling INTEGER NOT NULL DEFAULT 0 CHECK (reconciling IN (0, 1)),
  synced_at INTEGER,
  offline_since INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

-- Bounded; newest last.
CREATE TABLE sync_log (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
  text TEXT NOT NULL
) STRICT;
CREATE INDEX sync_log_tenant ON sync_log (tenant_id, seq);

-- Content that was seen in the team's store: not sent again.
CREATE TABLE remote_content (
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (tenant_id, sha256)
) STRICT, WITHOUT ROWID;

-- Content to fetch. A manifest's files follow once it is here.
CREATE TABLE content_wanted (
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  sha256 TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('manifest', 'file')),
  -- In bytes, where a manifest says so.
  size INTEGER,
  -- One of the versions that need it, to call it by a name.
  version_id TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_wanted_due ON content_wanted (tenant_id, attempts, kind);

-- Skills that the registry has, and the place in its log of the state that is known here.
CREATE TABLE remote_skills (
  skill_id TEXT PRIMARY KEY NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rows that came before what they refer to, or that the library did not take: none is skipped, each is tried again.
CREATE TABLE waiting_rows (
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  entity TEXT NOT NULL,
  id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  row TEXT NOT NULL CHECK (json_valid(row)),
  reason TEXT NOT NULL,
  PRIMARY KEY (tenant_id, entity, id)
) STRICT, WITHOUT ROWID;

-- While reconciling: what the registry still has.
CREATE TABLE reconcile_seen (
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  entity TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (tenant_id, entity, id)
) STRICT, WITHOUT ROWID;

-- What a person should know or decide. The id says what it is about, so that the same thing is told once.
CREATE TABLE conflicts (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('diverged', 'published', 'slug', 'rating', 'deleted', 'archived', 'overtaken', 'review', 'refused', 'damaged', 'rewritten', 'rolledBack')),
  skill_id TEXT,
  entity TEXT,
  entity_id TEXT,
  at INTEGER NOT NULL,
  by_name TEXT,
  happened TEXT NOT NULL,
  kept TEXT NOT NULL,
  choices TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(choices)),
  -- What a choice needs to know.
  detail TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
  resolved_at INTEGER,
  choice TEXT
) STRICT;
CREATE INDEX conflicts_open ON conflicts (tenant_id, at) WHERE resolved_at IS NULL;
CREATE INDEX conflicts_tenant ON conflicts (tenant_id);
CREATE INDEX conflicts_skill ON conflicts (skill_id) WHERE skill_id IS NOT NULL;

-- The outbox again: reviews are an operation of their own, and a parked one says why and what to do.
CREATE TABLE outbox_new (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  skill_id TEXT,
  entity TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  operation TEXT NOT NULL CHECK (operation IN ('insert', 'update', 'delete', 'publish', 'review')),
  payload TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(payload)),
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL,
  parked_reason TEXT,
  created_at INTEGER NOT NULL,
  parked_code TEXT,
  parked_todo TEXT
) STRICT;
INSERT INTO outbox_new (seq, tenant_id, skill_id, entity, entity_id, operation, payload, attempts, due_at, parked_reason, created_at)
  SELECT seq, tenant_id, skill_id, entity, entity_id, operation, payload, attempts, due_at, parked_reason, created_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_order ON outbox (tenant_id, entity, seq);
CREATE INDEX outbox_entity ON outbox (entity_id);
CREATE INDEX outbox_parked ON outbox (tenant_id, skill_id) WHERE parked_reason IS NOT NULL;

-- A version's only change is its number and its time, which the registry gives once. A registry that was put back to an
-- older state may give them anew, or (NULL) still has to.
DROP TRIGGER skill_versions_immutable;
CREATE TRIGGER skill_versions_immutable BEFORE UPDATE ON skill_versions
WHEN NOT (
  OLD.id IS NEW.id AND OLD.tenant_id IS NEW.tenant_id AND OLD.skill_id IS NEW.skill_id
  AND OLD.parent_version_id IS NEW.parent_version_id AND OLD.merged_version_id IS NEW.merged_version_id
  AND OLD.content_url IS NEW.content_url AND OLD.content_hash IS NEW.content_hash AND OLD.content_type IS NEW.content_type
  AND OLD.name IS NEW.name AND OLD.description IS NEW.description AND OLD.message IS NEW.message
  AND OLD.metadata IS NEW.metadata AND OLD.created_by IS NEW.created_by
  AND ((OLD.version IS NULL AND NEW.version IS NOT NULL)
    OR EXISTS (SELECT 1 FROM sync_states s WHERE s.tenant_id = OLD.tenant_id AND s.reconciling = 1))
)
BEGIN SELECT RAISE(ABORT, 'a version never changes'); END;

-- A skill that was deleted in the registry while it was edited here goes when its author says so.
DROP TRIGGER skill_versions_kept;
CREATE TRIGGER skill_versions_kept BEFORE DELETE ON skill_versions
WHEN NOT EXISTS (SELECT 1 FROM spaces WHERE tenant_id = OLD.tenant_id AND removing = 1)
  AND NOT EXISTS (SELECT 1 FROM conflicts c WHERE c.skill_id = OLD.skill_id AND c.kind = 'deleted' AND c.choice = 'discard')
BEGIN SELECT RAISE(ABORT, 'a version is never deleted'); END;
DROP TRIGGER skills_kept;
CREATE TRIGGER skills_kept BEFORE DELETE ON skills
WHEN EXISTS (SELECT 1 FROM skill_versions WHERE skill_id = OLD.id)
  AND NOT EXISTS (SELECT 1 FROM spaces WHERE tenant_id = OLD.tenant_id AND removing = 1)
  AND NOT EXISTS (SELECT 1 FROM conflicts c WHERE c.skill_id = OLD.id AND c.kind = 'deleted' AND c.choice = 'discard')
BEGIN SELECT RAISE(ABORT, 'a skill with versions is never deleted'); END;
