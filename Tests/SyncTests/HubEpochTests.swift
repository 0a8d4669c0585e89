import Shared
import Sync
import Testing

@Suite struct HubEpochTests {
    private let log = SampleLog(count: 10)
    private let other = SampleLog(count: 10, salt: 1)
    private let installation = Installation(
        id: Sample.identifier(500),
        machine: nil,
        store: Sample.identifier(501),
        run: Sample.identifier(600)
    )

    private func ledger(epoch: Int = 2, applied: Int) -> HubLedger {
        HubLedger(
            epoch: epoch,
            applied: Int64(applied),
            chain: log.chain(applied),
            nonce: "now",
            previousNonce: "old",
            speaker: Speaker(installation: installation, heardAt: Sample.time)
        )
    }

    private func request(
        epoch: Int = 2,
        acknowledged: Int,
        _ reason: EpochReason,
        removed: [SequenceSpan] = [],
        nonce: String = "now"
    ) -> EpochRequest {
        EpochRequest(
            epoch: epoch,
            head: Int64(acknowledged),
            headChain: log.chain(acknowledged),
            acknowledged: Int64(acknowledged),
            acknowledgedChain: log.chain(acknowledged),
            reason: reason,
            removed: removed,
            nonce: nonce,
            installation: installation
        )
    }

    private func open(
        _ request: EpochRequest,
        _ ledger: HubLedger,
        chainAtAcknowledged: Digest256? = nil,
        through: [Int: Int64] = [:],
        recent: Int = 0
    ) throws -> (opening: HubIntake.EpochOpening, ledger: HubLedger) {
        var ledger = ledger
        let opening = try HubIntake.openEpoch(
            request,
            &ledger,
            .init(
                chainAtAcknowledged: chainAtAcknowledged,
                through: through,
                openReason: .enrolled,
                recent: recent
            ),
            nonce: "fresh"
        )
        return (opening, ledger)
    }

    @Test func `an Agent that has forgotten what it told was rewound`() throws {
        let (opening, ledger) = try open(
            request(acknowledged: 3, .forked),
            ledger(applied: 7),
            chainAtAcknowledged: log.chain(3)
        )
        #expect(opening.epoch == 3)
        #expect(opening.reason == .rewound)
        #expect(!opening.isRepeated)
        #expect(ledger.epoch == 3)
        #expect(ledger.applied == 0)
        #expect(ledger.chain == Chain.start)
        #expect(ledger.nonce == "fresh")
        #expect(ledger.previousNonce == nil)
    }

    @Test func `another chain where both agreed is a fork`() throws {
        let opened = try open(
            request(acknowledged: 3, .rewound),
            ledger(applied: 7),
            chainAtAcknowledged: other.chain(3)
        )
        #expect(opened.opening.reason == .forked)
    }

    @Test func `what neither has any more is told exactly`() throws {
        let opened = try open(
            request(
                acknowledged: 9,
                .hole,
                removed: [
                    SequenceSpan(epoch: 2, first: 1, last: 4),
                    SequenceSpan(epoch: 1, first: 1, last: 50),
                    SequenceSpan(epoch: 2, first: 5, last: 6),
                    SequenceSpan(epoch: 2, first: 8, last: 8),
                ]
            ),
            ledger(applied: 3),
            through: [1: 50, 2: 3]
        )
        #expect(opened.opening.reason == .hole)
        #expect(
            opened.opening.holes == [
                SequenceSpan(epoch: 2, first: 4, last: 6),
                SequenceSpan(epoch: 2, first: 8, last: 8),
            ]
        )
    }

    @Test func `a Hub that has forgotten an epoch opens one behind it`() throws {
        let opened = try open(
            request(
                epoch: 5,
                acknowledged: 9,
                .hubRestored,
                removed: [SequenceSpan(epoch: 5, first: 1, last: 2)]
            ),
            ledger(epoch: 2, applied: 3),
            through: [2: 3]
        )
        #expect(opened.opening.epoch == 6)
        #expect(opened.opening.reason == .hole)
        #expect(opened.opening.holes == [SequenceSpan(epoch: 5, first: 1, last: 2)])
        let whole = try open(request(epoch: 5, acknowledged: 9, .rewound), ledger(applied: 3))
        #expect(whole.opening.reason == .hubRestored)
    }

    @Test func `a Hub that was restored within an epoch opens another where it is asked to`() throws
    {
        let behind = ledger(applied: 3)
        let opened = try open(request(acknowledged: 9, .hubRestored), behind)
        #expect(opened.opening.reason == .hubRestored)
        #expect(opened.opening.epoch == 3)
        // Of an Agent that cannot be behind, it is not believed.
        let forked = try open(
            request(acknowledged: 3, .hubRestored),
            ledger(applied: 7),
            chainAtAcknowledged: other.chain(3)
        )
        #expect(forked.opening.reason == .forked)
    }

    @Test(arguments: [EpochReason.storeLost, .cloned, .enrolled])
    func `what only the Agent can know is believed`(reason: EpochReason) throws {
        let opened = try open(request(epoch: 0, acknowledged: 0, reason), ledger(applied: 3))
        #expect(opened.opening.reason == reason)
        #expect(opened.opening.epoch == 3)
    }

    @Test func `a lost reply is given again, and nothing new is opened`() throws {
        let opened = try open(request(epoch: 1, acknowledged: 3, .rewound), ledger(applied: 0))
        #expect(opened.opening.epoch == 2)
        #expect(opened.opening.isRepeated)
        #expect(opened.ledger == ledger(applied: 0))
    }

    @Test func `a request that comes late opens nothing`() {
        #expect(throws: SyncError.cloneSuspect) {
            try open(request(acknowledged: 3, .rewound, nonce: "old"), ledger(applied: 7))
        }
    }

    @Test func `only the process that speaks is given an epoch`() {
        var foreign = request(acknowledged: 3, .rewound)
        foreign.installation.run = Sample.identifier(601)
        #expect(throws: SyncError.cloneSuspect) { try open(foreign, ledger(applied: 7)) }
    }

    @Test func `epochs that follow each other too fast have to wait`() {
        #expect(throws: SyncError.busy(retryAfterSeconds: 600)) {
            try open(
                request(acknowledged: 3, .rewound),
                ledger(applied: 7),
                recent: HubIntake.epochsPerHour
            )
        }
    }

    @Test func `spans that a liar sends make no holes and no trap`() {
        let hostile = [
            SequenceSpan(epoch: 1, first: .min, last: .max),
            SequenceSpan(epoch: 1, first: 5, last: 2),
            SequenceSpan(epoch: 1, first: .max, last: .max),
            SequenceSpan(epoch: 1, first: 1, last: .max),
        ]
        #expect(
            SequenceSpan.holes(in: hostile, through: [1: 7])
                == [SequenceSpan(epoch: 1, first: 8, last: .max)]
        )
        #expect(SequenceSpan.holes(in: hostile, through: [1: .max - 1]).count == 1)
    }

    @Test func `commands wait for everybody who is there`() {
        let now = Sample.time
        func isOver(_ seconds: Int, _ agents: (heard: Bool, complete: Bool)...) -> Bool {
            Recovery(
                startedAt: now,
                agents: agents.map { .init(isHeard: $0.heard, isComplete: $0.complete) }
            ).isOver(at: now.advanced(by: .seconds(seconds)))
        }
        #expect(isOver(1, (true, true), (true, true)))
        #expect(!isOver(149, (true, true), (false, false)))
        #expect(isOver(150, (true, true), (false, false)))
        #expect(!isOver(100_000, (true, true), (true, false)))
    }
}
