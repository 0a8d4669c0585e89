package import Postgres
package import Shared

/// The agents as an administrator handles them.
package struct AgentRegister: Sendable {
    let database: PostgresClient

    /// Takes the database.
    package init(database: PostgresClient) {
        self.database = database
    }

    /// One agent of the list.
    package struct Entry: Equatable, Sendable {
        package let id: Identifier
        /// `active` or `revoked`.
        package let state: String
        package let site: String
        package let workstation: String
        package let lastSeenAt: Instant?
    }

    /// Every agent, by site and workstation.
    package func all() async throws -> [Entry] {
        let rows = try await database.query(
            """
            SELECT agent.id, state, site.name AS site, workstation, last_seen_at
            FROM agent JOIN site ON site.id = site_id ORDER BY site.name, workstation, agent.id
            """
        )
        return try rows.map { row in
            Entry(
                id: try row.decode("id"),
                state: try row.decode("state"),
                site: try row.decode("site"),
                workstation: try row.decode("workstation"),
                lastSeenAt: try row.decode("last_seen_at")
            )
        }
    }

    /// Shuts an agent out; false where none that may speak has the identifier.
    package func revoke(_ agent: Identifier) async throws -> Bool {
        try await database.execute(
            "UPDATE agent SET state = 'revoked' WHERE id = \(agent) AND state = 'active'"
        ) == 1
    }
}
