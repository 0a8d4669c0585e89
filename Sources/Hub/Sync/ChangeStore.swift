package import Postgres
package import Shared
import Sync

/// What goes down to the agents of a site: rows by key, numbered without gaps per class.
///
/// Of each key only the newest change is kept; the removal of one until every agent has passed it.
package struct ChangeStore: Sendable {
    let database: PostgresClient

    /// Takes the database.
    package init(database: PostgresClient) {
        self.database = database
    }

    /// The classes that exist.
    static let classes: Set<String> = ["config", "work"]

    /// Where a class stands for an agent: its site's, or the agent's own.
    static func stream(of name: String, for agent: EnrolledAgent) -> String {
        name == "work" ? DeviceCommandStore.stream(of: agent.id) : name
    }

    /// Puts a row and wakes the agents of the site at commit.
    ///
    /// The position's row stays locked to commit, so that no agent can pass a position that
    /// appears later.
    package func put(
        site: Identifier,
        class name: String,
        key: String,
        payload: [UInt8]
    ) async throws {
        try await database.withTransaction { connection in
            try await Self.write(
                site: site,
                class: name,
                key: key,
                payload: payload,
                in: connection
            )
        }
    }

    /// The same within a transaction of the caller's; without a payload the row is removed.
    static func write(
        site: Identifier,
        class name: String,
        key: String,
        payload: [UInt8]?,
        in connection: PostgresConnection
    ) async throws {
        let rows = try await connection.query(
            """
            INSERT INTO site_position (site_id, class, position) VALUES (\(site), \(name), 1)
            ON CONFLICT (site_id, class) DO UPDATE SET position = site_position.position + 1
            RETURNING position, row_count, digest
            """
        )
        guard let row = rows.first else { return }
        let position: Int64 = try row.decode("position")
        var checkpoint = try Checkpoint(row)
        let replaced = try await connection.query(
            """
            DELETE FROM site_change
            WHERE site_id = \(site) AND class = \(name) AND key = \(key)
            RETURNING row_version, mark
            """
        ).first
        if let mark = try replaced?.decode("mark", as: Int64?.self) {
            checkpoint.remove(UInt64(bitPattern: mark))
        }
        let version = try replaced.map { try $0.decode("row_version", as: Int64.self) + 1 } ?? 1
        let mark = payload.map { Checkpoint.mark(key: key, rowVersion: version, payload: $0) }
        if let mark { checkpoint.add(mark) }
        try await connection.execute(
            """
            INSERT INTO site_change (site_id, class, position, key, kind, row_version, payload,
                mark)
            VALUES (\(site), \(name), \(position), \(key), \(payload == nil ? "remove" : "put"),
                \(version), \(payload), \(mark.map { Int64(bitPattern: $0) }))
            """
        )
        try await Self.store(checkpoint, site: site, class: name, in: connection)
        try await connection.execute(
            "SELECT pg_notify('change', \("\(site)/\(name)/\(position)"))"
        )
    }

    /// Keeps what the replicas of a class should hold from now on.
    static func store(
        _ checkpoint: Checkpoint,
        site: Identifier,
        class name: String,
        in connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            UPDATE site_position SET row_count = \(checkpoint.rows),
                digest = \(Int64(bitPattern: checkpoint.digest))
            WHERE site_id = \(site) AND class = \(name)
            """
        )
    }

    /// The newest payload of a key; nil where it was never put or is gone.
    func payload(
        of key: String,
        site: Identifier,
        class name: String
    ) async throws -> [UInt8]? {
        let rows = try await database.query(
            """
            SELECT payload FROM site_change
            WHERE site_id = \(site) AND class = \(name) AND key = \(key)
            ORDER BY position DESC LIMIT 1
            """
        )
        return try rows.first?.decode("payload", as: [UInt8]?.self)
    }

    /// The newest payload of a key at whatever site.
    func anyPayload(of key: String, class name: String) async throws -> [UInt8]? {
        let rows = try await database.query(
            """
            SELECT payload FROM site_change WHERE class = \(name) AND key = \(key)
            ORDER BY changed_at DESC LIMIT 1
            """
        )
        return try rows.first?.decode("payload", as: [UInt8]?.self)
    }

    /// Where a class of a site stands; 0 where nothing was ever put.
    func position(site: Identifier, class name: String) async throws -> Int64 {
        let rows = try await database.query(
            "SELECT position FROM site_position WHERE site_id = \(site) AND class = \(name)"
        )
        return try rows.first?.decode("position") ?? 0
    }
}

extension Checkpoint {
    /// The columns `row_count` and `digest` of `site_position`.
    init(_ row: PostgresRow) throws {
        self.init(
            rows: try row.decode("row_count"),
            digest: UInt64(bitPattern: try row.decode("digest", as: Int64.self))
        )
    }
}
