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
    var gate = IntakeGate()

    /// Stores a push of `agent` and answers what became of each operation.
    ///
    /// - Throws: `SyncError` where the push is refused; then nothing of it is stored.
    func take(_ push: Push, from agent: EnrolledAgent) async throws -> PushReply {
        let received = clock.now()
        gauge.update { $0.begin() }
        defer { gauge.update { $0.end() } }
        return try await gate.pass { try await store(push, from: agent, received: received) }
    }

    private func store(
        _ push: Push,
        from agent: EnrolledAgent,
        received: Instant
    ) async throws -> PushReply {
        // Reading is much of the work: it is done while the database stores the log.
        let facts = Task { [ring] in
            push.operations.dropFirst(Self.repeated(push.header, agent))
                .map { ReceivedFact($0, ring: ring) }
        }
        let nonce = Nonce.make()
        return try await database.withTransaction { connection in
            let log = AgentLog(connection: connection, agent: agent)
            let ledger = try await log.lockedLedger()
            let admission = try HubIntake.judge(
                push,
                ledger: ledger,
                chainBeforeBase: try await log.chain(at: push.header.base - 1, ledger)
            )
            var verdicts = try await log.verdicts(of: admission, ledger)
            verdicts += try await store(
                admission,
                into: log,
                Projection(
                    connection: connection,
                    agent: agent,
                    epoch: ledger.epoch,
                    ring: ring,
                    clock: clock
                )
            ) { projection in
                let new = read(admission.new, await facts.value)
                projection.corrections = ClockCorrections(
                    of: new,
                    in: push.header,
                    received: received
                )
                return new
            }
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

    /// How many operations of a push the Hub had when the agent was looked up.
    private static func repeated(_ header: PushHeader, _ agent: EnrolledAgent) -> Int {
        guard header.epoch == agent.epoch, header.base >= 1, header.base <= agent.applied else {
            return 0
        }
        return Int(min(agent.applied - header.base + 1, Int64(max(0, header.count))))
    }

    /// The new operations with what is in them; where fewer were read than are new, because the
    /// Hub's log has become shorter since, the others are read now.
    private func read(
        _ operations: [Operation],
        _ facts: [ReceivedFact]
    ) -> [(Operation, ReceivedFact)] {
        let lacking = max(0, operations.count - facts.count)
        let late = operations.prefix(lacking).map { ReceivedFact($0, ring: ring) }
        return Array(zip(operations, late + facts.suffix(operations.count - lacking)))
    }

    /// Reads what is in new operations, and corrects the times that they are shown with.
    private typealias Reader = @Sendable (inout Projection) async -> [(Operation, ReceivedFact)]

    /// Stores what is new as it came, and projects it.
    ///
    /// The log's rows go first: what follows holds the site's row, on which the other agents wait.
    /// They go while the operations are still read, as if each could be, and anew where that was
    /// wrong. Where the database refuses something, all is undone and projected one by one, and the
    /// log comes last, with the verdicts that it keeps for ever.
    private func store(
        _ admission: Admission,
        into log: AgentLog,
        _ projection: Projection,
        read: Reader
    ) async throws -> [Verdict] {
        guard !admission.new.isEmpty else { return [] }
        let isFresh = try await Self.isFresh(admission.new, in: log)
        do {
            do {
                let hoped = zip(admission.new, isFresh).map { operation, isFresh in
                    Verdict(
                        sequence: operation.sequence,
                        outcome: isFresh ? .applied : .duplicate
                    )
                }
                return try await store(admission, isFresh, hoped, into: log, projection, read)
            } catch let error as Misjudged {
                return try await store(
                    admission,
                    isFresh,
                    error.verdicts,
                    into: log,
                    projection,
                    read
                )
            }
        } catch is PostgresError {
            var projection = projection
            let judged = Judged(await read(&projection), isFresh)
            let refused = try await projectOneByOne(judged.fresh, projection)
            let verdicts = judged.verdicts.map { refused[$0.sequence] ?? $0 }
            try await log.append(admission, verdicts: verdicts)
            return verdicts
        }
    }

    /// Stores all of it, or nothing where the verdicts are others.
    private func store(
        _ admission: Admission,
        _ isFresh: [Bool],
        _ verdicts: [Verdict],
        into log: AgentLog,
        _ projection: Projection,
        _ read: Reader
    ) async throws -> [Verdict] {
        try await projection.connection.savepoint {
            try await log.append(admission, verdicts: verdicts)
            var projection = projection
            let judged = Judged(await read(&projection), isFresh)
            guard judged.verdicts == verdicts else { throw Misjudged(verdicts: judged.verdicts) }
            try await projection.store(judged.fresh.map(\.1))
        }
        return verdicts
    }

    /// Which operations the Hub has not had under any number; one that comes twice counts once.
    private static func isFresh(
        _ operations: [Operation],
        in log: AgentLog
    ) async throws -> [Bool] {
        var seen = try await log.identifiersSeen(among: operations.map(\.id))
        return operations.map { seen.insert($0.id).inserted }
    }

    /// Projects one operation that came for itself; the caller stores it.
    func project(
        _ operation: Operation,
        _ fact: ReceivedFact,
        into log: AgentLog,
        _ projection: Projection
    ) async throws -> Verdict? {
        let judged = Judged([(operation, fact)], try await Self.isFresh([operation], in: log))
        let refused = try await projectOneByOne(judged.fresh, projection)
        return refused[operation.sequence] ?? judged.verdicts.first
    }

    /// Projects one by one, so that one bad operation is quarantined and the others go on; answers
    /// the verdicts of the bad ones.
    private func projectOneByOne(
        _ operations: [(Operation, ReceivedFact)],
        _ projection: Projection
    ) async throws -> [Int64: Verdict] {
        var refused: [Int64: Verdict] = [:]
        for (operation, fact) in operations {
            do {
                try await projection.connection.savepoint { try await projection.store([fact]) }
            } catch let error as PostgresError where error.isAboutTheData {
                refused[operation.sequence] = Verdict(
                    sequence: operation.sequence,
                    outcome: .quarantined,
                    code: "unstorable"
                )
            }
        }
        return refused
    }
}

/// The verdicts as far as they do not depend on the database taking it, and what is to be shown.
private struct Judged {
    var verdicts: [Verdict]
    var fresh: [(Operation, ReceivedFact)]

    init(_ operations: [(Operation, ReceivedFact)], _ isFresh: [Bool]) {
        verdicts = zip(operations, isFresh).map { item, isFresh in
            let sequence = item.0.sequence
            guard isFresh else { return Verdict(sequence: sequence, outcome: .duplicate) }
            guard case .unusable(let code) = item.1 else {
                return Verdict(sequence: sequence, outcome: .applied)
            }
            return Verdict(sequence: sequence, outcome: .quarantined, code: code)
        }
        fresh = zip(operations, isFresh).filter(\.1).map(\.0)
    }
}

/// Something could not be read, and the log's rows say that it could.
private struct Misjudged: Error {
    let verdicts: [Verdict]
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

    /// Whether a push is in hand.
    var isBusy: Bool { control.withLock { $0.inHand > 0 } }

    /// How many pushes have begun, whatever became of them: where it moves, agents push.
    var begun: Int { control.withLock { $0.begun } }

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
