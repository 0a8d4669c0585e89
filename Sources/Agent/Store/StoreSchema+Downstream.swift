extension StoreSchema {
    // What the Hub sends down. A version of 0 is one that is not known: the first checkpoint is
    // another one then, and every row is fetched with its version.
    static let pulledRows = """
        CREATE TABLE pulled_row (
            class TEXT NOT NULL,
            -- 1 while a snapshot is being fetched beside the rows that count.
            is_shadow INTEGER NOT NULL CHECK (is_shadow IN (0, 1)),
            key TEXT NOT NULL,
            row_version INTEGER NOT NULL,
            -- The 64 bits of Sync/Wire/Checkpoint.swift as they are.
            mark INTEGER NOT NULL,
            -- Empty where the class keeps its content elsewhere.
            payload BLOB,
            PRIMARY KEY (class, is_shadow, key)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO pulled_row
            SELECT 'config', 0, substr(key, 8), 0, 0, value FROM sync_state
            WHERE key GLOB 'config.*';
        DELETE FROM sync_state WHERE key GLOB 'config.*';
        """

    // Operations that have no number yet, since the Hub has no time for their class.
    static let heldOperations = """
        CREATE TABLE held_operation (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            class TEXT NOT NULL CHECK (class IN ('audit', 'telemetry')),
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            kind TEXT NOT NULL,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            sealed_payload BLOB NOT NULL
        ) STRICT;
        CREATE INDEX held_operation_class ON held_operation (class, number);
        CREATE TABLE dropped_count (
            class TEXT PRIMARY KEY CHECK (class = 'telemetry'),
            count INTEGER NOT NULL,
            since INTEGER NOT NULL,
            until INTEGER NOT NULL
        ) STRICT;
        """

    // When an operation was stored, by clocks that nobody sets; empty for older ones.
    static let clocks = """
        ALTER TABLE operation ADD COLUMN hlc INTEGER;
        ALTER TABLE operation ADD COLUMN boot BLOB;
        ALTER TABLE operation ADD COLUMN mono INTEGER;
        CREATE TABLE hybrid_clock (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            high INTEGER NOT NULL
        ) STRICT;
        INSERT INTO hybrid_clock VALUES (1, 0);
        """

    // A payload apart from its operation: beside it, each verdict wrote it to the disk once more. What
    // was stored before keeps its payload in the row until retention takes both, for moving all would
    // need their room twice.
    static let payloadsApart = """
        CREATE TABLE payload (
            -- The operation's number.
            operation INTEGER PRIMARY KEY,
            sealed BLOB NOT NULL
        ) STRICT;
        CREATE TRIGGER operation_payload_removed AFTER DELETE ON operation BEGIN
            DELETE FROM payload WHERE operation = OLD.number;
        END;
        CREATE VIEW whole_operation AS
            SELECT operation.*, coalesce(payload.sealed, operation.sealed_payload) AS sealed
            FROM operation LEFT JOIN payload ON payload.operation = operation.number;
        """
}
