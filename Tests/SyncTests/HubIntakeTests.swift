import Shared
import Sync
import Testing

@Suite struct HubIntakeTests {
    private let log = SampleLog(count: 10)

    private func ledger(applied: Int) -> HubLedger {
        HubLedger(
            applied: Int64(applied),
            chain: log.chain(applied),
            nonce: "now",
            previousNonce: "old"
        )
    }

    @Test func `a push that follows is new`() throws {
        let admission = try HubIntake.judge(
            log.push(4...6, nonce: "now"),
            ledger: ledger(applied: 3),
            chainBeforeBase: log.chain(3)
        )
        #expect(admission.known.isEmpty)
        #expect(admission.new.map(\.sequence) == [4, 5, 6])
        #expect(admission.newLinks.last == log.chain(6))
    }

    @Test func `what overlaps is known and the rest is new`() throws {
        let admission = try HubIntake.judge(
            log.push(2...5, nonce: "now"),
            ledger: ledger(applied: 3),
            chainBeforeBase: log.chain(1)
        )
        #expect(admission.known.map(\.sequence) == [2, 3])
        #expect(admission.new.map(\.sequence) == [4, 5])
    }

    @Test func `a push that the Hub has whole is known`() throws {
        let admission = try HubIntake.judge(
            log.push(1...3, nonce: "now"),
            ledger: ledger(applied: 5),
            chainBeforeBase: Chain.start
        )
        #expect(admission.new.isEmpty)
        #expect(admission.knownLinks == [log.chain(1), log.chain(2), log.chain(3)])
    }

    @Test func `a gap names what is expected`() {
        #expect(throws: SyncError.gap(expected: 4)) {
            try HubIntake.judge(
                log.push(5...6, nonce: "now"),
                ledger: ledger(applied: 3),
                chainBeforeBase: nil
            )
        }
    }

    @Test func `another history is a fork`() {
        let other = SampleLog(count: 10, salt: 1)
        #expect(throws: SyncError.fork(at: 3)) {
            try HubIntake.judge(
                other.push(4...6, nonce: "now"),
                ledger: ledger(applied: 3),
                chainBeforeBase: log.chain(3)
            )
        }
        #expect(throws: SyncError.fork(at: 3)) {
            try HubIntake.judge(
                other.push(1...6, nonce: "now"),
                ledger: ledger(applied: 3),
                chainBeforeBase: Chain.start
            )
        }
    }

    @Test(arguments: ["old", "other", nil])
    func `a nonce that is not the newest is a clone`(nonce: String?) {
        #expect(throws: SyncError.cloneSuspect) {
            try HubIntake.judge(
                log.push(4...4, nonce: nonce),
                ledger: ledger(applied: 3),
                chainBeforeBase: log.chain(3)
            )
        }
    }

    @Test func `a closed epoch names the one that is open`() {
        var ledger = ledger(applied: 3)
        ledger.epoch = 2
        #expect(throws: SyncError.epochClosed(current: 2)) {
            try HubIntake.judge(
                log.push(4...4, nonce: "now"),
                ledger: ledger,
                chainBeforeBase: log.chain(3)
            )
        }
    }

    @Test func `a payload that was changed on the way breaks the chain`() {
        var push = log.push(4...6, nonce: "now")
        push.operations[1].payload.append(0x20)
        #expect(throws: SyncError.self) {
            try HubIntake.judge(
                push,
                ledger: ledger(applied: 3),
                chainBeforeBase: log.chain(3)
            )
        }
    }

    @Test func `operations out of order are malformed`() {
        var push = log.push(4...6, nonce: "now")
        push.operations.swapAt(0, 1)
        #expect(throws: SyncError.self) {
            try HubIntake.judge(
                push,
                ledger: ledger(applied: 3),
                chainBeforeBase: log.chain(3)
            )
        }
    }
}

/// A log of operations with its chain, for judging.
struct SampleLog {
    let operations: [Sync.Operation]
    private let links: [Digest256]

    init(count: Int, salt: Int = 0) {
        var links = [Chain.start]
        operations = (1...count).map { number in
            let operation = Sync.Operation(
                sequence: Int64(number),
                id: Sample.identifier(number + salt * 1000),
                kind: "reading",
                version: 1,
                createdAt: Sample.time,
                payload: Array(#"{"n":\#(number)}"#.utf8)
            )
            links.append(
                Chain.next(
                    after: links[number - 1],
                    sequence: operation.sequence,
                    id: operation.id,
                    payload: operation.payload
                )
            )
            return operation
        }
        self.links = links
    }

    func chain(_ sequence: Int) -> Digest256 { links[sequence] }

    var condition: AgentCondition {
        AgentCondition(
            software: "1",
            pending: 0,
            oldestPendingAt: nil,
            clockOffsetMs: nil,
            roundTripMs: nil
        )
    }

    func push(_ range: ClosedRange<Int>, nonce: String?) -> Push {
        let header = PushHeader(
            requestId: Sample.identifier(-1),
            epoch: 1,
            base: Int64(range.lowerBound),
            count: range.count,
            previousChain: chain(range.lowerBound - 1),
            lastChain: chain(range.upperBound),
            nonce: nonce,
            condition: condition
        )
        return Push(
            header: header,
            operations: Array(operations[(range.lowerBound - 1)...(range.upperBound - 1)])
        )
    }

    func session(nonce: String?, acknowledged: Int = 0) -> SessionRequest {
        SessionRequest(
            epoch: 1,
            head: Int64(operations.count),
            acknowledged: Int64(acknowledged),
            acknowledgedChain: chain(acknowledged),
            nonce: nonce,
            workstation: "Room 1",
            condition: condition
        )
    }
}
