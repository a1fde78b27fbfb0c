-- Answers that are kept are bounded in size; what was not used for longest goes first. bytes and used_at stand in one index, so
-- that neither the sum nor the order reads an answer.
ALTER TABLE model_replies ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE model_replies ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
UPDATE model_replies SET bytes = octet_length(reply), used_at = created_at;
CREATE INDEX model_replies_used ON model_replies (used_at, bytes);
