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

    /// Stores the push that the body of a request is, and answers what became of each operation.
    ///
    /// - Throws: `SyncError` where the push is refused; then nothing of it is stored.
    func take(_ body: [UInt8], from agent: EnrolledAgent) async throws -> PushReply {
        try await take(from: agent) { () throws(SyncError) in try Push(body: body) }
    }

    /// Stores the push that `read` gives: what waits for its turn is not read yet.
    func take(
        from agent: EnrolledAgent,
        read: @escaping @Sendable () throws(SyncError) -> Push
    ) async throws -> PushReply {
        let received = clock.now()
        gauge.update { $0.begin() }
        defer { gauge.update { $0.end() } }
        return try await gate.pass { try await store(read, from: agent, received: received) }
    }

    private func store(
        _ read: @escaping @Sendable () throws(SyncError) -> Push,
        from agent: EnrolledAgent,
        received: Instant
    ) async throws -> PushReply {
        // What takes the push alone is done while the database does its own work.
        let reading = Task { try read() }
        let nonce = Nonce.make()
        return try await database.withTransaction { connection in
            let log = AgentLog(connection: connection, agent: agent)
            let ledger = try await log.lockedLedger()
            let push = try await reading.value
            try HubIntake.check(
                push.header,
                ledger: ledger,
                chainBeforeBase: try await log.chain(at: push.header.base - 1, ledger)
            )
            let links = Task { try HubIntake.links(of: push) }
            let new = push.operations.dropFirst(HubIntake.known(of: push, ledger: ledger))
            let contents = Contents(of: new, ring: ring)
            let admission = try HubIntake.admit(push, links: try await links.value, ledger: ledger)
            var verdicts = try await log.verdicts(of: admission, ledger)
            let projection = Projection(
                connection: connection,
                agent: agent,
                epoch: ledger.epoch,
                ring: ring,
                clock: clock
            )
            verdicts += try await store(admission, contents, into: log) {
                var projection = projection
                let read = Array(zip(admission.new, await contents.facts.value))
                projection.corrections = ClockCorrections(
                    of: read,
                    in: push.header,
                    received: received
                )
                return (read, projection)
            }
            let end = Position(admission, ledger)
            let recovery = RecoveryLog(connection: connection, clock: clock)
            let rows = try await connection.query([
                log.advancing(
                    to: end.sequence,
                    chain: end.chain,
                    nonce: nonce,
                    condition: push.header.condition,
                    now: clock.now()
                ),
                recovery.hearing(
                    agent.id,
                    recovered: verdicts.suffix(admission.new.count)
                        .count { $0.outcome != .duplicate },
                    isComplete: push.header.condition.pending == 0
                ),
                PostgresConnection.hubInstance,
            ])
            return PushReply(
                appliedThrough: end.sequence,
                chain: end.chain,
                verdicts: verdicts,
                nextNonce: nonce,
                hub: try PostgresConnection.hubInstance(in: rows),
                serverTime: clock.now(),
                flow: gauge.flow,
                receivedAt: received
            )
        }
    }

    /// New operations with what is in them, and a projection that corrects their times.
    private typealias Reader = @Sendable () async -> ([(Operation, ReceivedFact)], Projection)

    /// Stores what is new as it came, and projects it.
    ///
    /// The log's rows go first: what follows holds the site's row, on which the other agents wait.
    /// They go while the operations are still read, as if each could be and none had come before,
    /// and anew where that was wrong. Where the database refuses something else, all is undone and
    /// projected one by one, and the log comes last, with the verdicts that it keeps for ever.
    private func store(
        _ admission: Admission,
        _ contents: Contents,
        into log: AgentLog,
        read: @escaping Reader
    ) async throws -> [Verdict] {
        guard !admission.new.isEmpty else { return [] }
        var isFresh = admission.new.map { _ in true }
        var isKnown = false
        var hope = Judged.hope(admission.new, isFresh)
        while true {
            do {
                try await store(admission, contents, isFresh, hope, into: log, read)
                return hope
            } catch let error as Misjudged {
                hope = error.verdicts
            } catch let error as PostgresError {
                let wasKnown = isKnown
                if !isKnown {
                    isFresh = try await Self.isFresh(admission.new, in: log)
                    isKnown = true
                }
                guard error.isRepetition, !wasKnown else { break }
                hope = Judged.hope(admission.new, isFresh)
            }
        }
        let (operations, projection) = await read()
        let judged = Judged(operations, isFresh)
        let refused = try await projectOneByOne(judged.fresh, projection)
        let verdicts = judged.verdicts.map { refused[$0.sequence] ?? $0 }
        try await log.append(admission, verdicts: verdicts)
        return verdicts
    }

    /// Stores all of it, or nothing where the verdicts are others.
    private func store(
        _ admission: Admission,
        _ contents: Contents,
        _ isFresh: [Bool],
        _ verdicts: [Verdict],
        into log: AgentLog,
        _ read: @escaping Reader
    ) async throws {
        let reading = Task {
            let (operations, projection) = await read()
            let judged = Judged(operations, isFresh)
            let draft = ProjectionDraft(judged.fresh.map(\.1), for: projection)
            return (verdicts: judged.verdicts, draft: draft, projection: projection)
        }
        let rows = log.appending(
            admission,
            verdicts: verdicts,
            payloads: await contents.payloads.value
        )
        try await log.connection.savepoint(with: rows) {
            let read = await reading.value
            guard read.verdicts == verdicts else { throw Misjudged(verdicts: read.verdicts) }
            try await read.projection.store(read.draft)
        }
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

/// What is in new operations, being read: for the log as it came, and for what is shown.
private struct Contents: Sendable {
    let payloads: Task<PostgresColumn, Never>
    let facts: Task<[ReceivedFact], Never>

    init(of operations: ArraySlice<Operation>, ring: SealingRing) {
        payloads = Task { .bytes(operations.map(\.payload)) }
        facts = Task { operations.map { ReceivedFact($0, ring: ring) } }
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

    /// The verdicts where every operation can be read.
    static func hope(_ operations: [Operation], _ isFresh: [Bool]) -> [Verdict] {
        zip(operations, isFresh).map { operation, isFresh in
            Verdict(sequence: operation.sequence, outcome: isFresh ? .applied : .duplicate)
        }
    }
}

/// Something could not be read, and the log's rows say that it could.
private struct Misjudged: Error {
    let verdicts: [Verdict]
}

extension PostgresError {
    /// An operation has come before, under another number or twice in the push.
    fileprivate var isRepetition: Bool { constraint == "operation_once" }
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
