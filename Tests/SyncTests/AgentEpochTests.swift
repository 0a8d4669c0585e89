import Shared
import Sync
import Testing

@Suite struct AgentEpochTests {
    private let log = SampleLog(count: 10)
    private let other = SampleLog(count: 10, salt: 1)

    private func session(epoch: Int = 2, applied: Int, _ chain: Digest256?) -> SessionReply {
        SessionReply(
            agent: Sample.identifier(99),
            epoch: epoch,
            appliedThrough: Int64(applied),
            chain: log.chain(applied),
            chainAtAcknowledged: chain,
            nonce: "n",
            hub: Sample.hub,
            serverTime: Sample.time,
            flow: Flow()
        )
    }

    private func opening(epoch: Int = 2, head: Int, acknowledged: Int) -> AgentSync {
        var machine = AgentSync(
            ledger: AgentLedger(
                epoch: epoch,
                head: Int64(head),
                acknowledged: Int64(acknowledged),
                acknowledgedChain: log.chain(acknowledged)
            )
        )
        #expect(machine.handle(.woke) == [.openSession])
        return machine
    }

    private func epoch(_ number: Int) -> EpochReply {
        EpochReply(epoch: number, reason: .rewound, nonce: "e", hub: Sample.hub, holes: [])
    }

    @Test func `an Agent that is behind itself asks for a new epoch`() {
        var machine = opening(head: 3, acknowledged: 3)
        let effects = machine.handle(.sessionOpened(session(applied: 7, log.chain(3))))
        #expect(effects == [.remember(nonce: "n", hub: Sample.hub), .openEpoch(.rewound)])
        #expect(machine.phase == .renewing)
    }

    @Test func `another chain on the Hub is a fork`() {
        var machine = opening(head: 8, acknowledged: 5)
        let effects = machine.handle(.sessionOpened(session(applied: 6, other.chain(5))))
        #expect(effects.last == .openEpoch(.forked))
    }

    @Test func `another epoch on the Hub leads to a new one`() {
        var older = opening(epoch: 2, head: 8, acknowledged: 5)
        #expect(
            older.handle(.sessionOpened(session(epoch: 3, applied: 0, nil))).last
                == .openEpoch(.rewound)
        )
        var newer = opening(epoch: 4, head: 8, acknowledged: 5)
        #expect(
            newer.handle(.sessionOpened(session(epoch: 3, applied: 9, log.chain(5)))).last
                == .openEpoch(.hubRestored)
        )
    }

    @Test func `numbers that are nobody's yet say why`() {
        var machine = AgentSync(ledger: AgentLedger(epoch: 0, head: 4, cause: .storeLost))
        _ = machine.handle(.woke)
        let reply = session(epoch: 1, applied: 0, Chain.start)
        #expect(machine.handle(.sessionOpened(reply)).last == .openEpoch(.storeLost))
    }

    @Test func `an operation that the Hub refuses as another history leads to a new epoch`() {
        var machine = opening(head: 8, acknowledged: 5)
        _ = machine.handle(.sessionOpened(session(applied: 6, log.chain(5))))
        _ = machine.handle(.loaded(true))
        #expect(machine.handle(.failed(.fork(at: 6), jitter: 0)) == [.openEpoch(.forked)])
    }

    @Test(arguments: [EpochReason.hole, .forked, .hubRestored])
    func `a Hub that lost more than is left leads to a new epoch`(reason: EpochReason) {
        var machine = opening(head: 8, acknowledged: 8)
        let effects = machine.handle(.sessionOpened(session(applied: 3, nil)))
        #expect(effects.last == .rewind(to: 3, chain: log.chain(3)))
        #expect(machine.handle(.diverged(reason)) == [.openEpoch(reason)])
    }

    @Test func `everything is compared before anything is numbered anew`() {
        var machine = opening(head: 3, acknowledged: 3)
        _ = machine.handle(.sessionOpened(session(applied: 7, log.chain(3))))
        #expect(machine.handle(.epochOpened(epoch(3))) == [.compare(after: 0)])
        #expect(machine.handle(.compared(next: 500)) == [.compare(after: 500)])
        #expect(machine.handle(.appended(head: 5)).isEmpty)
        #expect(machine.handle(.compared(next: nil)) == [.renumber(epoch(3))])
        let begun = AgentLedger(epoch: 3, head: 2, nonce: "e", hub: Sample.hub)
        #expect(
            machine.handle(.renumbered(begun))
                == [.calm, .load(after: 0, chain: Chain.start, limit: 1000)]
        )
        #expect(machine.ledger == begun)
    }

    @Test func `a reply that is lost on the way to a new epoch costs a session`() {
        var machine = opening(head: 3, acknowledged: 3)
        let behind = session(applied: 7, log.chain(3))
        _ = machine.handle(.sessionOpened(behind))
        for _ in 0..<20 {
            _ = machine.handle(.failed(.unreachable("reset"), jitter: 0.5))
            #expect(machine.phase == .waiting)
            #expect(machine.handle(.woke) == [.openSession])
            #expect(machine.handle(.sessionOpened(behind)).last == .openEpoch(.rewound))
        }
    }

    @Test func `epochs that lead nowhere are told to a person, and tried again in a minute`() {
        var machine = opening(head: 3, acknowledged: 3)
        let behind = session(epoch: 9, applied: 7, log.chain(3))
        var opened = 0
        var effects = machine.handle(.sessionOpened(behind))
        while effects.last == .openEpoch(.rewound), opened < 10 {
            opened += 1
            _ = machine.handle(.epochOpened(epoch(9)))
            _ = machine.handle(.compared(next: nil))
            let ledger = AgentLedger(epoch: 8, head: 3, acknowledged: 0)
            _ = machine.handle(.renumbered(ledger))
            _ = machine.handle(.failed(.unreachable("reset"), jitter: 0))
            _ = machine.handle(.woke)
            effects = machine.handle(.sessionOpened(behind))
        }
        #expect(opened == 3)
        #expect(machine.phase == .suspended(.fork(at: 0)))
        #expect(effects.suffix(2) == [.alarm(.fork(at: 0)), .wait(milliseconds: 60_000)])
        #expect(machine.handle(.woke) == [.openSession])
        #expect(machine.handle(.sessionOpened(behind)).last == .openEpoch(.rewound))
    }

    @Test func `a copy asks to be a PC of its own once it is refused for long`() {
        var machine = opening(head: 3, acknowledged: 3)
        for _ in 1..<AgentSync.refusalsBeforeClaim {
            #expect(
                machine.handle(.failed(.cloneSuspect, jitter: 0))
                    == [.alarm(.cloneSuspect), .wait(milliseconds: 20_000)]
            )
            #expect(machine.handle(.woke) == [.openSession])
        }
        #expect(
            machine.handle(.failed(.cloneSuspect, jitter: 0)) == [.alarm(.cloneSuspect), .claim]
        )
        #expect(machine.handle(.claimed(.waiting)) == [.wait(milliseconds: 10_000)])
        #expect(machine.handle(.woke) == [.openSession])
        _ = machine.handle(.failed(.cloneSuspect, jitter: 0))
        #expect(machine.handle(.claimed(.samePC)) == [.openSession])
        _ = machine.handle(.failed(.cloneSuspect, jitter: 0))
        #expect(machine.handle(.claimed(.approved)).isEmpty)
        #expect(machine.phase == .closed)
    }

    @Test func `a state that stood on another machine asks at once`() {
        var machine = AgentSync(ledger: AgentLedger(isMoved: true))
        _ = machine.handle(.woke)
        #expect(
            machine.handle(.failed(.cloneSuspect, jitter: 0)) == [.alarm(.cloneSuspect), .claim]
        )
    }

    @Test(arguments: [SyncError.cloneSuspect, .epochClosed(current: 3)])
    func `what a push is refused for, the next session settles`(error: SyncError) {
        var machine = opening(head: 8, acknowledged: 5)
        _ = machine.handle(.sessionOpened(session(applied: 5, log.chain(5))))
        _ = machine.handle(.loaded(true))
        _ = machine.handle(.failed(error, jitter: 0.1))
        #expect(machine.phase == .waiting)
        #expect(machine.handle(.woke) == [.openSession])
    }
}
