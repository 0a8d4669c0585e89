package import Postgres
package import Shared
import Sync

/// What goes down to the agents of a site: rows by key, numbered without gaps per class.
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
            RETURNING position
            """
        )
        guard let position = try rows.first?.decode("position", as: Int64.self) else { return }
        try await connection.execute(
            """
            INSERT INTO site_change (site_id, class, position, key, kind, row_version, payload)
            SELECT \(site), \(name), \(position), \(key), \(payload == nil ? "remove" : "put"),
                coalesce(max(row_version), 0) + 1, \(payload)
            FROM site_change WHERE site_id = \(site) AND class = \(name) AND key = \(key)
            """
        )
        try await connection.execute(
            "SELECT pg_notify('change', \("\(site)/\(name)/\(position)"))"
        )
    }

    /// The newest row of each key behind a position, as one page.
    func page(
        site: Identifier,
        class name: String,
        after position: Int64,
        hub: Identifier,
        now: Instant
    ) async throws -> PullReply {
        let limit = SyncLimits.changesPerPull
        let rows = try await database.query(
            """
            SELECT position, key, kind, row_version, payload FROM site_change AS change
            WHERE site_id = \(site) AND class = \(name) AND position > \(position)
                AND NOT EXISTS (
                    SELECT FROM site_change AS later
                    WHERE later.site_id = change.site_id AND later.class = change.class
                        AND later.key = change.key AND later.position > change.position)
            ORDER BY position LIMIT \(limit + 1)
            """
        )
        let changes = try rows.prefix(limit).map { row in
            let payload: [UInt8]? = try row.decode("payload")
            return PullReply.Change(
                position: try row.decode("position"),
                key: try row.decode("key"),
                kind: try row.decode("kind", as: String.self) == "put" ? .put : .remove,
                rowVersion: try row.decode("row_version"),
                payload: payload.map { String(decoding: $0, as: UTF8.self) }
            )
        }
        return PullReply(
            changes: changes,
            position: changes.last?.position ?? position,
            more: rows.count > limit,
            hub: hub,
            serverTime: now
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
        return try rows.first?.decode("payload")
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
