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
        var (last, since) = (DeviceFact.State?.none, clock.now())
        for await _ in monitor.changes() {
            let status = monitor.status
            var state = DeviceState(source, status, since: since)
            if state.state != last { (last, since) = (state.state, clock.now()) }
            board.note(source: source.name, since: since)
            state.since = since
            facts.note(state.fact(accepts: source.accepts))
        }
    }
}

extension DeviceState {
    /// A configured folder, as its monitor sees it.
    init(_ source: SourceConfiguration, _ status: SourceStatus, since: Instant) {
        let isRefused = status.storage?.isRefused == true
        let state: DeviceFact.State =
            switch status.state {
            case .unavailable, .hanging: .failing
            case .starting: isRefused ? .failing : .starting
            case .watching: isRefused ? .failing : .ready
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
            problem: status.deviceProblem
        )
    }
}

extension SourceStatus {
    /// What keeps the folder from being served, and before that what keeps the store.
    fileprivate var deviceProblem: DeviceFact.Problem? {
        if let problem { return DeviceFact.Problem(code: "\(state)", sentence: problem) }
        return storage.map {
            DeviceFact.Problem(
                code: $0.isRefused ? "storeFull" : "diskNearlyFull",
                sentence: $0.sentence
            )
        }
    }
}
