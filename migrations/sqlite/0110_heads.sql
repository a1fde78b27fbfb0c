-- The highest number that a team's registry was heard to have. One that says less than it did was put back to an older state,
-- also where it does not say so and what was read of it until then is the same: rows that others need come before their
-- number, as they were later.
ALTER TABLE sync_states ADD COLUMN head INTEGER NOT NULL DEFAULT 0;
UPDATE sync_states SET head = since;

-- Where a team's log had been read to when it began to be read again from its start, and its mark there: so that a registry
-- that was put back meanwhile is noticed all the same. 0: it is not being read again.
ALTER TABLE sync_states ADD COLUMN known_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_states ADD COLUMN known_mark TEXT;
