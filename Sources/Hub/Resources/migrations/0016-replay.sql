-- Operations that an older Hub did not know are read again when a newer one starts.

-- Why another try did not show it; the agent was given `code`, which stays.
ALTER TABLE operation ADD COLUMN replay_code text;
-- Null where the Hub did it by itself after an update.
ALTER TABLE operation_decision ALTER COLUMN decided_by DROP NOT NULL;
