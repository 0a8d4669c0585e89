-- Devices as their agents tell of them, what people decided for each, and the rules for adapters.

CREATE TABLE device (
    -- Derived from the agent and the key.
    id uuid PRIMARY KEY,
    site_id uuid NOT NULL REFERENCES site,
    agent_id uuid NOT NULL REFERENCES agent,
    key text NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 512),
    attachment text NOT NULL,
    state text NOT NULL,
    -- The Agent's clock when the device came into this state.
    since timestamptz NOT NULL,
    -- What the device's documents and readings name as their source; null before the first.
    source text,
    -- The fact whole.
    body jsonb NOT NULL,
    -- Where in the agent's log the fact stands: a later one is never replaced by an earlier one.
    epoch integer NOT NULL,
    sequence bigint NOT NULL,
    first_received_at timestamptz NOT NULL DEFAULT now(),
    received_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (agent_id, key)
);
CREATE INDEX device_site ON device (site_id);
CREATE INDEX device_source ON device (agent_id, source);

-- The newest 200 facts of each device; the inbox keeps every one.
CREATE TABLE device_event (
    device_id uuid NOT NULL REFERENCES device,
    epoch integer NOT NULL,
    sequence bigint NOT NULL,
    body jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (device_id, epoch, sequence)
);

-- What people decided for a device. Each change is a row of its own: the highest version holds, the
-- others are its history, and two people who change the same version cannot both succeed.
CREATE TABLE device_setting (
    device_id uuid NOT NULL REFERENCES device,
    version integer NOT NULL CHECK (version > 0),
    name text CHECK (length(name) BETWEEN 1 AND 100),
    room text CHECK (length(room) BETWEEN 1 AND 100),
    vertex_plane text NOT NULL DEFAULT 'unknown'
        CHECK (vertex_plane IN ('unknown', 'corneal', 'spectacle')),
    -- In mm, decimal text as it was typed; of the spectacle plane alone.
    vertex_distance text,
    displayed_zone integer CHECK (displayed_zone IN (3, 5, 7)),
    pupillary_distance text NOT NULL DEFAULT 'unknown'
        CHECK (pupillary_distance IN ('unknown', 'full', 'half')),
    accepts_unterminated boolean NOT NULL DEFAULT false,
    -- Kinds of commands.
    enabled text[] NOT NULL DEFAULT '{}',
    -- Who compared the clinical settings with a printout, and the date that they gave; null where
    -- nobody did since these settings were last changed.
    verified_by uuid REFERENCES account,
    verified_on date,
    -- What this version changed, and who did.
    change text NOT NULL CHECK (change IN ('name', 'clinical', 'commands')),
    changed_by uuid NOT NULL REFERENCES account,
    changed_at timestamptz NOT NULL,
    CHECK ((vertex_plane = 'spectacle') = (vertex_distance IS NOT NULL)),
    CHECK ((verified_by IS NULL) = (verified_on IS NULL)),
    PRIMARY KEY (device_id, version)
);

-- How the PCs of a site are to serve an adapter or a medium; a rule that was removed stays as history.
CREATE TABLE device_rule (
    id uuid PRIMARY KEY,
    site_id uuid NOT NULL REFERENCES site,
    -- The rule as it travels to the agents.
    body jsonb NOT NULL,
    created_by uuid NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL,
    removed_by uuid REFERENCES account,
    removed_at timestamptz,
    CHECK ((removed_by IS NULL) = (removed_at IS NULL))
);
CREATE INDEX device_rule_site ON device_rule (site_id) WHERE removed_at IS NULL;

-- The settings that act where a source's readings are shown: verified ones, and only where no two
-- devices of the PC name the same source.
CREATE VIEW verified_setting AS
SELECT device.agent_id, device.source, setting.vertex_plane, setting.vertex_distance,
    setting.displayed_zone, setting.pupillary_distance, account.name AS verified_by,
    setting.verified_on
FROM device
CROSS JOIN LATERAL (
    SELECT * FROM device_setting WHERE device_id = device.id ORDER BY version DESC LIMIT 1
) AS setting
JOIN account ON account.id = setting.verified_by
WHERE device.source IS NOT NULL AND NOT EXISTS (
    SELECT FROM device AS other
    WHERE other.agent_id = device.agent_id AND other.source = device.source
        AND other.id <> device.id);

-- What a person decided about a document that gave no reading, or an operation that is not shown.
CREATE TABLE document_decision (
    site_id uuid NOT NULL REFERENCES site,
    sha256 bytea NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    decision text NOT NULL CHECK (decision IN ('dismissed', 'restored', 'taken')),
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    decided_by uuid NOT NULL REFERENCES account,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, sha256, number),
    FOREIGN KEY (site_id, sha256) REFERENCES document (site_id, sha256)
);
-- True while the newest decision is to dismiss it: a copy of that, for the lists.
ALTER TABLE document ADD COLUMN dismissed boolean NOT NULL DEFAULT false;
CREATE INDEX document_source ON document (agent_id, source, captured_at DESC);
CREATE INDEX document_failed_source ON document (agent_id, source)
    WHERE failure_code IS NOT NULL AND NOT dismissed;
CREATE INDEX reading_source ON reading (agent_id, source, captured_at DESC);

CREATE TABLE operation_decision (
    agent_id uuid NOT NULL,
    epoch integer NOT NULL,
    sequence bigint NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    decision text NOT NULL CHECK (decision IN ('dismissed', 'restored', 'replayed')),
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    decided_by uuid NOT NULL REFERENCES account,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (agent_id, epoch, sequence, number),
    FOREIGN KEY (agent_id, epoch, sequence) REFERENCES operation (agent_id, epoch, sequence)
);
-- The verdict that the agent was given stays as it is; these say what became of it here.
ALTER TABLE operation ADD COLUMN dismissed boolean NOT NULL DEFAULT false,
    ADD COLUMN replayed_at timestamptz;

-- A revision that a person took from a document that the Hub decoded again; null for an agent's own.
ALTER TABLE reading_revision ADD COLUMN taken_by uuid REFERENCES account;
CREATE INDEX reading_revision_taken ON reading_revision (site_id, reading_id)
    WHERE taken_by IS NOT NULL;
