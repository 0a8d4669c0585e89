import Logging
import ServiceLifecycle
import Shared
import Sync

/// The parts that serve attached devices, and how they are put together.
struct DeviceWiring {
    let board = DeviceBoard()
    let facts: DeviceFacts
    let services: [any Service]

    init(
        _ configuration: AgentConfiguration,
        store: AgentStore,
        outbox: Outbox,
        decoding: DocumentDecoding,
        monitors: [SourceMonitor],
        logger: Logger
    ) {
        facts = DeviceFacts(store: store, outbox: outbox, logger: logger)
        let pulled = PulledConfiguration(store: store)
        let local = configuration.deviceRules
        let capture = SerialCapture(store: store, decoding: decoding, logger: logger)
        let leftovers = SerialLeftovers(store: store, capture: capture, logger: logger)
        let devices = DeviceService(
            folder: configuration.mediaDirectory,
            prepare: {
                let sessions = await leftovers.find()
                return { await leftovers.recover(sessions) }
            },
            rules: {
                guard
                    let hub = try? await pulled.rows(DeviceRule.keyPrefix, as: DeviceRule.self)
                else { return nil }
                return DeviceRules(local: local, hub: hub.values.sorted { $0.id < $1.id })
            },
            rulesChanges: store.configurationChanges.changes(),
            facts: facts,
            board: board,
            clock: store.clock,
            logger: logger,
            makeDriver: { run in
                switch run.plan {
                case .serial(let name, let line):
                    SerialDriver(
                        run: run,
                        protocolName: name,
                        line: line,
                        store: store,
                        capture: capture,
                        open: SerialPorts.open,
                        logger: logger
                    )
                case .media, .leave:
                    MediaDriver(run: run, store: store, decoding: decoding, logger: logger)
                }
            }
        )
        let sources = SourceFacts(
            sources: configuration.sources,
            monitors: monitors,
            facts: facts,
            board: board,
            clock: store.clock,
            watchesReaders: configuration.cards.isEnabled
        )
        services = [devices, sources]
    }
}
