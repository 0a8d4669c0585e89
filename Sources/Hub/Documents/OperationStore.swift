import Postgres
import Shared
import Sync

/// What agents sent and cannot be shown: kept, looked at, tried again, dismissed.
struct OperationStore: Sendable {
    let database: PostgresClient
    let ring: SealingRing
    let clock: WallClock

    /// The payload as it came, or as its agent could send it later.
    private static let payload: PostgresQuery = """
        coalesce((SELECT later.payload FROM withheld_payload AS later
            WHERE later.agent_id = operation.agent_id AND later.epoch = operation.epoch
                AND later.sequence = operation.sequence), operation.payload) AS payload
        """

    /// Where an operation stands: what its address says.
    struct Place: Sendable, Hashable {
        let agent: Identifier
        let epoch: Int
        let sequence: Int64
    }

    /// What became of another try.
    enum Outcome: Sendable, Equatable {
        case shown
        /// It cannot be shown still, for this reason.
        case refused(code: String)
        /// It is shown already, or never was in quarantine.
        case settled
    }

    /// The newest of a site with the filter's decision; of a device, or of every one.
    func newest(
        of site: Identifier,
        _ filter: DocumentFilter,
        limit: Int
    ) async throws -> [QuarantinedOperation] {
        // A reason of documents is none of theirs.
        guard filter.reason == nil else { return [] }
        let agent: PostgresQuery =
            if let origin = filter.origin { "AND agent.id = \(origin.agent)" } else { "" }
        let rows = try await database.query(
            """
            SELECT \(QuarantinedOperation.columns)
            FROM operation JOIN agent ON agent.id = operation.agent_id
            WHERE verdict = 'quarantined' AND replayed_at IS NULL AND agent.site_id = \(site)
                AND dismissed = \(filter.status == .dismissed) \(agent)
            ORDER BY received_at DESC, operation.agent_id, sequence DESC LIMIT \(limit)
            """
        )
        return try rows.map(QuarantinedOperation.init)
    }

    /// One operation with its payload; nil where the site has no such one in quarantine.
    func operation(
        _ place: Place,
        site: Identifier
    ) async throws -> (record: QuarantinedOperation, payload: [UInt8])? {
        let rows = try await database.query(
            """
            SELECT \(QuarantinedOperation.columns), \(Self.payload)
            FROM operation JOIN agent ON agent.id = operation.agent_id
            WHERE verdict = 'quarantined' AND agent.site_id = \(site)
                AND agent_id = \(place.agent) AND operation.epoch = \(place.epoch)
                AND sequence = \(place.sequence)
            """
        )
        return try rows.first.map { (try QuarantinedOperation($0), try $0.decode("payload")) }
    }

    /// Every decision about an operation, newest first.
    func decisions(_ place: Place) async throws -> [DecisionRecord] {
        let rows = try await database.query(
            """
            SELECT decision, reason, decided_at, coalesce(account.name,
                    CASE WHEN reason IS NULL THEN 'the Hub, after an update' ELSE 'the Hub' END)
                AS decided_by_name
            FROM operation_decision LEFT JOIN account ON account.id = decided_by
            WHERE agent_id = \(place.agent) AND epoch = \(place.epoch)
                AND sequence = \(place.sequence)
            ORDER BY number DESC LIMIT 50
            """
        )
        return try rows.map(DecisionRecord.init)
    }

    /// Dismisses an operation, or puts it back.
    ///
    /// Throws `PageError.notFound`.
    func decide(
        _ place: Place,
        site: Identifier,
        dismissed: Bool,
        reason: String?,
        by account: Identifier
    ) async throws {
        try await database.withTransaction { connection in
            guard let row = try await locked(place, site, connection) else {
                throw PageError.notFound
            }
            guard try row.decode("dismissed", as: Bool.self) != dismissed else { return }
            try await connection.execute(
                """
                UPDATE operation SET dismissed = \(dismissed) WHERE agent_id = \(place.agent)
                    AND epoch = \(place.epoch) AND sequence = \(place.sequence)
                """
            )
            let word = dismissed ? "dismissed" : "restored"
            try await note(word, place, reason: reason, by: account, in: connection)
        }
    }

    /// Reads an operation again as this Hub understands it now, and shows what it says.
    ///
    /// The verdict that the agent was given stays: the log is what was said then. Without an
    /// account it is the Hub itself that tries: after an update, or for the `reason` given.
    /// Throws `PageError.notFound`.
    func replay(
        _ place: Place,
        site: Identifier,
        by account: Identifier?,
        reason: String? = nil
    ) async throws -> Outcome {
        let outcome = try await attempt(place, site: site, by: account, reason: reason)
        if case .refused(let code) = outcome {
            try await database.execute(
                """
                UPDATE operation SET replay_code = \(code) WHERE agent_id = \(place.agent)
                    AND epoch = \(place.epoch) AND sequence = \(place.sequence)
                """
            )
        }
        return outcome
    }

    private func attempt(
        _ place: Place,
        site: Identifier,
        by account: Identifier?,
        reason: String?
    ) async throws -> Outcome {
        try await database.withTransaction { connection in
            guard let row = try await locked(place, site, connection) else {
                throw PageError.notFound
            }
            guard try row.decode("replayed_at", as: Instant?.self) == nil else { return .settled }
            let fact = ReceivedFact(
                Operation(
                    sequence: place.sequence,
                    id: try row.decode("id"),
                    kind: try row.decode("kind"),
                    version: try row.decode("version"),
                    createdAt: try row.decode("created_at"),
                    payload: try row.decode("payload")
                ),
                ring: ring
            )
            if case .unusable(let code) = fact { return .refused(code: code) }
            let agent = EnrolledAgent(
                id: place.agent,
                site: site,
                workstation: try row.decode("workstation"),
                isRevoked: false
            )
            let projection = Projection(
                connection: connection,
                agent: agent,
                epoch: place.epoch,
                ring: ring,
                clock: clock
            )
            do {
                try await connection.savepoint { try await projection.store([fact]) }
            } catch let error as PostgresError where error.isAboutTheData {
                return .refused(code: "unstorable")
            } catch SyncError.contentMissing {
                return .refused(code: "contentMissing")
            }
            try await connection.execute(
                """
                UPDATE operation SET replayed_at = \(clock.now()) WHERE agent_id = \(place.agent)
                    AND epoch = \(place.epoch) AND sequence = \(place.sequence)
                """
            )
            try await note("replayed", place, reason: reason, by: account, in: connection)
            return .shown
        }
    }

    private func locked(
        _ place: Place,
        _ site: Identifier,
        _ connection: PostgresConnection
    ) async throws -> PostgresRow? {
        // The agent's row first, as in the intake of a push.
        try await connection.query(
            """
            SELECT operation.id, kind, version, operation.created_at, \(Self.payload), dismissed,
                replayed_at, workstation
            FROM agent JOIN operation ON operation.agent_id = agent.id
            WHERE agent.id = \(place.agent) AND agent.site_id = \(site)
                AND operation.epoch = \(place.epoch) AND sequence = \(place.sequence)
                AND verdict = 'quarantined'
            FOR UPDATE OF agent, operation
            """
        ).first
    }

    private func note(
        _ decision: String,
        _ place: Place,
        reason: String?,
        by account: Identifier?,
        in connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO operation_decision (agent_id, epoch, sequence, number, decision, reason,
                decided_by, decided_at)
            SELECT \(place.agent), \(place.epoch), \(place.sequence), coalesce(max(number), 0) + 1,
                \(decision), \(reason), \(account), \(clock.now())
            FROM operation_decision WHERE agent_id = \(place.agent) AND epoch = \(place.epoch)
                AND sequence = \(place.sequence)
            """
        )
    }
}
