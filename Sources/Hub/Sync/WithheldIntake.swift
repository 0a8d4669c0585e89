import Postgres
import Shared
import Sync

/// Takes the payload of an operation that was withheld, and shows what it says.
///
/// The operation keeps its place and the verdict that its agent was given: what comes later is
/// shown as any operation in quarantine that is tried again.
struct WithheldIntake: Sendable {
    let operations: OperationStore

    /// Stores the payload where it is the one that `agent` has chained; answers what became of it.
    ///
    /// - Throws: `SyncError`: `malformed` where the agent has no such operation here, `fork` where
    ///   the payload is not the chained one; then nothing is stored.
    func take(_ withheld: WithheldPayload, from agent: EnrolledAgent) async throws -> Verdict {
        let place = try await operations.database.withTransaction { connection in
            let log = AgentLog(connection: connection, agent: agent)
            _ = try await log.lockedLedger()
            return try await store(withheld, in: log)
        }
        guard let place else {
            throw SyncError.malformed("the agent has no such operation here")
        }
        let outcome = try await operations.replay(
            place,
            site: agent.site,
            by: nil,
            reason: "the PC has sent it after all"
        )
        return switch outcome {
        case .shown: Verdict(sequence: place.sequence, outcome: .applied)
        case .settled: Verdict(sequence: place.sequence, outcome: .duplicate)
        case .refused(let code):
            Verdict(sequence: place.sequence, outcome: .quarantined, code: code)
        }
    }

    /// Answers where the operation stands; one that has its payload already is left as it is.
    private func store(
        _ withheld: WithheldPayload,
        in log: AgentLog
    ) async throws -> OperationStore.Place? {
        let (agent, id) = (log.agent.id, withheld.header.id)
        let rows = try await log.connection.query(
            """
            SELECT operation.epoch, operation.sequence, chain,
                withheld_payload.sequence IS NOT NULL AS is_here
            FROM operation LEFT JOIN withheld_payload USING (agent_id, epoch, sequence)
            WHERE agent_id = \(agent) AND id = \(id) AND code = 'withheld'
            ORDER BY operation.epoch DESC LIMIT 1
            """
        )
        guard let row = rows.first else { return nil }
        let place = OperationStore.Place(
            agent: agent,
            epoch: try row.decode("epoch"),
            sequence: try row.decode("sequence")
        )
        guard !(try row.decode("is_here", as: Bool.self)) else { return place }
        let link = Chain.next(
            after: try await chain(before: place, in: log),
            sequence: place.sequence,
            id: id,
            payload: withheld.payload
        )
        guard try row.decode("chain", as: Digest256.self) == link else {
            throw SyncError.fork(at: place.sequence)
        }
        try await log.connection.execute(
            """
            INSERT INTO withheld_payload (agent_id, epoch, sequence, payload, received_at)
            VALUES (\(agent), \(place.epoch), \(place.sequence), \(withheld.payload),
                \(operations.clock.now()))
            """
        )
        return place
    }

    private func chain(
        before place: OperationStore.Place,
        in log: AgentLog
    ) async throws -> Digest256 {
        guard place.sequence > 1 else { return Chain.start }
        let rows = try await log.connection.query(
            """
            SELECT chain FROM operation WHERE agent_id = \(place.agent)
                AND epoch = \(place.epoch) AND sequence = \(place.sequence - 1)
            """
        )
        guard let row = rows.first else { throw SyncError.fork(at: place.sequence) }
        return try row.decode("chain")
    }
}
