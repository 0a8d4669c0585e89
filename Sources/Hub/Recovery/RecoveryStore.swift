import Postgres
import Shared
import Sync

/// What the Hub does when its database turns out to be older than it was, within a transaction.
struct RecoveryLog: Sendable {
    let connection: PostgresConnection
    let clock: WallClock

    /// What found it out.
    enum Cause: String, Sendable {
        case witness, agent
    }

    /// Begins a recovery: another instance, a higher fence, and no command that was not answered.
    ///
    /// - Parameters:
    ///   - cause: what found it out.
    ///   - fence: the highest that is known from outside of this database.
    ///   - expected: how far the witness says that the Hub was.
    /// - Throws: `PostgresError`.
    func begin(
        _ cause: Cause,
        fence: Int64?,
        expected: [Identifier: Witness.Mark] = [:]
    ) async throws {
        let now = clock.now()
        let rows = try await connection.query(
            """
            UPDATE hub SET instance = gen_random_uuid(),
                command_fence = greatest(command_fence, \(fence ?? 0)) + 1
            RETURNING instance, command_fence
            """
        )
        guard let row = rows.first else { throw PostgresError.undecodable }
        let instance: Identifier = try row.decode("instance")
        let raised: Int64 = try row.decode("command_fence")
        let marks = expected.map { $0 }
        try await connection.execute(
            """
            WITH begun AS (
                INSERT INTO recovery (cause, instance, fence, started_at)
                VALUES (\(cause.rawValue), \(instance), \(raised), \(now)) RETURNING number
            )
            INSERT INTO recovery_agent (recovery, agent_id, expected_epoch, expected_applied)
            SELECT begun.number, agent.id, mark.epoch, mark.applied
            FROM begun, agent LEFT JOIN unnest(
                \(marks.map(\.key.description))::text[]::uuid[],
                \(marks.map { Int64($0.value.epoch) })::bigint[],
                \(marks.map(\.value.applied))::bigint[]) AS mark (id, epoch, applied)
                ON mark.id = agent.id
            WHERE agent.state = 'active'
            """
        )
        try await withdrawCommands(now)
    }

    /// An Agent has proved that the Hub is older than it was; that is known where the last
    /// recovery waits for that very Agent.
    func noticed(by agent: Identifier, fence: Int64?) async throws {
        // It concerns every site.
        try await Scope.hub.run(in: connection) {
            // One of several who prove it at once begins; the others find it begun.
            _ = try await connection.query("SELECT FROM hub FOR UPDATE")
            let rows = try await connection.query(
                """
                SELECT FROM recovery_agent
                WHERE recovery = (SELECT max(number) FROM recovery) AND agent_id = \(agent)
                    AND completed_at IS NULL
                """
            )
            guard rows.isEmpty else { return }
            try await begin(.agent, fence: fence)
        }
    }

    /// Notes that an Agent was heard, how much came from it, and whether that is everything.
    func heard(_ agent: Identifier, recovered: Int = 0, isComplete: Bool) async throws {
        try await connection.execute(
            hearing(agent, recovered: recovered, isComplete: isComplete)
        )
    }

    /// The statement that notes it.
    func hearing(_ agent: Identifier, recovered: Int, isComplete: Bool) -> PostgresQuery {
        let now = clock.now()
        return """
            UPDATE recovery_agent SET heard_at = coalesce(heard_at, \(now)),
                recovered = recovered + \(Int64(recovered)),
                completed_at = CASE WHEN \(isComplete) THEN \(now)::timestamptz END
            WHERE recovery = (SELECT max(number) FROM recovery) AND agent_id = \(agent)
                AND completed_at IS NULL
            """
    }

    /// Gives what was sent and not answered to no device any more: nobody knows whether it was.
    ///
    /// An answer that a PC still gives counts.
    private func withdrawCommands(_ now: Instant) async throws {
        let rows = try await connection.query(
            """
            UPDATE device_command SET state = 'refused', code = 'fenceOld', settled_at = \(now)
            WHERE settled_at IS NULL RETURNING id, site_id, agent_id
            """
        )
        for row in rows {
            try await DeviceCommandStore.withdraw(
                [try row.decode("id")],
                site: try row.decode("site_id"),
                agent: try row.decode("agent_id"),
                connection
            )
        }
    }
}

/// How the last recovery stands.
struct RecoveryStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// Whether commands for devices of a site wait: not everybody who is there has sent again what
    /// the Hub lost.
    func pausesCommands(site: Identifier) async throws -> Bool {
        let rows = try await database.query(
            """
            SELECT started_at, heard_at IS NOT NULL AS heard, completed_at IS NOT NULL AS complete
            FROM recovery JOIN recovery_agent ON recovery = number
                JOIN agent ON agent.id = agent_id
            WHERE number = (SELECT max(number) FROM recovery) AND agent.site_id = \(site)
                AND agent.state = 'active'
            """
        )
        guard let first = rows.first else { return false }
        let recovery = Recovery(
            startedAt: try first.decode("started_at"),
            agents: try rows.map { row in
                Recovery.Participant(
                    isHeard: try row.decode("heard"),
                    isComplete: try row.decode("complete")
                )
            }
        )
        return !recovery.isOver(at: clock.now())
    }
}

extension PostgresConnection {
    /// The Hub's own identifier as it is now; it changes where the database was restored.
    func hubInstance() async throws -> Identifier {
        try Self.hubInstance(in: try await query(Self.hubInstance))
    }

    /// The statement that asks for it.
    static let hubInstance: PostgresQuery = "SELECT instance FROM hub"

    /// Reads what that statement gave.
    static func hubInstance(in rows: [PostgresRow]) throws -> Identifier {
        guard let row = rows.first else { throw PostgresError.undecodable }
        return try row.decode("instance")
    }
}
