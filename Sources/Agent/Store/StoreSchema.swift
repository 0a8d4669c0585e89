import GRDB

/// The tables of the store; migrations are append-only and hold no types of the domain.
enum StoreSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { database in
            try database.execute(sql: version1)
        }
        migrator.registerMigration("v2-commands") { database in
            try database.execute(sql: commands)
        }
        migrator.registerMigration("serial-spool") { database in
            try database.execute(sql: serialSpool)
        }
        migrator.registerMigration("epochs") { database in
            try database.execute(sql: epochs)
        }
        migrator.registerMigration("pulled-rows") { database in
            try database.execute(sql: pulledRows)
        }
        migrator.registerMigration("held-operations") { database in
            try database.execute(sql: heldOperations)
        }
        migrator.registerMigration("clocks") { database in
            try database.execute(sql: clocks)
        }
        migrator.registerMigration("payloads-apart") { database in
            try database.execute(sql: payloadsApart)
        }
        return migrator
    }

    // Instants are milliseconds since 1970; columns called sealed_… hold AES-256-GCM, see Sealer.
    private static let version1 = """
        CREATE TABLE store (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            id BLOB NOT NULL CHECK (length(id) = 16),
            -- Opens with the right key alone: tells a wrong key before anything is written.
            sealed_key_check BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE operation (
            sequence INTEGER PRIMARY KEY,
            epoch INTEGER NOT NULL,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            kind TEXT NOT NULL,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            sealed_payload BLOB NOT NULL,
            chain BLOB NOT NULL CHECK (length(chain) = 32),
            state TEXT NOT NULL CHECK (state IN ('pending', 'applied', 'duplicate', 'quarantined')),
            verdict_code TEXT,
            settled_at INTEGER
        ) STRICT;
        CREATE INDEX operation_pending ON operation (sequence) WHERE state = 'pending';
        CREATE INDEX operation_settled ON operation (settled_at) WHERE settled_at IS NOT NULL;

        -- Where the chain ends; it outlives the operations that retention removes.
        CREATE TABLE outbox_head (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            epoch INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            chain BLOB NOT NULL CHECK (length(chain) = 32)
        ) STRICT;
        INSERT INTO outbox_head VALUES (1, 1, 0, zeroblob(32));

        CREATE TABLE sync_state (
            key TEXT PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT;

        CREATE TABLE document (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
            source TEXT NOT NULL,
            sealed_name BLOB NOT NULL,
            -- The file's size; more than what is kept where is_partial.
            byte_count INTEGER NOT NULL,
            is_partial INTEGER NOT NULL CHECK (is_partial IN (0, 1)),
            captured_at INTEGER NOT NULL,
            modified_at INTEGER,
            state TEXT NOT NULL CHECK (state IN ('captured', 'decoded', 'quarantined')),
            format TEXT,
            decoder_version INTEGER,
            failure_code TEXT,
            failure_detail TEXT,
            failure_at TEXT,
            -- The operation that carries it; its bytes stay until that is settled and old.
            operation BLOB
        ) STRICT;
        CREATE INDEX document_captured ON document (number) WHERE state = 'captured';
        CREATE INDEX document_quarantined ON document (number) WHERE state = 'quarantined';
        CREATE INDEX document_operation ON document (operation) WHERE operation IS NOT NULL;

        CREATE TABLE content (
            document INTEGER PRIMARY KEY REFERENCES document,
            sealed_bytes BLOB NOT NULL
        ) STRICT;

        -- Files that were taken, by a keyed hash of source and path; times are nanoseconds here.
        CREATE TABLE sighting (
            path_key BLOB PRIMARY KEY CHECK (length(path_key) = 16),
            size INTEGER NOT NULL,
            modified_at INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            document INTEGER NOT NULL REFERENCES document
        ) STRICT, WITHOUT ROWID;

        -- Folders whose every file was taken, as they were then.
        CREATE TABLE folder (
            path_key BLOB PRIMARY KEY CHECK (length(path_key) = 16),
            source TEXT NOT NULL,
            modified_at INTEGER NOT NULL,
            newest_at INTEGER NOT NULL,
            contents INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- The first look at each source, and what it found too old to be taken.
        CREATE TABLE source (
            name TEXT PRIMARY KEY,
            history_days INTEGER NOT NULL,
            is_over INTEGER NOT NULL CHECK (is_over IN (0, 1))
        ) STRICT;
        CREATE TABLE history (
            path_key BLOB PRIMARY KEY CHECK (length(path_key) = 16),
            source TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified_at INTEGER NOT NULL,
            inode INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE reading (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            revision INTEGER NOT NULL CHECK (revision > 0),
            changed_at INTEGER NOT NULL,
            -- Empty once retention has removed it; the number of the revision stays.
            sealed_body BLOB
        ) STRICT;
        -- Which readings were made of which bytes, so that a copy of a file tells nothing twice.
        CREATE TABLE reading_document (
            sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
            reading BLOB NOT NULL REFERENCES reading,
            PRIMARY KEY (sha256, reading)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX reading_changed ON reading (changed_at) WHERE sealed_body IS NOT NULL;
        """

    private static let commands = """
        -- What the Hub wants a device of this PC to be given; a row stays for ever, so that no
        -- command is acted on twice, and its payload until the command is over.
        CREATE TABLE command (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            device TEXT NOT NULL,
            kind TEXT NOT NULL,
            position INTEGER NOT NULL,
            fence INTEGER NOT NULL,
            issued_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            -- The Hub's clock less this PC's when it came, in milliseconds.
            clock_offset INTEGER NOT NULL,
            state TEXT NOT NULL,
            code TEXT,
            is_cancelled INTEGER NOT NULL CHECK (is_cancelled IN (0, 1)),
            settled_at INTEGER,
            sealed_payload BLOB CHECK (settled_at IS NULL OR sealed_payload IS NULL),
            -- What the device was given, so that it is not taken for what the device wrote.
            written_sha256 BLOB CHECK (length(written_sha256) = 32)
        ) STRICT;
        CREATE INDEX command_open ON command (position) WHERE settled_at IS NULL;
        CREATE INDEX command_written ON command (written_sha256) WHERE written_sha256 IS NOT NULL;
        CREATE INDEX command_fence ON command (fence);
        """

    // What came over serial ports and is in no document yet; times are milliseconds.
    private static let serialSpool = """
        CREATE TABLE serial_session (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            source TEXT NOT NULL,
            protocol TEXT NOT NULL,
            line TEXT NOT NULL,
            began_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE serial_chunk (
            session BLOB NOT NULL REFERENCES serial_session,
            number INTEGER NOT NULL,
            moment INTEGER NOT NULL,
            sealed_bytes BLOB NOT NULL,
            PRIMARY KEY (session, number)
        ) STRICT, WITHOUT ROWID;
        """

    // The order of operations outlives their numbers: what the Hub lacks is numbered anew in a new
    // epoch, and the rest keeps its old place.
    private static let epochs = """
        CREATE TABLE numbered (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            epoch INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            kind TEXT NOT NULL,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            sealed_payload BLOB NOT NULL,
            chain BLOB NOT NULL CHECK (length(chain) = 32),
            state TEXT NOT NULL CHECK (state IN ('pending', 'applied', 'duplicate', 'quarantined')),
            verdict_code TEXT,
            settled_at INTEGER,
            UNIQUE (epoch, sequence)
        ) STRICT;
        INSERT INTO numbered
            SELECT sequence, epoch, sequence, id, kind, version, created_at, sealed_payload, chain,
                state, verdict_code, settled_at
            FROM operation ORDER BY sequence;
        -- What was removed has used up numbers of the sealing key too: see sealedMessages.
        DELETE FROM sqlite_sequence WHERE name = 'numbered';
        INSERT INTO sqlite_sequence SELECT 'numbered', sequence FROM outbox_head;

        -- Runs of sequences that retention has removed: what a restored Hub cannot be given again.
        CREATE TABLE removed (
            epoch INTEGER NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            PRIMARY KEY (epoch, first)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO removed (epoch, first, last)
            SELECT head.epoch, edge.first, edge.last FROM outbox_head AS head,
                (SELECT lag(sequence, 1, 0) OVER (ORDER BY sequence) + 1 AS first,
                     sequence - 1 AS last FROM operation
                 UNION ALL
                 SELECT coalesce((SELECT max(sequence) FROM operation), 0) + 1,
                     (SELECT sequence FROM outbox_head)) AS edge
            WHERE edge.first <= edge.last;

        DROP TABLE operation;
        ALTER TABLE numbered RENAME TO operation;
        CREATE INDEX operation_pending ON operation (epoch, sequence) WHERE state = 'pending';
        CREATE INDEX operation_settled ON operation (settled_at) WHERE settled_at IS NOT NULL;
        CREATE TRIGGER operation_removed AFTER DELETE ON operation BEGIN
            UPDATE removed SET last = OLD.sequence
                WHERE epoch = OLD.epoch AND last = OLD.sequence - 1;
            INSERT INTO removed (epoch, first, last)
                SELECT OLD.epoch, OLD.sequence, OLD.sequence
                WHERE NOT EXISTS (SELECT 1 FROM removed WHERE epoch = OLD.epoch
                    AND first <= OLD.sequence AND last >= OLD.sequence);
        END;

        -- The operations that the Hub was found to have, while a new epoch is being prepared.
        CREATE TABLE compared (number INTEGER PRIMARY KEY) STRICT;
        """
}
