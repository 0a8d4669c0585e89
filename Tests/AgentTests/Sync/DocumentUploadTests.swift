import Shared
import Sync
import Synchronization
import Testing

@testable import Agent

@Suite struct DocumentUploadTests {
    /// Three runs and a rest.
    private let content = (0..<(3 * SyncLimits.uploadBytes + 5)).map {
        UInt8(truncatingIfNeeded: $0 &* 31)
    }

    private func send(_ hub: FakeUploads) async throws {
        try await DocumentUpload(target: hub).send(content, digest: Digest256(of: content))
    }

    @Test func `a document comes in runs`() async throws {
        let hub = FakeUploads()
        try await send(hub)
        #expect(hub.received == content)
        #expect(hub.starts == [0, 1, 2, 3].map { $0 * SyncLimits.uploadBytes })
    }

    @Test(arguments: 0...3)
    func `after a cut it goes on where the Hub is`(runs: Int) async throws {
        let hub = FakeUploads()
        hub.cut(after: runs)
        await #expect(throws: SyncError.unreachable("cut")) { try await send(hub) }
        #expect(hub.received.count == min(runs * SyncLimits.uploadBytes, content.count))
        try await send(hub)
        #expect(hub.received == content)
        // The run that was cut goes again, and none that had come.
        #expect(hub.starts.count == 5)
        #expect(hub.starts[runs] == hub.starts[runs + 1])
    }

    @Test func `a Hub that forgets is sent everything again, not for ever`() async throws {
        let hub = FakeUploads()
        hub.forget()
        await #expect(throws: SyncError.garbage) { try await send(hub) }
        #expect(hub.starts.count == 8)
    }

    @Test func `a Hub of yesterday gets it whole`() async throws {
        let hub = FakeUploads(isOld: true)
        try await send(hub)
        #expect(hub.received == content)
        #expect(hub.starts.isEmpty)
    }
}

/// A Hub in memory that takes one document.
private final class FakeUploads: UploadTarget {
    private struct State {
        var received: [UInt8] = []
        var starts: [Int] = []
        var runsLeft = Int.max
        var forgets = false
    }

    private let state = Mutex(State())
    private let isOld: Bool

    init(isOld: Bool = false) {
        self.isOld = isOld
    }

    var received: [UInt8] { state.withLock { $0.received } }
    var starts: [Int] { state.withLock { $0.starts } }

    func cut(after runs: Int) { state.withLock { $0.runsLeft = runs } }
    func forget() { state.withLock { $0.forgets = true } }

    func received(of digest: Digest256) async throws(SyncError) -> UploadReply {
        guard !isOld else { throw .failed(status: 404) }
        let received = received
        return UploadReply(
            sha256: digest,
            received: received.count,
            isComplete: Digest256(of: received) == digest
        )
    }

    func upload(
        _ content: [UInt8],
        _ range: UploadRange,
        digest: Digest256
    ) async throws(SyncError) -> UploadReply {
        let isCut = state.withLock { state in
            state.starts.append(range.start)
            if state.runsLeft == 0 {
                state.runsLeft = .max
                return true
            }
            state.runsLeft -= 1
            if state.forgets {
                state.received = []
            } else if state.received.count == range.start {
                state.received += content
            }
            return false
        }
        guard !isCut else { throw .unreachable("cut") }
        return try await received(of: digest)
    }

    func upload(_ content: [UInt8], digest: Digest256) async throws(SyncError) {
        state.withLock { $0.received = content }
    }
}
