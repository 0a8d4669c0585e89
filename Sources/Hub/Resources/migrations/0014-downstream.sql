-- What goes down to agents: checkpoints, snapshots, and compaction.

-- How many rows each class has, the sum of their marks (see Sync/Wire/Checkpoint.swift; a bigint
-- holds the 64 bits as they are), and the last position whose removal is no longer kept.
ALTER TABLE site_position ADD COLUMN row_count bigint NOT NULL DEFAULT 0,
    ADD COLUMN digest bigint NOT NULL DEFAULT 0,
    ADD COLUMN floor bigint NOT NULL DEFAULT 0;

-- Only the newest change of a key is ever sent; from here on only that one is kept.
DELETE FROM site_change AS change USING site_change AS later
WHERE later.site_id = change.site_id AND later.class = change.class AND later.key = change.key
    AND later.position > change.position;

ALTER TABLE site_change ADD COLUMN mark bigint;
UPDATE site_change SET mark = ('x' || encode(substring(sha256(
        int4send(octet_length(convert_to(key, 'UTF8'))) || convert_to(key, 'UTF8')
            || int8send(row_version) || payload) FROM 1 FOR 8), 'hex'))::bit(64)::bigint
WHERE kind = 'put';
ALTER TABLE site_change ADD CONSTRAINT site_change_mark_check
    CHECK ((kind = 'put') = (mark IS NOT NULL) AND (kind = 'put') = (payload IS NOT NULL));

UPDATE site_position SET row_count = counted.rows, digest = counted.digest
FROM (
    SELECT site_id, class, count(*) AS rows,
        -- The sum modulo 2^64, brought back into a bigint's range.
        (mod(mod(sum(mark::numeric), 18446744073709551616) + 27670116110564327424,
            18446744073709551616) - 9223372036854775808)::bigint AS digest
    FROM site_change WHERE kind = 'put' GROUP BY site_id, class
) AS counted
WHERE counted.site_id = site_position.site_id AND counted.class = site_position.class;

-- A snapshot goes by the bytes of the keys, whatever the database's collation.
CREATE INDEX site_change_snapshot ON site_change (site_id, class, key COLLATE "C")
    WHERE kind = 'put';
CREATE INDEX site_change_removed ON site_change (site_id, class, position)
    WHERE kind = 'remove';

-- How far each agent has applied each stream, and what it had to fetch whole.
CREATE TABLE agent_cursor (
    agent_id uuid NOT NULL REFERENCES agent,
    class text NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    moved_at timestamptz NOT NULL DEFAULT now(),
    snapshots integer NOT NULL DEFAULT 0,
    digest_mismatches integer NOT NULL DEFAULT 0,
    snapshot_reason text,
    snapshot_at timestamptz,
    PRIMARY KEY (agent_id, class)
);
