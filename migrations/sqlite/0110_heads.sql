-- The highest number that a team's registry was heard to have. One that says less than it did was put back to an older state,
-- also where it does not say so and what was read of it until then is the same: rows that others need come before their
-- number, as they were later.
ALTER TABLE sync_states ADD COLUMN head INTEGER NOT NULL DEFAULT 0;
UPDATE sync_states SET head = since;
