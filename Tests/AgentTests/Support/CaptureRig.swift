import Foundation
import Shared
import Sync

@testable import Agent

/// A source that is really watched, around a test that waits for what comes of it.
final class CaptureRig: Sendable {
    let world: AgentWorld
    let share: TemporaryFolder
    let monitor: SourceMonitor
    private let source: SourceConfiguration

    init(
        world: AgentWorld? = nil,
        share: TemporaryFolder? = nil,
        quietSeconds: Int = 1,
        watch: SourceConfiguration.Watch = .inotify,
        historyDays: Int = SourceConfiguration.defaultHistoryDays
    ) throws {
        let share = try share ?? TemporaryFolder()
        self.world = try world ?? AgentWorld()
        self.share = share
        monitor = SourceMonitor(name: "l80")
        source = SourceConfiguration(
            name: "l80",
            path: share.path,
            kind: .folder,
            watch: watch,
            quietSeconds: quietSeconds,
            historyDays: historyDays
        )
    }

    /// Watches as long as `body` runs, and ends in order.
    func watching(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let capture = SourceCapture(
            source: source,
            store: world.store,
            decoding: world.decoding,
            monitor: monitor,
            logger: .silent
        )
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await capture.run()
                return false
            }
            group.addTask {
                try await body()
                return true
            }
            while try await group.next() == false {}
            group.cancelAll()
            while (try? await group.next()) != nil {}
        }
    }

    /// Returns once the outbox holds `count` documents; woken by every append.
    func documents(_ count: Int) async throws -> [DocumentFact] {
        let appends = world.outbox.appends()
        var facts = try await world.pendingDocuments()
        for await _ in appends where facts.count < count {
            facts = try await world.pendingDocuments()
            if facts.count >= count { break }
        }
        return facts
    }
}
