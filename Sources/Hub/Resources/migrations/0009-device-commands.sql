-- What devices were given, or are to be: see docs/decisions/0022-commands.md.

-- Raised when the Hub was recovered from a backup: commands from before are not acted on.
ALTER TABLE hub ADD COLUMN command_fence bigint NOT NULL DEFAULT 1 CHECK (command_fence > 0);

-- Commands travel in a stream of their own for each agent, so that no PC is told another's patients.
ALTER TABLE site_position DROP CONSTRAINT site_position_class_check;
ALTER TABLE site_position ADD CONSTRAINT site_position_class_check
    CHECK (class = 'config' OR class ~ '^work/[0-9a-f-]{36}$');

-- Says who and what, but nothing of the patient: that stands in the agent's stream until it is over.
CREATE TABLE device_command (
    id uuid PRIMARY KEY,
    site_id uuid NOT NULL REFERENCES site,
    agent_id uuid NOT NULL REFERENCES agent,
    -- As the agent names the device in its facts.
    device_key text NOT NULL,
    patient_id uuid NOT NULL REFERENCES patient,
    kind text NOT NULL,
    -- The readings that were sent along.
    reading_ids uuid[] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'issued' CHECK (state IN ('issued', 'received', 'delivered',
        'failed', 'expired', 'refused', 'superseded', 'cancelled')),
    code text,
    fence bigint NOT NULL,
    issued_by uuid NOT NULL REFERENCES account,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > issued_at),
    -- By the Agent's clock where it has answered, as what devices wrote at that PC; else the Hub's.
    settled_at timestamptz,
    -- True once the Agent has told the outcome: nothing changes it then.
    is_answered boolean NOT NULL DEFAULT false,
    cancelled_by uuid REFERENCES account,
    CHECK ((settled_at IS NULL) = (state IN ('issued', 'received')))
);
CREATE INDEX device_command_site ON device_command (site_id, issued_at DESC);
CREATE INDEX device_command_patient ON device_command (patient_id, issued_at DESC);
CREATE INDEX device_command_open ON device_command (agent_id, expires_at)
    WHERE settled_at IS NULL;
CREATE INDEX device_command_delivered ON device_command (agent_id, device_key, settled_at DESC)
    WHERE state = 'delivered';
