import ServiceLifecycle
import Shared
import Sync

/// Tells of the configured folders as of devices, whenever one becomes readable or is away.
struct SourceFacts: Service {
    let sources: [SourceConfiguration]
    let monitors: [SourceMonitor]
    let facts: DeviceFacts
    let board: DeviceBoard
    let clock: WallClock
    /// Without cards nobody watches the readers that the Hub was told of.
    let watchesReaders: Bool

    func run() async throws {
        await facts.load()
        let keys = Set(sources.map { DeviceKey.source($0.name) })
        let kinds: Set<DeviceFact.Attachment> = watchesReaders ? [.folder] : [.folder, .cardReader]
        facts.settle(kinds, present: keys, at: clock.now())
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                // Without a source there is nothing to follow, and a service that ends is a failure.
                group.addTask { try? await gracefulShutdown() }
                for (source, monitor) in zip(sources, monitors) {
                    group.addTask { await follow(source, monitor) }
                }
            }
        }
    }

    private func follow(_ source: SourceConfiguration, _ monitor: SourceMonitor) async {
        var (last, since) = (SourceStatus.State?.none, clock.now())
        for await _ in monitor.changes() {
            let status = monitor.status
            if status.state != last { (last, since) = (status.state, clock.now()) }
            board.note(source: source.name, since: since)
            let state = DeviceState(source, status, since: since)
            facts.note(state.fact(accepts: source.accepts))
        }
    }
}

extension DeviceState {
    /// A configured folder, as its monitor sees it.
    init(_ source: SourceConfiguration, _ status: SourceStatus, since: Instant) {
        let state: DeviceFact.State =
            switch status.state {
            case .starting: .starting
            case .watching: .ready
            case .unavailable, .hanging: .failing
            }
        self.init(
            key: DeviceKey.source(source.name),
            attachment: .folder,
            state: state,
            since: since,
            adapter: DeviceFact.Adapter(mountPath: source.path),
            node: source.path,
            driver: source.kind.rawValue,
            source: source.name,
            documents: status.documents,
            lastDocumentAt: status.lastDocumentAt,
            problem: status.problem.map {
                DeviceFact.Problem(code: "\(status.state)", sentence: $0)
            }
        )
    }
}
