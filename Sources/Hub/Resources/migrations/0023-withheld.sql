-- Payloads that their agents could not send with the operation, and have sent since. The operation
-- stays as it came: what devices sent is only added to.

CREATE TABLE withheld_payload (
    agent_id uuid NOT NULL,
    epoch integer NOT NULL,
    sequence bigint NOT NULL,
    payload bytea NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (agent_id, epoch, sequence),
    FOREIGN KEY (agent_id, epoch, sequence) REFERENCES operation
);
ALTER TABLE withheld_payload ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON withheld_payload USING (agent_id IN (SELECT id FROM agent));
