-- Mails that wait, were sent, or could not be: written with what they tell of, in one transaction.
CREATE TABLE mail_message (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('invitation', 'passwordReset', 'passwordChanged',
        'newBrowser', 'factorRemoval', 'auditCheckpoint')),
    -- Whom it is for; null where the configuration names an address.
    account_id uuid REFERENCES account,
    recipient text NOT NULL CHECK (length(recipient) BETWEEN 3 AND 254),
    -- The letter, sealed: it may hold a code. Null once it is sent or given up.
    content bytea,
    made_at timestamptz NOT NULL,
    -- When it is tried next; while it is being sent, when another may take it over.
    due_at timestamptz NOT NULL,
    -- When it is given up.
    expires_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- A word for why the last try failed: `recipient-550`.
    failure text CHECK (length(failure) BETWEEN 1 AND 60),
    -- When the server took it.
    sent_at timestamptz,
    -- When there was nothing more to do: sent, given up, or withdrawn with its code.
    ended_at timestamptz,
    CHECK ((ended_at IS NULL) = (content IS NOT NULL)),
    CHECK (sent_at IS NULL OR ended_at IS NOT NULL)
);
CREATE INDEX mail_message_waiting ON mail_message (due_at) WHERE ended_at IS NULL;
CREATE INDEX mail_message_account ON mail_message (account_id, made_at DESC);
CREATE INDEX mail_message_kind ON mail_message (kind, made_at DESC);

ALTER TABLE mail_message ENABLE ROW LEVEL SECURITY;
-- Put there where people sign in and are administered, sent by the Hub itself.
CREATE POLICY scope ON mail_message
    USING ((SELECT scope_has('people')) OR (SELECT scope_has('hub')));
