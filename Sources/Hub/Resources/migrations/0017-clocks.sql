-- When facts were stored, by clocks that nobody sets: for display, never for order.

ALTER TABLE operation ADD COLUMN hlc bigint,
    ADD COLUMN boot_id uuid,
    ADD COLUMN mono_ms bigint;

-- What has to be added to captured_at to have the Hub's clock; null where the PC's clock was good to
-- two seconds, or where it is not known. captured_at itself stays what the PC said.
ALTER TABLE reading ADD COLUMN clock_correction_ms bigint;

-- How each agent's clock stood: at most one row per agent and hour, unless it moved.
CREATE TABLE agent_clock (
    agent_id uuid NOT NULL REFERENCES agent,
    at timestamptz NOT NULL,
    -- The Hub's clock less the agent's.
    offset_ms bigint NOT NULL,
    round_trip_ms bigint NOT NULL,
    PRIMARY KEY (agent_id, at)
);
