-- The keys that fields are sealed under, each wrapped with the installation's key, which is not here.

CREATE TABLE data_key (
    purpose text NOT NULL CHECK (purpose IN ('field', 'index', 'envelope')),
    version integer NOT NULL CHECK (version > 0),
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL,
    -- What was sealed under it at most: every start of the Hub counts its share ahead.
    messages bigint NOT NULL DEFAULT 0 CHECK (messages >= 0),
    PRIMARY KEY (purpose, version)
);
