-- What a gate lets pass: rows stay when it is turned off, so that its rules are not lost.
ALTER TABLE publish_gates ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1));
-- Whether a comparison that is inconclusive passes.
ALTER TABLE publish_gates ADD COLUMN accept_inconclusive INTEGER NOT NULL DEFAULT 0 CHECK (accept_inconclusive IN (0, 1));
-- Percent of cases that may be without a grade.
ALTER TABLE publish_gates ADD COLUMN ungraded_percent INTEGER NOT NULL DEFAULT 10 CHECK (ungraded_percent BETWEEN 0 AND 100);
