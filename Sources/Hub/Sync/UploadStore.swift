import Postgres
import Shared
import Sync

/// Documents that come ahead of their operations, whole or in runs of bytes.
///
/// Nothing is used before its digest was verified. What is unfinished is bounded per agent, and
/// whatever nobody asked for in a week is removed: an agent that needs it is told and sends it anew.
struct UploadStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// How long bytes wait for the rest of them, or for their operation.
    static let patience = Duration.seconds(7 * 86400)

    /// How much of a document is here.
    func state(of digest: Digest256, for agent: EnrolledAgent) async throws -> UploadReply {
        try await database.withTransaction { connection in
            try await Self.state(of: digest, agent, connection)
        }
    }

    /// Stores bytes whose digest has been checked; doing it twice is doing it once.
    func store(_ content: [UInt8], digest: Digest256, agent: EnrolledAgent) async throws {
        try await database.withTransaction { connection in
            try await store(content, digest, agent, connection)
        }
    }

    /// Adds a run of bytes and answers how much is here now.
    ///
    /// A run that does not begin where the last one ended changes nothing: the answer tells where
    /// to go on.
    ///
    /// - Throws: `SyncError.malformed` where the whole has another digest; then all of it is gone.
    func append(
        _ content: [UInt8],
        _ range: UploadRange,
        digest: Digest256,
        agent: EnrolledAgent
    ) async throws -> UploadReply {
        let reply = try await database.withTransaction { connection -> UploadReply? in
            let present = try await Self.state(of: digest, agent, connection)
            if present.isComplete == true { return present }
            if range.start == 0 { try await begin(range, digest, agent, connection) }
            let rows = try await connection.query(
                """
                UPDATE upload_part SET received = received + \(range.count),
                    moved_at = \(clock.now())
                WHERE agent_id = \(agent.id) AND sha256 = \(digest)
                    AND received = \(range.start) AND total = \(range.total)
                RETURNING received
                """
            )
            guard let received = try rows.first?.decode("received", as: Int.self) else {
                return try await Self.state(of: digest, agent, connection)
            }
            try await connection.execute(
                """
                INSERT INTO upload_run (agent_id, sha256, start, content)
                VALUES (\(agent.id), \(digest), \(range.start), \(content))
                """
            )
            guard received == range.total else {
                return UploadReply(sha256: digest, received: received, isComplete: false)
            }
            return try await finish(digest, agent, connection)
        }
        guard let reply else { throw SyncError.malformed("the bytes have another SHA-256") }
        return reply
    }

    private static func state(
        of digest: Digest256,
        _ agent: EnrolledAgent,
        _ connection: PostgresConnection
    ) async throws -> UploadReply {
        let whole = try await connection.query(
            """
            SELECT octet_length(content) AS bytes FROM upload
            WHERE agent_id = \(agent.id) AND sha256 = \(digest)
            UNION ALL
            SELECT octet_length(content) FROM document
            WHERE site_id = \(agent.site) AND sha256 = \(digest)
            LIMIT 1
            """
        )
        if let bytes = try whole.first?.decode("bytes", as: Int.self) {
            return UploadReply(sha256: digest, received: bytes, isComplete: true)
        }
        let part = try await connection.query(
            """
            SELECT received FROM upload_part
            WHERE agent_id = \(agent.id) AND sha256 = \(digest)
            """
        )
        return UploadReply(
            sha256: digest,
            received: try part.first?.decode("received") ?? 0,
            isComplete: false
        )
    }

    /// Makes room and a place for a document; one that is here already stays as it is.
    private func begin(
        _ range: UploadRange,
        _ digest: Digest256,
        _ agent: EnrolledAgent,
        _ connection: PostgresConnection
    ) async throws {
        let now = clock.now()
        let limit = now.advanced(by: .zero - Self.patience)
        try await connection.execute("DELETE FROM upload_part WHERE moved_at < \(limit)")
        try await connection.execute("DELETE FROM upload WHERE received_at < \(limit)")
        try await connection.execute(
            """
            DELETE FROM upload_part WHERE agent_id = \(agent.id) AND sha256 = \(digest)
                AND total <> \(range.total)
            """
        )
        try await connection.execute(
            """
            INSERT INTO upload_part (agent_id, sha256, total, moved_at)
            VALUES (\(agent.id), \(digest), \(range.total), \(now)) ON CONFLICT DO NOTHING
            """
        )
        // The least lately moved go first; what is evicted begins anew.
        try await connection.execute(
            """
            DELETE FROM upload_part USING (
                SELECT sha256, row_number() OVER latest AS number,
                    sum(total) OVER latest AS bytes
                FROM upload_part WHERE agent_id = \(agent.id)
                WINDOW latest AS (ORDER BY (sha256 = \(digest)) DESC, moved_at DESC, sha256)
            ) AS kept
            WHERE upload_part.agent_id = \(agent.id) AND upload_part.sha256 = kept.sha256
                AND (kept.number > \(SyncLimits.unfinishedUploads)
                    OR kept.bytes > \(SyncLimits.unfinishedBytes))
            """
        )
    }

    /// Puts the runs together and verifies them; nil where they have another digest.
    private func finish(
        _ digest: Digest256,
        _ agent: EnrolledAgent,
        _ connection: PostgresConnection
    ) async throws -> UploadReply? {
        let rows = try await connection.query(
            """
            SELECT string_agg(content, ''::bytea ORDER BY start) AS content FROM upload_run
            WHERE agent_id = \(agent.id) AND sha256 = \(digest)
            """
        )
        let content = try rows.first?.decode("content", as: [UInt8]?.self) ?? []
        let isRight = Digest256(of: content) == digest
        if isRight { try await store(content, digest, agent, connection) }
        try await connection.execute(
            "DELETE FROM upload_part WHERE agent_id = \(agent.id) AND sha256 = \(digest)"
        )
        guard isRight else { return nil }
        return UploadReply(sha256: digest, received: content.count, isComplete: true)
    }

    private func store(
        _ content: [UInt8],
        _ digest: Digest256,
        _ agent: EnrolledAgent,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO upload (agent_id, sha256, content, received_at)
            VALUES (\(agent.id), \(digest), \(content), \(clock.now())) ON CONFLICT DO NOTHING
            """
        )
    }
}
