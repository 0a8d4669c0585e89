-- Looks beyond a clinician's own sites, in an emergency.

CREATE TABLE emergency_access (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account,
    session_id uuid NOT NULL REFERENCES session,
    site_id uuid NOT NULL REFERENCES site,
    kind text NOT NULL CHECK (kind IN ('treatment', 'colleague', 'request', 'other')),
    reason text NOT NULL CHECK (length(reason) BETWEEN 10 AND 500),
    opened_at timestamptz NOT NULL,
    until timestamptz NOT NULL CHECK (until > opened_at),
    network text NOT NULL CHECK (length(network) <= 100),
    -- When the clinician ended it before its time.
    ended_at timestamptz,
    reviewed_at timestamptz,
    reviewed_by uuid REFERENCES account,
    finding text CHECK (finding IN ('justified', 'unclear', 'unjustified')),
    finding_note text CHECK (length(finding_note) <= 500),
    CHECK ((reviewed_at IS NULL) = (finding IS NULL) AND (reviewed_at IS NULL) = (reviewed_by IS NULL)),
    CHECK (reviewed_by <> account_id)
);
CREATE INDEX emergency_access_account ON emergency_access (account_id, until);
CREATE INDEX emergency_access_unreviewed ON emergency_access (opened_at) WHERE reviewed_at IS NULL;

ALTER TABLE audit_record ADD COLUMN emergency_id uuid
    GENERATED ALWAYS AS ((body::jsonb ->> 'emergency')::uuid) STORED;
CREATE INDEX audit_record_emergency ON audit_record (emergency_id, sequence DESC)
    WHERE emergency_id IS NOT NULL;

ALTER TABLE emergency_access ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON emergency_access USING ((SELECT scope_has('people')));
