import Postgres
import Shared
import Sync

/// Opens epochs, and says which operations the Hub has never had.
struct EpochIntake: Sendable {
    let database: PostgresClient
    let clock: WallClock

    private static let window = Duration.seconds(3600)

    /// Answers a request for a new epoch of `agent`, with everything that is to be recorded of it.
    ///
    /// - Throws: `SyncError` where the request is refused; then nothing is changed.
    func open(_ request: EpochRequest, from agent: EnrolledAgent) async throws -> EpochReply {
        let (clock, nonce) = (clock, Nonce.make())
        return try await database.withTransaction { connection in
            let log = AgentLog(connection: connection, agent: agent)
            var ledger = try await log.lockedLedger()
            let evidence = try await Self.evidence(of: request, ledger, log, now: clock.now())
            let opening = try HubIntake.openEpoch(request, &ledger, evidence, nonce: nonce)
            if !opening.isRepeated {
                try await Self.record(opening, log, now: clock.now())
                try await log.store(ledger)
            }
            return EpochReply(
                epoch: opening.epoch,
                reason: opening.reason,
                nonce: ledger.nonce ?? nonce,
                hub: try await connection.hubInstance(),
                holes: opening.holes
            )
        }
    }

    /// Those of the page that the Hub has under no number of any Agent.
    func missing(_ request: MissingRequest, from agent: EnrolledAgent) async throws -> MissingReply
    {
        guard request.ids.count <= SyncLimits.identifiersPerPage else {
            throw SyncError.malformed(
                "a page has at most \(SyncLimits.identifiersPerPage) identifiers"
            )
        }
        let seen = try await database.withTransaction { connection in
            try await AgentLog(connection: connection, agent: agent)
                .identifiersSeen(among: request.ids)
        }
        return MissingReply(missing: request.ids.filter { !seen.contains($0) })
    }

    private static func evidence(
        of request: EpochRequest,
        _ ledger: HubLedger,
        _ log: AgentLog,
        now: Instant
    ) async throws -> HubIntake.EpochEvidence {
        let agent = log.agent.id
        let isWithin = request.epoch == ledger.epoch && request.acknowledged <= ledger.applied
        let epochs = Set(request.removed.map(\.epoch)).filter {
            (0...SyncLimits.epochs).contains($0)
        }
        let ends = try await log.connection.query(
            """
            SELECT epoch, (SELECT sequence FROM operation WHERE agent_id = \(agent)
                AND operation.epoch = wanted.epoch ORDER BY sequence DESC LIMIT 1) AS last
            FROM unnest(\(epochs.map(Int64.init))::bigint[]) AS wanted (epoch)
            """
        )
        var through: [Int: Int64] = [:]
        for row in ends {
            through[try row.decode("epoch")] = try row.decode("last", as: Int64?.self) ?? 0
        }
        let opened = try await log.connection.query(
            """
            SELECT count(*) FILTER (WHERE opened_at > \(now.advanced(by: .zero - window))) AS n,
                max(reason) FILTER (WHERE epoch = \(ledger.epoch)) AS reason
            FROM agent_epoch WHERE agent_id = \(agent)
            """
        )
        let reason = try opened.first?.decode("reason", as: String?.self)
        return HubIntake.EpochEvidence(
            chainAtAcknowledged: isWithin
                ? try await log.chain(at: max(request.acknowledged, 0), ledger) : nil,
            through: through,
            openReason: reason.flatMap { EpochReason(rawValue: $0) } ?? .enrolled,
            recent: try opened.first?.decode("n") ?? 0
        )
    }

    private static func record(
        _ opening: HubIntake.EpochOpening,
        _ log: AgentLog,
        now: Instant
    ) async throws {
        try await log.connection.execute(
            """
            INSERT INTO agent_epoch (agent_id, epoch, reason, opened_at)
            VALUES (\(log.agent.id), \(opening.epoch), \(opening.reason.rawValue), \(now))
            """
        )
        try await log.connection.execute(
            """
            INSERT INTO agent_hole (agent_id, epoch, first, last, told_at)
            SELECT \(log.agent.id), hole.epoch, hole.first, hole.last, \(now) FROM unnest(
                \(opening.holes.map { Int64($0.epoch) })::bigint[],
                \(opening.holes.map(\.first))::bigint[],
                \(opening.holes.map(\.last))::bigint[]) AS hole (epoch, first, last)
            ON CONFLICT (agent_id, epoch, first) DO UPDATE
                SET last = greatest(agent_hole.last, EXCLUDED.last)
            """
        )
    }
}
