import GRDB
import ServiceLifecycle
import Shared
import Sync

/// Tells the Hub once an hour how the Agent is doing: the one kind of operation that may be dropped.
struct TelemetryService: Service {
    let store: AgentStore
    let outbox: Outbox
    let board: SyncBoard

    private static let interval = Duration.seconds(3600)

    /// Runs until the Agent stops; the first sample is an hour after the start.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil {
                do {
                    try await sample()
                } catch let error as StoreError where error.isPassing {
                    // Room for what is measured comes first.
                    continue
                }
            }
        }
    }

    /// Appends one sample.
    func sample() async throws {
        let pending = try await store.read {
            try Int64.fetchOne($0, sql: "SELECT count(*) FROM operation WHERE state = 'pending'")
        }
        let fact = TelemetryFact(
            at: store.clock.now(),
            pending: pending ?? 0,
            databaseBytes: DiskSpace.size(of: store.path),
            freeBytes: DiskSpace.free(at: store.path) ?? 0,
            clockOffsetMs: board.current.clockOffsetMs
        )
        let operation = NewOperation(
            id: store.clock.identifier(),
            kind: TelemetryFact.kind,
            version: TelemetryFact.version,
            payload: try JSON.encode(fact)
        )
        try await store.write { [outbox] in try outbox.append([operation], in: $0) }
    }
}
