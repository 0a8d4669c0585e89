import Postgres
import Shared
import Sync

/// The rows of one agent's log, within a transaction.
struct AgentLog: Sendable {
    let connection: PostgresConnection
    let agent: EnrolledAgent

    /// Reads the ledger and holds the agent's row until the transaction ends, so that two pushes of
    /// one agent never interleave.
    func lockedLedger() async throws -> HubLedger {
        let rows = try await connection.query(
            """
            SELECT epoch, applied, chain, nonce, previous_nonce, speaker::text AS speaker,
                state = 'revoked' AS revoked
            FROM agent WHERE id = \(agent.id) FOR NO KEY UPDATE
            """
        )
        guard let row = rows.first else { throw SyncError.certificate }
        // Revoked between the door and here.
        guard !(try row.decode("revoked", as: Bool.self)) else { throw SyncError.revoked }
        let speaker = try row.decode("speaker", as: String?.self)
        return HubLedger(
            epoch: try row.decode("epoch"),
            applied: try row.decode("applied"),
            chain: try row.decode("chain"),
            nonce: try row.decode("nonce"),
            previousNonce: try row.decode("previous_nonce"),
            speaker: try speaker.map { try JSON.decode(Speaker.self, from: Array($0.utf8)) }
        )
    }

    /// The chain behind an operation; nil where the Hub has no such operation.
    func chain(at sequence: Int64, _ ledger: HubLedger) async throws -> Digest256? {
        if sequence == 0 { return Chain.start }
        if sequence == ledger.applied { return ledger.chain }
        let rows = try await connection.query(
            """
            SELECT chain FROM operation
            WHERE agent_id = \(agent.id) AND epoch = \(ledger.epoch) AND sequence = \(sequence)
            """
        )
        return try rows.first?.decode("chain")
    }

    /// The verdicts that operations got when they came first.
    ///
    /// - Throws: `fork` where the Hub has another operation under one of the numbers.
    func verdicts(of admission: Admission, _ ledger: HubLedger) async throws -> [Verdict] {
        guard let first = admission.known.first, let last = admission.known.last else { return [] }
        let rows = try await connection.query(
            """
            SELECT sequence, chain, verdict, code FROM operation
            WHERE agent_id = \(agent.id) AND epoch = \(ledger.epoch)
                AND sequence BETWEEN \(first.sequence) AND \(last.sequence)
            ORDER BY sequence
            """
        )
        guard rows.count == admission.known.count else { throw SyncError.fork(at: first.sequence) }
        return try zip(rows, admission.knownLinks).map { row, link in
            let sequence: Int64 = try row.decode("sequence")
            guard try row.decode("chain", as: Digest256.self) == link else {
                throw SyncError.fork(at: sequence)
            }
            let quarantined = try row.decode("verdict", as: String.self) == "quarantined"
            return Verdict(
                sequence: sequence,
                outcome: quarantined ? .quarantined : .duplicate,
                code: try row.decode("code")
            )
        }
    }

    /// Those of `identifiers` that the Hub has had before, under any number.
    func identifiersSeen(among identifiers: [Identifier]) async throws -> Set<Identifier> {
        let rows = try await connection.query(
            """
            SELECT operations_seen(\(PostgresColumn.identifiers(identifiers))::uuid[]) AS id
            """
        )
        return Set(try rows.map { try $0.decode("id", as: Identifier.self) })
    }

    /// Stores the new operations as they came, with their verdicts.
    func append(_ admission: Admission, verdicts: [Verdict]) async throws {
        guard !admission.new.isEmpty else { return }
        let payloads = PostgresColumn.bytes(admission.new.map(\.payload))
        try await connection.execute(
            appending(admission, verdicts: verdicts, payloads: payloads)
        )
    }

    /// The statement that `append` runs, for at least one operation.
    ///
    /// Its columns are unfolded in the list of what is selected: in the list of tables the server
    /// would first copy all rows, and beyond its `work_mem` into a file.
    func appending(
        _ admission: Admission,
        verdicts: [Verdict],
        payloads: PostgresColumn
    ) -> PostgresQuery {
        let operations = admission.new
        return """
            INSERT INTO operation (agent_id, epoch, sequence, id, kind, version, created_at,
                payload, chain, verdict, code, hlc, boot_id, mono_ms)
            SELECT \(agent.id), (SELECT epoch FROM agent WHERE id = \(agent.id)),
                unnest(\(PostgresColumn.bigints(operations.map(\.sequence)))::bigint[]),
                unnest(\(PostgresColumn.identifiers(operations.map(\.id)))::uuid[]),
                unnest(\(PostgresColumn.texts(operations.map(\.kind)))::text[]),
                unnest(\(PostgresColumn.bigints(operations.map { Int64($0.version) }))::bigint[]),
                unnest(\(PostgresColumn.instants(operations.map(\.createdAt)))::timestamptz[]),
                unnest(\(payloads)::bytea[]),
                unnest(\(PostgresColumn.bytes(admission.newLinks.map(\.bytes)))::bytea[]),
                unnest(\(PostgresColumn.texts(verdicts.map(\.outcome.rawValue)))::text[]),
                unnest(\(PostgresColumn.texts(verdicts.map(\.code)))::text[]),
                unnest(\(PostgresColumn.bigints(operations.map(\.hybridBits)))::bigint[]),
                unnest(\(PostgresColumn.identifiers(operations.map { $0.time?.boot }))::uuid[]),
                unnest(\(PostgresColumn.bigints(operations.map { $0.time?.monotonic }))::bigint[])
            """
    }

    /// Moves the ledger, and notes how the agent is doing.
    func advancing(
        to sequence: Int64,
        chain: Digest256,
        nonce: String,
        condition: AgentCondition,
        now: Instant
    ) -> PostgresQuery {
        noting(
            condition,
            now: now,
            and: """
                applied = \(sequence), chain = \(chain), previous_nonce = nonce, nonce = \(nonce),
                """
        )
    }

    /// Notes when the agent was heard, and what it said of itself.
    func note(_ condition: AgentCondition, now: Instant) async throws {
        try await connection.execute(noting(condition, now: now))
    }

    private func noting(
        _ condition: AgentCondition,
        now: Instant,
        and columns: PostgresQuery = ""
    ) -> PostgresQuery {
        """
        UPDATE agent SET \(columns) last_seen_at = \(now),
            software = \(String(condition.software.prefix(100))),
            pending = \(condition.pending), oldest_pending_at = \(condition.oldestPendingAt),
            clock_offset_ms = \(condition.clockOffsetMs),
            round_trip_ms = \(condition.roundTripMs),
            storage = \(condition.storage.map { String($0.prefix(20)) })
        WHERE id = \(agent.id)
        """
    }

    /// Stores what a session or a new epoch has made of the ledger.
    func store(_ ledger: HubLedger) async throws {
        let speaker = try ledger.speaker.map {
            String(decoding: try JSON.encode($0), as: UTF8.self)
        }
        try await connection.execute(
            """
            UPDATE agent SET epoch = \(ledger.epoch), applied = \(ledger.applied),
                chain = \(ledger.chain), nonce = \(ledger.nonce),
                previous_nonce = \(ledger.previousNonce), speaker = \(speaker)::jsonb
            WHERE id = \(agent.id)
            """
        )
    }

    /// Notes what the Agent said of itself when it opened a session.
    func note(_ request: SessionRequest, now: Instant) async throws {
        try await note(request.condition, now: now)
        try await connection.execute(
            """
            UPDATE agent SET suspicion = \(request.suspicion?.rawValue), is_too_new = false,
                retained_since = \(request.retainedSince)
            WHERE id = \(agent.id)
            """
        )
    }
}

extension Operation {
    /// The hybrid time's 64 bits, as the database holds them.
    fileprivate var hybridBits: Int64? {
        time?.hybrid.map { Int64(bitPattern: $0.bits) }
    }
}
