import Postgres
import Shared
import Sync
import Synchronization

/// Takes a push: judged, stored and projected in one transaction, acknowledged after its commit.
struct PushIntake: Sendable {
    let database: PostgresClient
    let clock: WallClock
    let ring: SealingRing
    var gauge = FlowGauge()

    /// Stores a push of `agent` and answers what became of each operation.
    ///
    /// - Throws: `SyncError` where the push is refused; then nothing of it is stored.
    func take(_ push: Push, from agent: EnrolledAgent) async throws -> PushReply {
        // Decoding is the larger part of the work, so it is done before the row is locked.
        let facts = push.operations.map { ReceivedFact($0, ring: ring) }
        let nonce = Nonce.make()
        let received = clock.now()
        gauge.update { $0.begin() }
        defer { gauge.update { $0.end() } }
        return try await database.withTransaction { connection in
            let log = AgentLog(connection: connection, agent: agent)
            let ledger = try await log.lockedLedger()
            let admission = try HubIntake.judge(
                push,
                ledger: ledger,
                chainBeforeBase: try await log.chain(at: push.header.base - 1, ledger)
            )
            var verdicts = try await log.verdicts(of: admission, ledger)
            let new = zip(admission.new, facts.suffix(admission.new.count)).map { $0 }
            verdicts += try await project(
                new,
                into: log,
                Projection(
                    connection: connection,
                    agent: agent,
                    epoch: ledger.epoch,
                    ring: ring,
                    clock: clock
                )
            )
            try await log.append(
                admission,
                verdicts: Array(verdicts.suffix(admission.new.count))
            )
            try await CapturedTimes(connection: connection, agent: agent)
                .correct(new, of: push.header, received: received)
            let end = Position(admission, ledger)
            try await log.advance(
                to: end.sequence,
                chain: end.chain,
                nonce: nonce,
                condition: push.header.condition,
                now: clock.now()
            )
            try await RecoveryLog(connection: connection, clock: clock).heard(
                agent.id,
                recovered: verdicts.suffix(admission.new.count)
                    .count { $0.outcome != .duplicate },
                isComplete: push.header.condition.pending == 0
            )
            return PushReply(
                appliedThrough: end.sequence,
                chain: end.chain,
                verdicts: verdicts,
                nextNonce: nonce,
                hub: try await connection.hubInstance(),
                serverTime: clock.now(),
                flow: gauge.flow,
                receivedAt: received
            )
        }
    }

    /// Projects what is new: all at once; where the database refuses, one by one, so that one bad
    /// operation is quarantined and the others go on.
    func project(
        _ operations: [(Operation, ReceivedFact)],
        into log: AgentLog,
        _ projection: Projection
    ) async throws -> [Verdict] {
        guard !operations.isEmpty else { return [] }
        var seen = try await log.identifiersSeen(among: operations.map(\.0.id))
        // An identifier that comes twice counts once.
        let isFresh = operations.map { seen.insert($0.0.id).inserted }
        let fresh = zip(operations, isFresh).filter(\.1).map(\.0)
        let connection = projection.connection
        var refused: [Identifier: String] = [:]
        do {
            try await connection.savepoint { try await projection.store(fresh.map(\.1)) }
        } catch is PostgresError {
            for (operation, fact) in fresh {
                do {
                    try await connection.savepoint { try await projection.store([fact]) }
                } catch let error as PostgresError where error.isAboutTheData {
                    refused[operation.id] = "unstorable"
                }
            }
        }
        return zip(operations, isFresh).map { item, isFresh in
            let (operation, fact) = item
            guard isFresh else {
                return Verdict(sequence: operation.sequence, outcome: .duplicate)
            }
            if case .unusable(let code) = fact {
                return Verdict(sequence: operation.sequence, outcome: .quarantined, code: code)
            }
            if let code = refused[operation.id] {
                return Verdict(sequence: operation.sequence, outcome: .quarantined, code: code)
            }
            return Verdict(sequence: operation.sequence, outcome: .applied)
        }
    }
}

/// Where the log ends when a push has been stored.
private struct Position {
    var sequence: Int64
    var chain: Digest256

    init(_ admission: Admission, _ ledger: HubLedger) {
        sequence = admission.new.last?.sequence ?? ledger.applied
        chain = admission.newLinks.last ?? ledger.chain
    }
}

/// How many pushes the Hub has in hand, for all of them.
final class FlowGauge: Sendable {
    private let control = Mutex(FlowControl())

    /// What a reply says now.
    var flow: Flow { control.withLock { $0.flow } }

    func update(_ change: (inout FlowControl) -> Void) {
        control.withLock { change(&$0) }
    }
}

/// A session nonce: 128 random bits.
enum Nonce {
    static func make() -> String {
        var random = SystemRandomNumberGenerator()
        return Hexadecimal.encode((0..<16).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
}
