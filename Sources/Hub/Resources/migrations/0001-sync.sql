-- What agents send, and where it is shown from.

CREATE TABLE hub (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    instance uuid NOT NULL DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO hub DEFAULT VALUES;

CREATE TABLE site (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
    time_zone text NOT NULL DEFAULT 'Europe/Brussels',
    -- At least as long as the Hub's oldest backup: what agents keep is what they can send again.
    retention_days integer NOT NULL DEFAULT 35 CHECK (retention_days BETWEEN 1 AND 3650),
    -- The highest reading.position of the site. Its row lock is held to commit, so positions
    -- appear in order and without gaps: a reader that has seen 7 never finds a new 6.
    reading_position bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO site (name) VALUES ('Clinic');

CREATE TABLE agent (
    id uuid PRIMARY KEY,
    site_id uuid NOT NULL REFERENCES site,
    workstation text NOT NULL CHECK (length(workstation) BETWEEN 1 AND 200),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'revoked')),
    -- SHA-256 over the public key of the certificate that is in force.
    key_digest bytea NOT NULL UNIQUE CHECK (length(key_digest) = 32),
    certificate_serial text NOT NULL,
    certificate_expires_at timestamptz NOT NULL,
    enrolled_at timestamptz NOT NULL DEFAULT now(),
    -- How far the Hub is durable, per epoch that is open.
    epoch integer NOT NULL DEFAULT 1,
    applied bigint NOT NULL DEFAULT 0,
    chain bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(chain) = 32),
    nonce text,
    previous_nonce text,
    -- What the Agent said of itself when it was last heard.
    last_seen_at timestamptz,
    software text,
    pending bigint,
    oldest_pending_at timestamptz,
    -- The Hub's clock minus the Agent's.
    clock_offset_ms bigint,
    round_trip_ms bigint
);

CREATE TABLE agent_epoch (
    agent_id uuid NOT NULL REFERENCES agent,
    epoch integer NOT NULL,
    reason text NOT NULL CHECK (reason IN ('enrol', 'clone', 'rewound', 'databaseLost', 'manual')),
    opened_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (agent_id, epoch)
);

CREATE TABLE invitation (
    code_digest bytea PRIMARY KEY CHECK (length(code_digest) = 32),
    site_id uuid NOT NULL REFERENCES site,
    workstation text NOT NULL CHECK (length(workstation) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    agent_id uuid REFERENCES agent
);

-- Every operation, as it came: the inbox that projections can be built from again.
CREATE TABLE operation (
    agent_id uuid NOT NULL REFERENCES agent,
    epoch integer NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    id uuid NOT NULL,
    kind text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    payload bytea NOT NULL,
    chain bytea NOT NULL CHECK (length(chain) = 32),
    verdict text NOT NULL CHECK (verdict IN ('applied', 'duplicate', 'quarantined')),
    code text,
    detail text,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (agent_id, epoch, sequence)
);
-- Not unique: an operation that is numbered anew in another epoch keeps its identifier, and its
-- second row is a duplicate.
CREATE INDEX operation_id ON operation (id);
CREATE INDEX operation_quarantined ON operation (received_at) WHERE verdict = 'quarantined';

CREATE TABLE document (
    site_id uuid NOT NULL REFERENCES site,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    agent_id uuid NOT NULL REFERENCES agent,
    bytes bigint NOT NULL CHECK (bytes >= 0),
    name text NOT NULL,
    format text,
    decoder_version integer,
    source text NOT NULL,
    captured_at timestamptz NOT NULL,
    modified_at timestamptz,
    received_at timestamptz NOT NULL DEFAULT now(),
    failure_code text,
    failure_detail text,
    failure_at text,
    partial boolean NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (site_id, sha256)
);
CREATE INDEX document_failed ON document (site_id, received_at) WHERE failure_code IS NOT NULL;

-- Bytes too many for an operation, uploaded ahead of it.
CREATE TABLE upload (
    agent_id uuid NOT NULL REFERENCES agent,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    content bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (agent_id, sha256)
);

-- The newest revision of each reading; what clinicians see.
CREATE TABLE reading (
    site_id uuid NOT NULL REFERENCES site,
    id uuid NOT NULL,
    revision integer NOT NULL CHECK (revision > 0),
    agent_id uuid NOT NULL REFERENCES agent,
    kind text NOT NULL,
    label text NOT NULL,
    role text NOT NULL CHECK (role IN ('measured', 'echo')),
    device_model text,
    workstation text NOT NULL,
    source text NOT NULL,
    decoder_version integer NOT NULL,
    -- The device's own clock, without a zone, verbatim.
    measured_at timestamp,
    captured_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    rejected boolean NOT NULL,
    -- The reading as specs and docs/READINGS.md describe it; numbers are decimal text.
    body jsonb NOT NULL,
    -- The order of arrival within the site, for lists and their cursors; a new revision moves up.
    position bigint NOT NULL,
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX reading_newest ON reading (site_id, position DESC);

CREATE TABLE reading_revision (
    site_id uuid NOT NULL,
    reading_id uuid NOT NULL,
    revision integer NOT NULL,
    agent_id uuid NOT NULL REFERENCES agent,
    captured_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    decoder_version integer NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (site_id, reading_id, revision)
);

CREATE TABLE reading_document (
    site_id uuid NOT NULL,
    reading_id uuid NOT NULL,
    sha256 bytea NOT NULL,
    PRIMARY KEY (site_id, reading_id, sha256),
    FOREIGN KEY (site_id, reading_id) REFERENCES reading (site_id, id)
);
CREATE INDEX reading_document_sha256 ON reading_document (site_id, sha256);

-- Configuration on its way down: a gapless position per site, held by the row's lock to commit.
CREATE TABLE site_position (
    site_id uuid NOT NULL REFERENCES site,
    class text NOT NULL CHECK (class IN ('config')),
    position bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (site_id, class)
);
CREATE TABLE site_change (
    site_id uuid NOT NULL REFERENCES site,
    class text NOT NULL,
    position bigint NOT NULL,
    key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('put', 'remove')),
    row_version bigint NOT NULL,
    payload bytea,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, class, position)
);
CREATE INDEX site_change_key ON site_change (site_id, class, key, position DESC);
