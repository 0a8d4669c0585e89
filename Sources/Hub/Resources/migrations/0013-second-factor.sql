-- Invitations, second factors, and what is known of a session.

ALTER TABLE account DROP CONSTRAINT account_role_check;
ALTER TABLE account ADD CONSTRAINT account_role_check CHECK (role IN (
    'administrator', 'clinician', 'optometrist', 'assistant', 'lab', 'auditor', 'it'));
-- Null until whoever was invited has chosen one.
ALTER TABLE account ALTER COLUMN password_hash DROP NOT NULL;
ALTER TABLE account ALTER COLUMN password_changed_at DROP NOT NULL;
-- The number under which a prescriber is known to the national health insurance.
ALTER TABLE account ADD COLUMN nihdi text CHECK (nihdi ~ '^[0-9]{11}$');

-- Codes that let a person choose a password: handed over by an administrator.
CREATE TABLE account_code (
    digest bytea PRIMARY KEY CHECK (length(digest) = 32),
    account_id uuid NOT NULL REFERENCES account,
    purpose text NOT NULL CHECK (purpose IN ('invitation', 'reset')),
    -- Null where the command line made it.
    made_by uuid REFERENCES account,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX account_code_account ON account_code (account_id);

-- The authenticator app of a person; its secret is sealed.
CREATE TABLE authenticator_app (
    account_id uuid PRIMARY KEY REFERENCES account,
    secret bytea NOT NULL,
    -- The last step whose code was accepted: no code counts twice.
    last_step bigint NOT NULL,
    confirmed_at timestamptz NOT NULL,
    -- True where the command line set it, and somebody else knows the secret.
    is_given boolean NOT NULL DEFAULT false
);

-- A secret that is shown and not yet confirmed; the one in force stays until then.
CREATE TABLE authenticator_app_offer (
    account_id uuid PRIMARY KEY REFERENCES account,
    secret bytea NOT NULL,
    made_at timestamptz NOT NULL
);

CREATE TABLE recovery_code (
    account_id uuid NOT NULL REFERENCES account,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    made_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (account_id, digest)
);

CREATE TABLE passkey (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account,
    credential_id bytea NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
    -- x and y on P-256.
    public_key bytea NOT NULL CHECK (length(public_key) = 64),
    counter bigint NOT NULL CHECK (counter BETWEEN 0 AND 4294967295),
    may_be_backed_up boolean NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    made_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX passkey_account ON passkey (account_id);

-- What a session's browser was asked to sign; taken away by the first answer.
CREATE TABLE passkey_challenge (
    session_id uuid PRIMARY KEY REFERENCES session,
    challenge bytea NOT NULL CHECK (length(challenge) = 32),
    made_at timestamptz NOT NULL
);

-- When the second factor was last shown; null: the password alone was, and nothing else opens.
-- Sessions of before had none, and end with this.
ALTER TABLE session ADD COLUMN factor_at timestamptz;
ALTER TABLE session ADD COLUMN browser text CHECK (length(browser) <= 200);
ALTER TABLE session ADD COLUMN network text CHECK (length(network) <= 100);
-- True where the person has yet to be told of a browser that is new.
ALTER TABLE session ADD COLUMN has_notice boolean NOT NULL DEFAULT false;

-- Browsers that a person has signed in with, known by a cookie of their own.
CREATE TABLE known_browser (
    account_id uuid NOT NULL REFERENCES account,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    browser text NOT NULL CHECK (length(browser) <= 200),
    network text NOT NULL CHECK (length(network) <= 100),
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    -- When the person said that they know it; null: they are told of it.
    seen_at timestamptz,
    PRIMARY KEY (account_id, digest)
);
