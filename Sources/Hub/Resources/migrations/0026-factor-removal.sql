-- An administrator's wish to take away somebody's second factors; one at a time for each person.
CREATE TABLE factor_removal (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account,
    asked_by uuid NOT NULL REFERENCES account,
    asked_at timestamptz NOT NULL,
    -- From when it may be done without a second administrator.
    ripe_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by uuid REFERENCES account,
    outcome text CHECK (outcome IN ('agreed', 'waited', 'objected', 'withdrawn')),
    CHECK (asked_by <> account_id),
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX factor_removal_open ON factor_removal (account_id) WHERE ended_at IS NULL;

ALTER TABLE factor_removal ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON factor_removal USING ((SELECT scope_has('people')));
