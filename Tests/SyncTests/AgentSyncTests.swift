import Shared
import Sync
import Testing

@Suite struct AgentSyncTests {
    private let log = SampleLog(count: 10)

    private func session(applied: Int, acknowledged: Int) -> SessionReply {
        SessionReply(
            agent: Sample.identifier(99),
            epoch: 1,
            appliedThrough: Int64(applied),
            chain: log.chain(applied),
            chainAtAcknowledged: acknowledged <= applied ? log.chain(acknowledged) : nil,
            nonce: "n",
            hub: Sample.hub,
            serverTime: Sample.time,
            flow: Flow()
        )
    }

    private func reply(_ range: ClosedRange<Int>) -> PushReply {
        PushReply(
            appliedThrough: Int64(range.upperBound),
            chain: log.chain(range.upperBound),
            verdicts: range.map { Verdict(sequence: Int64($0), outcome: .applied) },
            nextNonce: "n2",
            hub: Sample.hub,
            serverTime: Sample.time,
            flow: Flow()
        )
    }

    private func opened(head: Int, acknowledged: Int) -> AgentSync {
        var machine = AgentSync(
            ledger: AgentLedger(
                head: Int64(head),
                acknowledged: Int64(acknowledged),
                acknowledgedChain: log.chain(acknowledged)
            )
        )
        #expect(machine.handle(.woke) == [.openSession])
        _ = machine.handle(
            .sessionOpened(session(applied: acknowledged, acknowledged: acknowledged))
        )
        return machine
    }

    @Test func `with nothing to send it rests after the session`() {
        #expect(opened(head: 3, acknowledged: 3).phase == .idle)
    }

    @Test func `it sends what waits, and again until nothing does`() {
        var machine = opened(head: 3, acknowledged: 0)
        #expect(machine.phase == .loading)
        #expect(machine.handle(.loaded(true)) == [.push(nonce: "n")])
        #expect(machine.handle(.appended(head: 5)).isEmpty)
        #expect(machine.handle(.pushed(reply(1...3))) == [.settle(reply(1...3))])
        #expect(
            machine.handle(.settled(acknowledged: 3, chain: log.chain(3)))
                == [.load(after: 3, chain: log.chain(3), limit: 1000)]
        )
        #expect(machine.handle(.loaded(true)) == [.push(nonce: "n2")])
        _ = machine.handle(.pushed(reply(4...5)))
        #expect(machine.handle(.settled(acknowledged: 5, chain: log.chain(5))).isEmpty)
        #expect(machine.phase == .idle)
    }

    @Test func `an operation that is appended at rest is sent at once`() {
        var machine = opened(head: 3, acknowledged: 3)
        #expect(
            machine.handle(.appended(head: 4))
                == [.load(after: 3, chain: log.chain(3), limit: 1000)]
        )
    }

    @Test func `a Hub that wants fewer at once gets fewer, one that wants more does not`() {
        for (wanted, limit) in [(500, 500), (2000, 1000), (0, 1)] {
            var machine = AgentSync(ledger: AgentLedger(head: 3000))
            _ = machine.handle(.woke)
            var session = session(applied: 0, acknowledged: 0)
            session.flow.operations = wanted
            #expect(
                machine.handle(.sessionOpened(session)).last
                    == .load(after: 0, chain: Chain.start, limit: limit)
            )
        }
    }

    @Test func `nothing is acknowledged before the reply is durable`() {
        var machine = opened(head: 3, acknowledged: 0)
        _ = machine.handle(.loaded(true))
        _ = machine.handle(.pushed(reply(1...3)))
        #expect(machine.ledger.acknowledged == 0)
    }

    @Test func `a lost reply is asked about, and the operations go again`() {
        var machine = opened(head: 3, acknowledged: 0)
        _ = machine.handle(.loaded(true))
        let effects = machine.handle(.failed(.unreachable("reset"), jitter: 0.5))
        #expect(effects == [.alarm(.unreachable("reset")), .wait(milliseconds: 250)])
        #expect(machine.handle(.woke) == [.openSession])
        let after = machine.handle(.sessionOpened(session(applied: 3, acknowledged: 0)))
        #expect(after.last == .load(after: 0, chain: Chain.start, limit: 1000))
    }

    @Test func `a Hub that was restored gets again what it lost`() {
        var machine = opened(head: 8, acknowledged: 8)
        #expect(machine.handle(.woke) == [.openSession])
        let effects = machine.handle(.sessionOpened(session(applied: 5, acknowledged: 8)))
        #expect(effects.last == .rewind(to: 5, chain: log.chain(5)))
        #expect(
            machine.handle(.rewound(acknowledged: 5, chain: log.chain(5)))
                == [.calm, .load(after: 5, chain: log.chain(5), limit: 1000)]
        )
    }

    @Test(arguments: [
        SyncError.revoked, .certificate,
    ])
    func `what needs a person is tried slowly and never dropped`(error: SyncError) {
        var machine = opened(head: 3, acknowledged: 0)
        _ = machine.handle(.loaded(true))
        #expect(
            machine.handle(.failed(error, jitter: 0.1))
                == [.alarm(error), .wait(milliseconds: 300_000)]
        )
        #expect(machine.ledger.acknowledged == 0)
        #expect(machine.handle(.woke) == [.openSession])
    }

    @Test func `missing documents are uploaded, then the push goes again`() {
        var machine = opened(head: 3, acknowledged: 0)
        _ = machine.handle(.loaded(true))
        let digest = Digest256(of: [7])
        #expect(
            machine.handle(.failed(.contentMissing([digest]), jitter: 0)) == [.upload([digest])]
        )
        #expect(
            machine.handle(.uploaded) == [.load(after: 0, chain: Chain.start, limit: 1000)]
        )
    }

    @Test func `waits grow to a minute and reset with a session`() {
        var machine = opened(head: 3, acknowledged: 0)
        var waits: [Int64] = []
        for _ in 0..<10 {
            let effects = machine.handle(.failed(.failed(status: 500), jitter: 0.999999))
            if case .wait(let milliseconds) = effects.last { waits.append(milliseconds) }
            _ = machine.handle(.woke)
        }
        #expect(waits.first == 499)
        #expect(waits.last == 59_999)
        _ = machine.handle(.sessionOpened(session(applied: 0, acknowledged: 0)))
        #expect(machine.attempts == 0)
    }

    @Test func `a Hub that asks for time gets at least that`() {
        var machine = opened(head: 3, acknowledged: 0)
        let effects = machine.handle(.failed(.busy(retryAfterSeconds: 30), jitter: 0.1))
        #expect(effects.last == .wait(milliseconds: 30_000))
    }

    @Test func `a page that goes back is garbage`() {
        let cursor = PullCursor(hub: Sample.hub, position: 5)
        let page = PullReply(
            changes: [
                .init(position: 5, key: "site", kind: .put, rowVersion: 1, payload: "{}")
            ],
            position: 5,
            more: false,
            hub: Sample.hub,
            serverTime: Sample.time
        )
        #expect(throws: SyncError.garbage) { try cursor.advanced(by: page) }
    }

    @Test func `a page of another Hub needs every row`() {
        let cursor = PullCursor(hub: Sample.hub, position: 5)
        let page = PullReply(
            changes: [],
            position: 5,
            more: false,
            hub: Sample.identifier(1),
            serverTime: Sample.time
        )
        #expect(throws: SyncError.snapshotRequired) { try cursor.advanced(by: page) }
    }
}
