-- Epochs, copies of a PC, and what follows a restore: see docs/decisions/0026-epochs.md.

ALTER TABLE agent_epoch DROP CONSTRAINT agent_epoch_reason_check;
UPDATE agent_epoch SET reason = CASE reason WHEN 'enrol' THEN 'enrolled' WHEN 'clone' THEN 'cloned'
    WHEN 'databaseLost' THEN 'storeLost' ELSE reason END;
ALTER TABLE agent_epoch ADD CONSTRAINT agent_epoch_reason_check
    CHECK (reason IN ('enrolled', 'rewound', 'forked', 'cloned', 'storeLost', 'hole',
        'hubRestored', 'manual'));

-- Who speaks for the agent: one process of one installation; see Sync/Hub/HubLedger.swift.
ALTER TABLE agent ADD COLUMN speaker jsonb;
-- What the Agent said at its last session.
ALTER TABLE agent ADD COLUMN suspicion text;
ALTER TABLE agent ADD COLUMN retained_since timestamptz;

-- An operation counts once, whatever numbers it was given: two copies of a disk hold the same ones.
CREATE UNIQUE INDEX operation_once ON operation (id) WHERE verdict <> 'duplicate';

-- Acknowledged operations that neither the Hub nor the PC has any more.
CREATE TABLE agent_hole (
    agent_id uuid NOT NULL REFERENCES agent,
    epoch integer NOT NULL,
    first bigint NOT NULL CHECK (first > 0),
    last bigint NOT NULL CHECK (last >= first),
    told_at timestamptz NOT NULL,
    PRIMARY KEY (agent_id, epoch, first)
);

-- Each time that this database was found to be older than it had been.
CREATE TABLE recovery (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The Hub's own file, or an Agent that proved it.
    cause text NOT NULL CHECK (cause IN ('witness', 'agent')),
    -- What the Hub called itself from then on.
    instance uuid NOT NULL,
    fence bigint NOT NULL,
    started_at timestamptz NOT NULL
);
CREATE TABLE recovery_agent (
    recovery bigint NOT NULL REFERENCES recovery,
    agent_id uuid NOT NULL REFERENCES agent,
    -- How far the witness says that the Hub was.
    expected_epoch integer,
    expected_applied bigint,
    heard_at timestamptz,
    completed_at timestamptz,
    -- Operations that came between the two.
    recovered bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (recovery, agent_id)
);

-- A PC that was taken for a copy of an agent, and asks to be one of its own.
CREATE TABLE agent_claim (
    id uuid PRIMARY KEY,
    -- SHA-256 over the public key that it offers.
    key_digest bytea NOT NULL UNIQUE CHECK (length(key_digest) = 32),
    -- Whose certificate it presented.
    agent_id uuid NOT NULL REFERENCES agent,
    installation jsonb NOT NULL,
    workstation text NOT NULL,
    software text NOT NULL,
    pending bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    last_asked_at timestamptz NOT NULL,
    decision text NOT NULL DEFAULT 'waiting'
        CHECK (decision IN ('waiting', 'approved', 'samePC', 'rejected')),
    decided_by uuid REFERENCES account,
    decided_at timestamptz,
    -- The agent that it became, and its certificate, until it has fetched it.
    became uuid REFERENCES agent,
    certificate text,
    CHECK ((decision = 'waiting') = (decided_at IS NULL))
);
CREATE INDEX agent_claim_agent ON agent_claim (agent_id);
