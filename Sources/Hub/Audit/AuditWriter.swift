package import Postgres
import Shared

/// Appends to the audit: whoever waits together is committed together.
///
/// Several Hubs on one database append one after the other, by a lock of the database.
package actor AuditWriter {
    private let database: PostgresClient
    private var waiting: [Entry] = []
    private var isWriting = false

    /// Held to commit by whoever appends: the ASCII codes of "audi".
    private static let lockKey: Int64 = 0x6175_6469
    /// Records in one commit.
    static let maximumBatch = 500
    /// Records that wait; more is refused, for then the database does not answer.
    static let maximumWaiting = 20_000

    private struct Entry {
        let body: [UInt8]
        let done: CheckedContinuation<Void, any Error>
    }

    /// Takes the database.
    package init(database: PostgresClient) {
        self.database = database
    }

    /// Returns once the record is durable.
    ///
    /// Throws `PageError.busy`, `PostgresError`: what cannot be recorded must not happen.
    package func record(_ record: AuditRecord) async throws {
        let body = try JSON.encode(record)
        guard waiting.count < Self.maximumWaiting else { throw PageError.busy }
        try await withCheckedThrowingContinuation { done in
            waiting.append(Entry(body: body, done: done))
            guard !isWriting else { return }
            isWriting = true
            // Not the caller's task: a browser that goes away must not end the commit that others
            // wait for.
            Task { await self.drain() }
        }
    }

    private func drain() async {
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(Self.maximumBatch))
            waiting.removeFirst(batch.count)
            do {
                try await commit(batch.map(\.body))
                for entry in batch { entry.done.resume() }
            } catch {
                for entry in batch { entry.done.resume(throwing: error) }
            }
        }
        isWriting = false
    }

    private func commit(_ bodies: [[UInt8]]) async throws {
        try await database.withTransaction { try await Self.append(bodies, $0) }
    }

    /// Appends within a transaction of the caller's: what is recorded and what is done become
    /// durable together, and the chain's end is held until then.
    static func append(
        _ records: [AuditRecord],
        _ connection: PostgresConnection
    ) async throws {
        guard !records.isEmpty else { return }
        try await append(try records.map { try JSON.encode($0) }, connection)
    }

    /// The same of what a person decided about one record.
    static func append(
        _ action: String,
        of subject: Identifier,
        by person: Person,
        _ clock: WallClock,
        _ connection: PostgresConnection
    ) async throws {
        let record = AuditRecord(
            at: clock.now(),
            action: action,
            account: person.account.id,
            session: person.sessionID,
            subject: subject
        )
        try await append([record], connection)
    }

    private static func append(
        _ bodies: [[UInt8]],
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute("SELECT pg_advisory_xact_lock(\(Self.lockKey))")
        // A statement of its own, so that it sees what was committed while the lock was waited for.
        let end = try await connection.query("SELECT sequence, chain FROM audit_end()").first
        var sequence: Int64 = try end?.decode("sequence") ?? 0
        var chain: Digest256 = try end?.decode("chain") ?? AuditChain.start
        var links: [[UInt8]] = []
        var sequences: [Int64] = []
        for body in bodies {
            sequence += 1
            chain = AuditChain.next(after: chain, sequence: sequence, body: body)
            links.append(chain.bytes)
            sequences.append(sequence)
        }
        try await connection.execute(
            """
            INSERT INTO audit_record (sequence, body, chain)
            SELECT * FROM unnest(\(sequences)::bigint[],
                \(bodies.map { String(decoding: $0, as: UTF8.self) })::text[],
                \(links)::bytea[])
            """
        )
    }
}
