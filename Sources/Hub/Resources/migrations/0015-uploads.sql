-- A large document comes in runs of bytes, and goes on where a cut ended it.

CREATE TABLE upload_part (
    agent_id uuid NOT NULL REFERENCES agent,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    total bigint NOT NULL CHECK (total > 0),
    -- Bytes from the beginning that are here without a gap.
    received bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND total),
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (agent_id, sha256)
);
CREATE TABLE upload_run (
    agent_id uuid NOT NULL,
    sha256 bytea NOT NULL,
    start bigint NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (agent_id, sha256, start),
    FOREIGN KEY (agent_id, sha256) REFERENCES upload_part ON DELETE CASCADE
);
CREATE INDEX upload_part_moved ON upload_part (moved_at);
CREATE INDEX upload_received ON upload (received_at);
