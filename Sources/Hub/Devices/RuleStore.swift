import Postgres
import Shared
import Sync

/// The rules by which the PCs of a site serve adapters and media.
struct RuleStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// As many as a site may have; Agents match every adapter against each.
    static let mostRules = 200

    /// A rule in force.
    struct Entry: Sendable {
        let id: Identifier
        /// Nil where a newer Hub wrote it.
        let rule: DeviceRule?
        let by: String
        let at: Instant
    }

    /// There are `mostRules` already.
    struct TooMany: Error {}

    /// The rules in force, newest first.
    func rules(of site: Identifier) async throws -> [Entry] {
        let rows = try await database.query(
            """
            SELECT device_rule.id, body::text AS body, account.name, device_rule.created_at
            FROM device_rule JOIN account ON account.id = device_rule.created_by
            WHERE site_id = \(site) AND removed_at IS NULL
            ORDER BY device_rule.created_at DESC, device_rule.id LIMIT \(Self.mostRules)
            """
        )
        return try rows.map { row in
            Entry(
                id: try row.decode("id"),
                rule: try? JSON.decode(
                    DeviceRule.self,
                    from: Array(row.decode("body", as: String.self).utf8)
                ),
                by: try row.decode("name"),
                at: try row.decode("created_at")
            )
        }
    }

    /// Adds a rule and tells the site's agents.
    ///
    /// Throws `TooMany`.
    func add(_ rule: DeviceRule, site: Identifier, by account: Identifier) async throws {
        let body = try JSON.encode(rule)
        try await database.withTransaction { connection in
            // Held to commit, so that two at once cannot both be the last that fits.
            try await connection.execute("SELECT FROM site WHERE id = \(site) FOR UPDATE")
            let rows = try await connection.query(
                """
                SELECT count(*) AS count FROM device_rule
                WHERE site_id = \(site) AND removed_at IS NULL
                """
            )
            guard try rows.first?.decode("count", as: Int.self) ?? 0 < Self.mostRules else {
                throw TooMany()
            }
            try await connection.execute(
                """
                INSERT INTO device_rule (id, site_id, body, created_by, created_at)
                VALUES (\(rule.id), \(site), \(String(decoding: body, as: UTF8.self))::jsonb,
                    \(account), \(clock.now()))
                """
            )
            try await publish(rule.id, body, site, connection)
        }
    }

    /// Removes a rule, which stays as history; false where the site has none such in force.
    func remove(
        _ rule: Identifier,
        site: Identifier,
        by account: Identifier
    ) async throws -> Bool {
        try await database.withTransaction { connection in
            let removed = try await connection.execute(
                """
                UPDATE device_rule SET removed_by = \(account), removed_at = \(clock.now())
                WHERE id = \(rule) AND site_id = \(site) AND removed_at IS NULL
                """
            )
            guard removed == 1 else { return false }
            try await publish(rule, nil, site, connection)
            return true
        }
    }

    private func publish(
        _ rule: Identifier,
        _ body: [UInt8]?,
        _ site: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        try await ChangeStore.write(
            site: site,
            class: "config",
            key: "\(DeviceRule.keyPrefix)\(rule)",
            payload: body,
            in: connection
        )
    }
}
