-- Programs that read here with a token, and what of the audit is about them.

CREATE TABLE program (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- Names of permissions in the code; one that the code does not know any more allows nothing.
    permissions text[] NOT NULL CHECK (cardinality(permissions) > 0),
    -- True: every site, also those made later. False: the rows of program_site.
    every_site boolean NOT NULL,
    made_at timestamptz NOT NULL,
    -- Null where the command line made it.
    made_by uuid REFERENCES account,
    -- None of its tokens opens anything any more.
    ended_at timestamptz,
    ended_by uuid REFERENCES account,
    end_cause text CHECK (end_cause IN ('revoked', 'reused')),
    -- When an administrator said that they know why it ended; until then they are told.
    end_seen_at timestamptz,
    CHECK ((ended_at IS NULL) = (end_cause IS NULL))
);
CREATE UNIQUE INDEX program_name ON program (lower(name)) WHERE ended_at IS NULL;

CREATE TABLE program_site (
    program_id uuid NOT NULL REFERENCES program,
    site_id uuid NOT NULL REFERENCES site,
    PRIMARY KEY (program_id, site_id)
);

-- The tokens of a program, one after the other.
CREATE TABLE program_token (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL REFERENCES program,
    generation integer NOT NULL CHECK (generation > 0),
    -- SHA-256 of the token; the token itself is with the program only.
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    made_at timestamptz NOT NULL,
    made_by uuid REFERENCES account,
    -- Null: a clinician has yet to let it in.
    approved_at timestamptz,
    approved_by uuid REFERENCES account,
    expires_at timestamptz NOT NULL,
    -- Until when it goes on beside its successor; null where it has none.
    overlap_until timestamptz,
    first_used_at timestamptz,
    last_used_at timestamptz,
    last_network text CHECK (length(last_network) <= 100),
    UNIQUE (program_id, generation)
);
CREATE INDEX program_token_waiting ON program_token (made_at) WHERE approved_at IS NULL;

-- Which program did what.
ALTER TABLE audit_record ADD COLUMN program_id uuid
    GENERATED ALWAYS AS ((body::jsonb ->> 'program')::uuid) STORED;
CREATE INDEX audit_record_program ON audit_record (program_id, sequence DESC)
    WHERE program_id IS NOT NULL;
