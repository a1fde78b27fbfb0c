-- What the registry acknowledged and has not yet sent back: its log names every change, so one that is missing when everything
-- was read is one that the registry has lost, though its log is the one that was read before.
CREATE TABLE awaited_rows (
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  entity TEXT NOT NULL,
  id TEXT NOT NULL,
  operation TEXT NOT NULL CHECK (operation IN ('put', 'delete')),
  PRIMARY KEY (tenant_id, entity, id)
) STRICT, WITHOUT ROWID;
