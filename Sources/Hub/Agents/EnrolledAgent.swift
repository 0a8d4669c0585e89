import Postgres
package import Shared

/// An agent as the Hub's agents listener knows it: who it is, and whether it may speak.
package struct EnrolledAgent: Equatable, Sendable {
    package var id: Identifier
    package var site: Identifier
    package var workstation: String
    package var isRevoked: Bool
}

/// The lookup behind every request of an agent.
struct EnrolledAgentStore: Sendable {
    let database: PostgresClient

    /// The agent whose certificate has this public key; nil where the Hub knows none.
    func agent(keyDigest: [UInt8]) async throws -> EnrolledAgent? {
        let rows = try await Scope.door.run {
            try await database.query(
                """
                SELECT id, site_id, workstation, state = 'revoked' AS revoked
                FROM agent WHERE key_digest = \(keyDigest)
                """
            )
        }
        return try rows.first.map { row in
            EnrolledAgent(
                id: try row.decode("id"),
                site: try row.decode("site_id"),
                workstation: try row.decode("workstation"),
                isRevoked: try row.decode("revoked")
            )
        }
    }
}
