-- People, their sessions, and how long a guesser waits.

CREATE TABLE account (
    id uuid PRIMARY KEY,
    -- As typed, without blanks around it; compared without case.
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    role text NOT NULL CHECK (role IN ('clinician', 'it')),
    -- True: every site, also those made later. False: the rows of account_site.
    every_site boolean NOT NULL DEFAULT true,
    password_hash text NOT NULL,
    password_changed_at timestamptz NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX account_email ON account (lower(email));

CREATE TABLE account_site (
    account_id uuid NOT NULL REFERENCES account,
    site_id uuid NOT NULL REFERENCES site,
    PRIMARY KEY (account_id, site_id)
);

CREATE TABLE session (
    id uuid PRIMARY KEY,
    -- SHA-256 of the token; the token itself is in the browser's cookie only.
    token_digest bytea NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    account_id uuid NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX session_account ON session (account_id) WHERE ended_at IS NULL;

-- Failed sign-ins: per account and network, per account, and per network.
CREATE TABLE sign_in_failure (
    scope text NOT NULL CHECK (scope IN ('pair', 'account', 'network')),
    -- SHA-256 over what the scope names, so that typed addresses are not kept.
    key bytea NOT NULL CHECK (length(key) = 32),
    failures integer NOT NULL CHECK (failures >= 0),
    last_at timestamptz NOT NULL,
    refused_until timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX sign_in_failure_last ON sign_in_failure (last_at);

-- The list of readings that wait for a person.
CREATE INDEX reading_rejected ON reading (site_id, position DESC) WHERE rejected;
