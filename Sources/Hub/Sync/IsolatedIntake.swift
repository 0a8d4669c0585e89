import Postgres
import Shared
import Sync

/// Takes an operation that no push could carry, so that what stands behind it can be taken too.
///
/// It is projected as if a push had brought it; where that fails, or its payload stays with the
/// agent, it is in quarantine and a person is asked.
struct IsolatedIntake: Sendable {
    let pushes: PushIntake

    /// Stores one operation of `agent` and answers what became of it, as a push of one.
    ///
    /// - Throws: `SyncError` where it is refused; then nothing is stored.
    func take(
        _ isolated: IsolatedOperation,
        from agent: EnrolledAgent
    ) async throws -> PushReply {
        let nonce = Nonce.make()
        return try await pushes.database.withTransaction { connection in
            let log = AgentLog(connection: connection, agent: agent)
            let ledger = try await log.lockedLedger()
            let header = isolated.header
            let isNew = try HubIntake.judge(
                isolated,
                ledger: ledger,
                chainBefore: try await log.chain(at: header.sequence - 1, ledger)
            )
            let verdict: Verdict
            if isNew {
                verdict = try await store(isolated, into: log, ledger)
            } else {
                verdict = try await known(isolated, in: log, ledger)
            }
            let end = isNew ? header.sequence : ledger.applied
            let chain = isNew ? header.chain : ledger.chain
            let recovery = RecoveryLog(connection: connection, clock: pushes.clock)
            try await connection.execute([
                log.advancing(
                    to: end,
                    chain: chain,
                    nonce: nonce,
                    condition: header.condition,
                    now: pushes.clock.now()
                ),
                recovery.hearing(
                    agent.id,
                    recovered: isNew && verdict.outcome != .duplicate ? 1 : 0,
                    isComplete: header.condition.pending == 0
                ),
            ])
            return PushReply(
                appliedThrough: end,
                chain: chain,
                verdicts: [verdict],
                nextNonce: nonce,
                hub: try await connection.hubInstance(),
                serverTime: pushes.clock.now(),
                flow: pushes.gauge.flow
            )
        }
    }

    private func known(
        _ isolated: IsolatedOperation,
        in log: AgentLog,
        _ ledger: HubLedger
    ) async throws -> Verdict {
        let admission = Self.admission(Self.storable(isolated), isolated, isNew: false)
        guard let verdict = try await log.verdicts(of: admission, ledger).first else {
            throw SyncError.fork(at: isolated.header.sequence)
        }
        return verdict
    }

    private func store(
        _ isolated: IsolatedOperation,
        into log: AgentLog,
        _ ledger: HubLedger
    ) async throws -> Verdict {
        let operation = Self.storable(isolated)
        let verdict: Verdict
        if isolated.payload == nil {
            verdict = Verdict(
                sequence: operation.sequence,
                outcome: .quarantined,
                code: "withheld"
            )
        } else {
            let projection = Projection(
                connection: log.connection,
                agent: log.agent,
                epoch: ledger.epoch,
                ring: pushes.ring,
                clock: pushes.clock
            )
            verdict =
                try await pushes.project(
                    operation,
                    ReceivedFact(operation, ring: pushes.ring),
                    into: log,
                    projection
                )
                ?? Verdict(
                    sequence: operation.sequence,
                    outcome: .quarantined,
                    code: "payloadMalformed"
                )
        }
        try await log.append(
            Self.admission(operation, isolated, isNew: true),
            verdicts: [verdict]
        )
        let header = isolated.header
        let detail = "\(header.payloadBytes) bytes, SHA-256 \(header.payloadDigest.hexadecimal)"
        try await log.connection.execute(
            """
            UPDATE operation SET detail = \(detail)
            WHERE agent_id = \(log.agent.id) AND epoch = \(ledger.epoch)
                AND sequence = \(header.sequence)
            """
        )
        return verdict
    }

    /// The operation as the database can hold it: a name of a kind that is none becomes one that
    /// this Hub does not know, and asks a person.
    private static func storable(_ isolated: IsolatedOperation) -> Operation {
        let header = isolated.header
        let isName = header.kind.utf8.count <= 64 && header.kind.utf8.allSatisfy { $0 > 0x20 }
        return Operation(
            sequence: header.sequence,
            id: header.id,
            kind: isName ? header.kind : "unreadable",
            version: Int(Int32(clamping: header.version)),
            createdAt: header.createdAt,
            payload: isolated.payload ?? []
        )
    }

    private static func admission(
        _ operation: Operation,
        _ isolated: IsolatedOperation,
        isNew: Bool
    ) -> Admission {
        Admission(
            known: isNew ? [] : [operation],
            knownLinks: isNew ? [] : [isolated.header.chain],
            new: isNew ? [operation] : [],
            newLinks: isNew ? [isolated.header.chain] : []
        )
    }
}
