import Shared
import Sync
import Testing

@Suite struct WireTests {
    @Test func `the golden push is read as it was written`() throws {
        let push = try Push(text: try Golden.bytes("push-v1.txt"))
        #expect(push.header.epoch == 3)
        #expect(push.header.base == 41)
        #expect(push.header.condition.clockOffsetMs == -12)
        #expect(push.operations.map(\.sequence) == [41, 42])
        #expect(push.operations.map(\.kind) == ["document", "reading"])
        #expect(String(decoding: push.operations[1].payload, as: UTF8.self) == #"{"name":"Zoë\n"}"#)
    }

    @Test func `a push is written as the golden one`() throws {
        let golden = try Golden.bytes("push-v1.txt")
        #expect(try Push(text: golden).encoded() == golden)
    }

    @Test func `the chain of the golden push is the one that its header claims`() throws {
        let push = try Push(text: try Golden.bytes("push-v1.txt"))
        var chain = push.header.previousChain
        for operation in push.operations {
            chain = Chain.next(
                after: chain,
                sequence: operation.sequence,
                id: operation.id,
                payload: operation.payload
            )
        }
        #expect(chain == push.header.lastChain)
    }

    @Test func `every reply keeps its golden form`() throws {
        func check<Value: Codable>(_ type: Value.Type, _ name: String) throws {
            let golden = try Golden.line(name)
            #expect(try JSON.encode(try JSON.decode(type, from: golden)) == golden, "\(name)")
        }
        try check(PushReply.self, "push-reply-v1.json")
        try check(SessionRequest.self, "session-request-v1.json")
        try check(SessionRequest.self, "session-request-installation-v1.json")
        try check(SessionRequest.self, "session-request-versions-v1.json")
        try check(SessionReply.self, "session-reply-v1.json")
        try check(EpochRequest.self, "epoch-request-v1.json")
        try check(EpochReply.self, "epoch-reply-v1.json")
        try check(MissingRequest.self, "missing-request-v1.json")
        try check(MissingReply.self, "missing-reply-v1.json")
        try check(ClaimRequest.self, "claim-request-v1.json")
        try check(ClaimReply.self, "claim-reply-v1.json")
        try check(PullReply.self, "pull-reply-v1.json")
        try check(SyncErrorBody.self, "error-gap-v1.json")
        try check(SyncErrorBody.self, "error-content-missing-v1.json")
        try check(Hint.self, "hint-v1.json")
    }

    @Test func `an Agent from before epochs is understood, and knows none`() throws {
        let request = try JSON.decode(
            SessionRequest.self,
            from: try Golden.line("session-request-v1.json")
        )
        #expect(request.installation == nil)
        var ledger = HubLedger(
            epoch: 3,
            applied: 40,
            chain: request.acknowledgedChain,
            nonce: request.nonce
        )
        let now = Sample.time
        #expect(try HubIntake.open(request, &ledger, nonce: "fresh", now: now) == .inStep)
        #expect(ledger.speaker == nil)
        ledger.epoch = 4
        #expect(throws: SyncError.epochClosed(current: 4)) {
            try HubIntake.open(request, &ledger, nonce: "fresh", now: now)
        }
    }

    @Test func `an unknown field is ignored`() throws {
        let reply = try JSON.decode(
            Hint.self,
            from: Array(#"{"class":"config","position":9,"later":true}"#.utf8)
        )
        #expect(reply == Hint(class: "config", position: 9))
    }

    @Test func `a push that is cut at any byte is malformed`() throws {
        let golden = try Golden.bytes("push-v1.txt")
        for length in 0..<golden.count {
            #expect(throws: SyncError.self, "cut at \(length)") {
                try Push(text: Array(golden.prefix(length)))
            }
        }
    }

    @Test func `bytes behind the last operation are refused`() throws {
        let golden = try Golden.bytes("push-v1.txt")
        #expect(throws: SyncError.self) { try Push(text: golden + [0x0A]) }
    }

    @Test(arguments: [-1, SyncLimits.payloadBytes + 1, Int.max])
    func `a payload's size is checked before it is believed`(size: Int) throws {
        let golden = String(decoding: try Golden.bytes("push-v1.txt"), as: UTF8.self)
        let hostile = golden.replacing(#""size":7"#, with: #""size":\#(size)"#)
        #expect(hostile != golden)
        #expect(throws: SyncError.self) { try Push(text: Array(hostile.utf8)) }
    }

    @Test func `a header that counts more than the cap is refused`() throws {
        let golden = String(decoding: try Golden.bytes("push-v1.txt"), as: UTF8.self)
        let hostile = golden.replacing(#""count":2"#, with: #""count":501"#)
        #expect(throws: SyncError.self) { try Push(text: Array(hostile.utf8)) }
    }

    @Test(arguments: [
        SyncError.gap(expected: 7), .fork(at: 9), .cloneSuspect, .epochClosed(current: 2),
        .revoked, .certificate, .invitation, .tooLarge, .malformed("why"),
        .contentMissing([Digest256(of: [1])]), .busy(retryAfterSeconds: 5), .snapshotRequired,
        .versionNewer(hub: 1),
    ])
    func `an error survives its journey`(error: SyncError) throws {
        let body = try JSON.encode(SyncErrorBody(error))
        let read = try JSON.decode(SyncErrorBody.self, from: body)
        #expect(read.syncError(status: error.status) == error)
    }

    @Test func `an error that is not known keeps its status`() throws {
        let body = try JSON.decode(
            SyncErrorBody.self,
            from: Array(#"{"error":{"code":"newer"}}"#.utf8)
        )
        #expect(body.syncError(status: 418) == .failed(status: 418))
    }
}
