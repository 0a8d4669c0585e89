import Postgres
import Shared

/// Which browser stands at which PC.
struct WorkstationStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// A PC as a browser that stands there knows it.
    struct Workstation: Sendable, Equatable {
        let agent: Identifier
        let site: Identifier
        let name: String
        /// The Hub's clock minus the Agent's.
        let clockOffset: Duration

        /// An instant of the Hub's, by the Agent's clock.
        func agentTime(_ instant: Instant) -> Instant {
            instant.advanced(by: .zero - clockOffset)
        }
    }

    /// Makes a code for the PC of an agent; the older ones count no more.
    func makeCode(for agent: Identifier) async throws -> WorkstationCode {
        var random = SystemRandomNumberGenerator()
        let code = WorkstationCode(random: &random)
        let expiry = clock.now().advanced(by: WorkstationCode.lifetime)
        try await database.withTransaction { connection in
            try await connection.execute(
                "DELETE FROM workstation_ticket WHERE agent_id = \(agent)"
            )
            try await connection.execute(
                """
                INSERT INTO workstation_ticket (code_digest, agent_id, expires_at)
                VALUES (\(code.digest), \(agent), \(expiry))
                """
            )
        }
        return code
    }

    /// The PC that a code was made for, where the code is still good; it is not used up.
    func workstation(code: WorkstationCode, sites: [Site]) async throws -> Workstation? {
        let rows = try await database.query(
            """
            SELECT agent.id, agent.site_id, agent.workstation, agent.clock_offset_ms
            FROM workstation_ticket AS ticket JOIN agent ON agent.id = ticket.agent_id
            WHERE ticket.code_digest = \(code.digest) AND ticket.used_at IS NULL
                AND ticket.expires_at > \(clock.now()) AND agent.state = 'active'
                AND agent.site_id = ANY(\(sites.map(\.id))::uuid[])
            """
        )
        return try rows.first.map(Self.workstation)
    }

    /// Uses a code up and answers the token for the browser's cookie; nil where it is not good.
    func claim(
        _ code: WorkstationCode,
        sites: [Site],
        by account: Identifier
    ) async throws -> SessionToken? {
        var random = SystemRandomNumberGenerator()
        let token = SessionToken(random: &random)
        let now = clock.now()
        let rows = try await database.query(
            """
            WITH used AS (
                UPDATE workstation_ticket AS ticket SET used_at = \(now)
                FROM agent WHERE agent.id = ticket.agent_id AND agent.state = 'active'
                    AND agent.site_id = ANY(\(sites.map(\.id))::uuid[])
                    AND ticket.code_digest = \(code.digest) AND ticket.used_at IS NULL
                    AND ticket.expires_at > \(now)
                RETURNING ticket.agent_id
            )
            INSERT INTO workstation_browser (token_digest, agent_id, claimed_at, claimed_by)
            SELECT \(token.digest), agent_id, \(now), \(account) FROM used RETURNING agent_id
            """
        )
        return rows.isEmpty ? nil : token
    }

    /// The PC that a browser's cookie names; nil where it was let go, or the PC is none any more.
    func workstation(token: SessionToken, sites: [Site]) async throws -> Workstation? {
        let rows = try await database.query(
            """
            SELECT agent.id, agent.site_id, agent.workstation, agent.clock_offset_ms
            FROM workstation_browser AS browser JOIN agent ON agent.id = browser.agent_id
            WHERE browser.token_digest = \(token.digest) AND browser.ended_at IS NULL
                AND agent.state = 'active' AND agent.site_id = ANY(\(sites.map(\.id))::uuid[])
            """
        )
        return try rows.first.map(Self.workstation)
    }

    /// The browser stands nowhere any more.
    func release(_ token: SessionToken) async throws {
        try await database.execute(
            """
            UPDATE workstation_browser SET ended_at = \(clock.now())
            WHERE token_digest = \(token.digest) AND ended_at IS NULL
            """
        )
    }

    private static func workstation(_ row: PostgresRow) throws -> Workstation {
        let offset: Int64? = try row.decode("clock_offset_ms")
        return Workstation(
            agent: try row.decode("id"),
            site: try row.decode("site_id"),
            name: try row.decode("workstation"),
            clockOffset: .milliseconds(offset ?? 0)
        )
    }
}
