-- Cards, who is at a workstation now, and which browser stands there.
-- See docs/decisions/0024-workstations.md.

ALTER TABLE site
    -- How long a patient stays the one at a workstation where nothing else ends it.
    ADD COLUMN context_minutes integer NOT NULL DEFAULT 45
        CHECK (context_minutes BETWEEN 5 AND 720),
    -- True: taking the card out ends it at once.
    ADD COLUMN context_ends_with_card boolean NOT NULL DEFAULT false,
    -- True: cards under a test root count, and every page of the site says so.
    ADD COLUMN accepts_test_cards boolean NOT NULL DEFAULT false;

-- Numbers by which others know a patient: sealed, found by a blind index, kept when they change.
CREATE TABLE patient_identifier (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patient,
    kind text NOT NULL CHECK (kind IN ('nationalNumber')),
    sealed_value bytea NOT NULL,
    value_index bytea NOT NULL CHECK (length(value_index) = 16),
    source text NOT NULL CHECK (source IN ('card', 'manual')),
    since timestamptz NOT NULL,
    recorded_by uuid REFERENCES account,
    -- A person's number can change; the old one still finds them.
    ended_at timestamptz
);
CREATE UNIQUE INDEX patient_identifier_value ON patient_identifier (kind, value_index);
CREATE INDEX patient_identifier_patient ON patient_identifier (patient_id, since DESC);

-- Where a patient lives, as somebody or a card said; the newest is in force.
CREATE TABLE patient_address (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patient,
    street text NOT NULL CHECK (length(street) <= 200),
    postal_code text NOT NULL CHECK (length(postal_code) <= 20),
    municipality text NOT NULL CHECK (length(municipality) <= 200),
    source text NOT NULL CHECK (source IN ('card', 'manual')),
    since timestamptz NOT NULL,
    recorded_by uuid REFERENCES account
);
CREATE INDEX patient_address_patient ON patient_address (patient_id, since DESC);

-- One row for each time that a card was put into a reader.
CREATE TABLE card_session (
    id uuid PRIMARY KEY,
    site_id uuid NOT NULL REFERENCES site,
    agent_id uuid NOT NULL REFERENCES agent,
    reader text NOT NULL,
    applet text,
    -- By the Agent's clock, as what devices wrote at that PC.
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text NOT NULL,
    invalid text[] NOT NULL DEFAULT '{}',
    sealed_identity bytea,
    sealed_address bytea,
    sealed_photo bytea,
    number_index bytea,
    -- Who the card turned out to be; settled_by is NULL where its number was known.
    patient_id uuid REFERENCES patient,
    settled_at timestamptz,
    settled_by uuid REFERENCES account,
    received_at timestamptz NOT NULL,
    CHECK ((patient_id IS NULL) = (settled_at IS NULL))
);
CREATE INDEX card_session_agent ON card_session (agent_id, began_at DESC);
CREATE INDEX card_session_patient ON card_session (patient_id) WHERE patient_id IS NOT NULL;

-- Who was at a workstation, from when to when: what readings taken there are evidence for.
CREATE TABLE workstation_context (
    id uuid PRIMARY KEY,
    site_id uuid NOT NULL REFERENCES site,
    agent_id uuid NOT NULL REFERENCES agent,
    patient_id uuid NOT NULL REFERENCES patient,
    how text NOT NULL CHECK (how IN ('card', 'hand')),
    card_session uuid REFERENCES card_session,
    -- By the Agent's clock.
    started_at timestamptz NOT NULL,
    ended_at timestamptz CHECK (ended_at >= started_at),
    end_reason text CHECK (end_reason IN ('removed', 'replaced', 'hand', 'time')),
    set_by uuid REFERENCES account,
    ended_by uuid REFERENCES account,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE UNIQUE INDEX workstation_context_open ON workstation_context (agent_id)
    WHERE ended_at IS NULL;
CREATE INDEX workstation_context_agent ON workstation_context (agent_id, started_at DESC);
CREATE INDEX workstation_context_patient ON workstation_context (patient_id);

-- A code that only the PC itself can fetch, so that no other browser can claim to stand there.
CREATE TABLE workstation_ticket (
    code_digest bytea PRIMARY KEY CHECK (length(code_digest) = 32),
    agent_id uuid NOT NULL REFERENCES agent,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX workstation_ticket_agent ON workstation_ticket (agent_id);

-- Browsers that were told which PC they are on; the cookie holds the token, this its digest.
CREATE TABLE workstation_browser (
    token_digest bytea PRIMARY KEY CHECK (length(token_digest) = 32),
    agent_id uuid NOT NULL REFERENCES agent,
    claimed_at timestamptz NOT NULL,
    claimed_by uuid NOT NULL REFERENCES account,
    ended_at timestamptz
);
CREATE INDEX workstation_browser_agent ON workstation_browser (agent_id) WHERE ended_at IS NULL;

-- Who looked at, or changed, what must not be looked at without a reason.
CREATE TABLE audit_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    account_id uuid REFERENCES account,
    site_id uuid REFERENCES site,
    action text NOT NULL,
    patient_id uuid REFERENCES patient,
    subject uuid
);
CREATE INDEX audit_event_patient ON audit_event (patient_id, id DESC) WHERE patient_id IS NOT NULL;
CREATE RULE audit_event_no_update AS ON UPDATE TO audit_event DO INSTEAD NOTHING;
CREATE RULE audit_event_no_delete AS ON DELETE TO audit_event DO INSTEAD NOTHING;
