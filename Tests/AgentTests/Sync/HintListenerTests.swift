import Shared
import Sync
import Synchronization
import Testing

@testable import Agent

@Suite struct HintListenerTests {
    @Test func `behind a proxy that gathers, the Agent hears by waiting`() async {
        let source = GatheringProxy()
        let doorbell = Doorbell()
        let listener = HintListener(
            source: source,
            doorbell: doorbell,
            logger: .silent,
            sleep: { _ in try Task.checkCancellation() }
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run() }
            await source.waitUntil(answers: 3)
            group.cancelAll()
        }
        #expect(source.streams == HintChannel.silentLimit)
        // What was heard once is not asked for again.
        #expect(source.known.prefix(3) == [[:], ["config": 7], ["config": 8]])
        #expect(await doorbell.wait(until: .now))
    }
}

/// Lets no event through, and every answer.
private final class GatheringProxy: HintSource {
    private struct State {
        var streams = 0
        var known: [[String: Int64]] = []
    }

    private let state = Mutex(State())
    private let answered = Doorbell()

    var streams: Int { state.withLock { $0.streams } }
    var known: [[String: Int64]] { state.withLock { $0.known } }

    func waitUntil(answers: Int) async {
        while known.count < answers {
            _ = await answered.wait(until: .now + .seconds(10))
        }
    }

    func hints(_ receive: @escaping @Sendable (Hint) async -> Void) async throws(SyncError) {
        state.withLock { $0.streams += 1 }
        // Open, and silent until it is given up.
        while !Task.isCancelled { await Task.yield() }
        throw .unreachable("cancelled")
    }

    func wait(known: [String: Int64]) async throws(SyncError) -> WaitReply {
        let position = state.withLock { state -> Int64 in
            state.known.append(known)
            // 7, 8, 9, and then nothing.
            return 6 + Int64(state.known.count)
        }
        answered.ring()
        if position > 9 {
            // As the Hub does where nothing is new.
            while !Task.isCancelled { await Task.yield() }
            throw .unreachable("cancelled")
        }
        return WaitReply(hints: [Hint(class: "config", position: position)])
    }
}
