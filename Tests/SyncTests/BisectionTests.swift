import Shared
import Sync
import Testing

@Suite struct BisectionTests {
    private let log = SampleLog(count: 1000)

    /// Drives a machine against a Hub that refuses every push with one of `bad` in it.
    private struct Drive {
        var machine: AgentSync
        var refusals = 0
        var pushes = 0
        var isolated: [Int64] = []
        /// Pushes between the first refusal and the first isolated operation.
        var search = 0
    }

    private func drive(
        bad: Set<Int64>,
        withhold: Bool = false,
        refusal: SyncError = .malformed("x")
    ) -> Drive {
        var drive = Drive(
            machine: AgentSync(ledger: AgentLedger(head: Int64(log.operations.count)))
        )
        var applied: Int64 = 0
        var range: ClosedRange<Int64> = 1...1
        var effects = drive.machine.handle(.woke)
        while let effect = effects.first(where: { $0.isWork }) {
            switch effect {
            case .openSession:
                effects = drive.machine.handle(.sessionOpened(session(applied)))
            case .load(let after, _, let limit):
                range = (after + 1)...min(Int64(log.operations.count), after + Int64(limit))
                effects = drive.machine.handle(.loaded(true))
            case .push:
                drive.pushes += 1
                if drive.refusals > 0, drive.isolated.isEmpty { drive.search += 1 }
                guard bad.isDisjoint(with: range) else {
                    drive.refusals += 1
                    effects = drive.machine.handle(.failed(refusal, jitter: 0))
                    continue
                }
                applied = range.upperBound
                effects = drive.machine.handle(.pushed(reply(range)))
            case .isolate(_, _, let isWithheld):
                guard isWithheld == withhold else {
                    effects = drive.machine.handle(.failed(.tooLarge, jitter: 0))
                    continue
                }
                applied = range.lowerBound
                drive.isolated.append(range.lowerBound)
                effects = drive.machine.handle(.pushed(reply(range.lowerBound...range.lowerBound)))
            case .settle(let reply):
                effects = drive.machine.handle(
                    .settled(acknowledged: reply.appliedThrough, chain: reply.chain)
                )
            default: return drive
            }
        }
        return drive
    }

    private func session(_ applied: Int64) -> SessionReply {
        SessionReply(
            agent: Sample.identifier(99),
            epoch: 1,
            appliedThrough: applied,
            chain: log.chain(Int(applied)),
            chainAtAcknowledged: log.chain(Int(applied)),
            nonce: "n",
            hub: Sample.hub,
            serverTime: Sample.time,
            flow: Flow()
        )
    }

    private func reply(_ range: ClosedRange<Int64>) -> PushReply {
        PushReply(
            appliedThrough: range.upperBound,
            chain: log.chain(Int(range.upperBound)),
            verdicts: range.map { Verdict(sequence: $0, outcome: .applied) },
            nextNonce: "n",
            hub: Sample.hub,
            serverTime: Sample.time,
            flow: Flow()
        )
    }

    @Test func `one bad operation of 1,000 is found with 10 pushes, wherever it stands`() {
        for bad in Int64(1)...1000 {
            let drive = drive(bad: [bad])
            #expect(drive.isolated == [bad])
            #expect(drive.search <= 10, "\(bad)")
            #expect(drive.machine.ledger.acknowledged == 1000)
            #expect(drive.machine.phase == .idle)
            #expect(drive.machine.bisection == nil)
        }
    }

    @Test func `a proxy that does not like one of them stops the others as little`() {
        let drive = drive(bad: [321], withhold: true, refusal: .failed(status: 403))
        #expect(drive.isolated == [321])
        #expect(drive.search <= 10)
        #expect(drive.machine.ledger.acknowledged == 1000)
    }

    @Test func `pushes that are too large as a whole become smaller, and nothing is isolated`() {
        var machine = AgentSync(ledger: AgentLedger(head: 100))
        _ = machine.handle(.woke)
        var effects = machine.handle(.sessionOpened(session(0)))
        var applied: Int64 = 0
        var range: ClosedRange<Int64> = 1...1
        var pushes = 0
        while let effect = effects.first(where: { $0.isWork }) {
            switch effect {
            case .load(let after, _, let limit):
                // The driver gathers no more than its bytes allow: 24 of these.
                range = (after + 1)...min(100, after + Int64(min(limit, 24)))
                effects = machine.handle(.loaded(true, count: range.count))
            case .push:
                pushes += 1
                guard range.count <= 6 else {
                    effects = machine.handle(.failed(.tooLarge, jitter: 0))
                    continue
                }
                applied = range.upperBound
                effects = machine.handle(.pushed(reply(range)))
            case .settle(let reply):
                effects = machine.handle(
                    .settled(acknowledged: reply.appliedThrough, chain: reply.chain)
                )
            default:
                Issue.record("isolated")
                return
            }
        }
        #expect(applied == 100)
        // 24, 12, 6 fits, 9, 4 fits, and then 6 at a time: 15 more.
        #expect(pushes == 20)
    }

    @Test func `several are found one after the other, and everything else goes on`() {
        let drive = drive(bad: [1, 2, 500, 999, 1000])
        #expect(drive.isolated == [1, 2, 500, 999, 1000])
        #expect(drive.machine.ledger.acknowledged == 1000)
    }

    @Test func `what cannot be sent for itself either is withheld, and stops nothing`() {
        let drive = drive(bad: [77], withhold: true)
        #expect(drive.isolated == [77])
        #expect(drive.machine.ledger.acknowledged == 1000)
        #expect(drive.machine.phase == .idle)
    }

    @Test func `a Hub that is too old for it is waited for`() {
        var machine = AgentSync(ledger: AgentLedger(head: 1))
        _ = machine.handle(.woke)
        _ = machine.handle(.sessionOpened(session(0)))
        _ = machine.handle(.loaded(true))
        _ = machine.handle(.failed(.malformed("x"), jitter: 0))
        #expect(
            machine.handle(.loaded(true))
                == [.isolate(nonce: "n", .malformed("x"), isWithheld: false)]
        )
        let effects = machine.handle(.failed(.failed(status: 404), jitter: 0.5))
        #expect(effects == [.alarm(.failed(status: 404)), .wait(milliseconds: 250)])
        #expect(machine.ledger.acknowledged == 0)
    }

    @Test func `a version that the Hub does not know waits for its update`() {
        var machine = AgentSync(ledger: AgentLedger(head: 1))
        _ = machine.handle(.woke)
        _ = machine.handle(.sessionOpened(session(0)))
        _ = machine.handle(.loaded(true))
        _ = machine.handle(.failed(.versionNewer(hub: 1), jitter: 0))
        #expect(machine.phase == .suspended(.versionNewer(hub: 1)))
        #expect(machine.handle(.woke) == [.openSession])
    }
}

extension AgentSync.Effect {
    fileprivate var isWork: Bool {
        switch self {
        case .remember, .wait, .alarm, .calm: false
        default: true
        }
    }
}

@Suite struct IsolatedOperationTests {
    private let log = SampleLog(count: 3)

    private func isolated(_ sequence: Int, isWithheld: Bool = false) -> IsolatedOperation {
        let push = log.push(sequence...sequence, nonce: "now")
        let operation = push.operations[0]
        return IsolatedOperation(
            header: IsolatedHeader(
                operation,
                of: push.header,
                reason: "malformed",
                isWithheld: isWithheld
            ),
            payload: isWithheld ? nil : operation.payload
        )
    }

    private func judge(_ isolated: IsolatedOperation, applied: Int) throws -> Bool {
        try HubIntake.judge(
            isolated,
            ledger: HubLedger(applied: Int64(applied), chain: log.chain(applied), nonce: "now"),
            chainBefore: log.chain(Int(isolated.header.sequence) - 1)
        )
    }

    @Test(arguments: [false, true])
    func `it survives its journey`(isWithheld: Bool) throws {
        let isolated = isolated(2, isWithheld: isWithheld)
        #expect(try IsolatedOperation(text: isolated.encoded()) == isolated)
    }

    @Test func `a cut is malformed at every byte`() throws {
        let text = try isolated(2).encoded()
        for length in 0..<text.count {
            #expect(throws: SyncError.self) {
                try IsolatedOperation(text: Array(text.prefix(length)))
            }
        }
        #expect(throws: SyncError.self) { try IsolatedOperation(text: text + [0]) }
    }

    @Test func `a line without an end is not read for ever`() {
        let hostile = [UInt8](repeating: 0x20, count: SyncLimits.isolatedLineBytes + 10)
        #expect(throws: SyncError.self) { try IsolatedOperation(text: hostile) }
    }

    @Test func `it takes its place in the chain`() throws {
        #expect(try judge(isolated(2), applied: 1))
        #expect(try judge(isolated(2, isWithheld: true), applied: 1))
        #expect(try !judge(isolated(2), applied: 2))
        #expect(throws: SyncError.gap(expected: 1)) { try judge(isolated(2), applied: 0) }
    }

    @Test func `a payload that is not the chain's is refused`() throws {
        var other = isolated(2)
        other.payload?.append(0)
        #expect(throws: SyncError.self) { try judge(other, applied: 1) }
    }
}
