-- Who did what, in a chain that only grows. See docs/AUDIT.md.

DROP TABLE audit_event;

-- Where the chain ends; its row is held by whoever appends, to commit.
CREATE TABLE audit_head (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    sequence bigint NOT NULL,
    chain bytea NOT NULL CHECK (length(chain) = 32)
);
INSERT INTO audit_head (sequence, chain) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE TABLE audit_record (
    sequence bigint PRIMARY KEY CHECK (sequence > 0),
    -- JSON, byte for byte as it was hashed; the other columns are read out of it.
    body text NOT NULL,
    chain bytea NOT NULL CHECK (length(chain) = 32),
    at_ms bigint NOT NULL GENERATED ALWAYS AS ((body::jsonb ->> 'at')::bigint) STORED,
    action text NOT NULL GENERATED ALWAYS AS (body::jsonb ->> 'action') STORED,
    account_id uuid GENERATED ALWAYS AS ((body::jsonb ->> 'account')::uuid) STORED,
    site_id uuid GENERATED ALWAYS AS ((body::jsonb ->> 'site')::uuid) STORED,
    subject uuid GENERATED ALWAYS AS ((body::jsonb ->> 'subject')::uuid) STORED
);
CREATE INDEX audit_record_account ON audit_record (account_id, sequence DESC);
CREATE INDEX audit_record_subject ON audit_record (subject, sequence DESC)
    WHERE subject IS NOT NULL;
CREATE INDEX audit_record_at ON audit_record (at_ms);

-- Nobody changes or removes what was recorded; whoever owns the table can take the trigger away,
-- and then the signed checkpoints outside of the database show what was done.
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit records only grow' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_record_only_grows BEFORE UPDATE OR DELETE ON audit_record
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_record_stays BEFORE TRUNCATE ON audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
