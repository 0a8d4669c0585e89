import Logging
import Postgres
import Shared
import Sync

/// How far each agent's replica of a stream is: what compaction waits for, and what went wrong.
struct Replicas: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// An agent that was not heard for this long is not waited for.
    ///
    /// It fetches every row when it comes again. Its certificate can be renewed no longer either.
    static let patience = Duration.seconds(180 * 86400)

    /// Notes that `agent` has applied `stream` up to a position, and removes what nobody needs now.
    func passed(_ position: Int64, stream: String, by agent: EnrolledAgent) async throws {
        let known = try await database.query(
            """
            SELECT FROM agent_cursor WHERE agent_id = \(agent.id) AND class = \(stream)
                AND position = \(position)
            """
        )
        guard known.isEmpty else { return }
        let now = clock.now()
        try await database.withTransaction { connection in
            try await connection.execute(
                """
                INSERT INTO agent_cursor (agent_id, class, position, moved_at)
                VALUES (\(agent.id), \(stream), \(position), \(now))
                ON CONFLICT (agent_id, class) DO UPDATE SET position = EXCLUDED.position,
                    moved_at = EXCLUDED.moved_at
                """
            )
            try await compact(stream, site: agent.site, connection)
        }
    }

    /// Removes the removals that every live agent has applied, and moves the floor over them.
    private func compact(
        _ stream: String,
        site: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        let silent = clock.now().advanced(by: .zero - Self.patience)
        try await connection.execute(
            """
            WITH passed AS (
                SELECT min(agent_cursor.position) AS position
                FROM agent_cursor JOIN agent ON agent.id = agent_cursor.agent_id
                WHERE agent_cursor.class = \(stream) AND agent.site_id = \(site)
                    AND agent.state <> 'revoked'
                    AND coalesce(agent.last_seen_at, agent.enrolled_at) > \(silent)
            ), removed AS (
                DELETE FROM site_change USING passed
                WHERE site_change.site_id = \(site) AND site_change.class = \(stream)
                    AND site_change.kind = 'remove' AND site_change.position <= passed.position
                RETURNING site_change.position
            )
            UPDATE site_position
            SET floor = greatest(floor, (SELECT max(position) FROM removed))
            WHERE site_id = \(site) AND class = \(stream) AND EXISTS (SELECT FROM removed)
            """
        )
    }

    /// Notes that `agent` fetches every row, and why.
    ///
    /// Where it says that its digest is another one, the Hub counts its own rows anew as well: a
    /// digest that was wrong here would be wrong for everybody, for ever.
    ///
    /// - Returns: true where the Hub's own digest was wrong.
    @discardableResult
    func refetches(
        _ stream: String,
        because reason: SnapshotReason,
        by agent: EnrolledAgent
    ) async throws -> Bool {
        let now = clock.now()
        let mismatches = reason == .digest ? 1 : 0
        return try await database.withTransaction { connection in
            try await connection.execute(
                """
                INSERT INTO agent_cursor (agent_id, class, snapshots, digest_mismatches,
                    snapshot_reason, snapshot_at)
                VALUES (\(agent.id), \(stream), 1, \(mismatches), \(reason.rawValue), \(now))
                ON CONFLICT (agent_id, class) DO UPDATE SET
                    snapshots = agent_cursor.snapshots + 1,
                    digest_mismatches = agent_cursor.digest_mismatches + \(mismatches),
                    snapshot_reason = EXCLUDED.snapshot_reason,
                    snapshot_at = EXCLUDED.snapshot_at
                """
            )
            guard reason == .digest else { return false }
            return try await recount(stream, site: agent.site, connection)
        }
    }

    private func recount(
        _ stream: String,
        site: Identifier,
        _ connection: PostgresConnection
    ) async throws -> Bool {
        let held = try await connection.query(
            """
            SELECT row_count, digest FROM site_position
            WHERE site_id = \(site) AND class = \(stream) FOR UPDATE
            """
        )
        guard let kept = try held.first.map({ try Checkpoint($0) }) else { return false }
        let rows = try await connection.query(
            """
            SELECT key, row_version, payload, mark FROM site_change
            WHERE site_id = \(site) AND class = \(stream) AND kind = 'put'
            """
        )
        var counted = Checkpoint()
        for row in rows {
            let key: String = try row.decode("key")
            let mark = Checkpoint.mark(
                key: key,
                rowVersion: try row.decode("row_version"),
                payload: try row.decode("payload", as: [UInt8].self)
            )
            counted.add(mark)
            guard try row.decode("mark", as: Int64.self) != Int64(bitPattern: mark) else {
                continue
            }
            try await connection.execute(
                """
                UPDATE site_change SET mark = \(Int64(bitPattern: mark))
                WHERE site_id = \(site) AND class = \(stream) AND key = \(key)
                """
            )
        }
        guard counted != kept else { return false }
        try await ChangeStore.store(counted, site: site, class: stream, in: connection)
        return true
    }
}
