import Logging
import ServiceLifecycle
import Shared
import UnixSignals

// The only place where the parts of the Agent are made and wired.

extension AgentApp {
    static func build(
        _ configuration: AgentConfiguration,
        store: AgentStore,
        outbox: Outbox,
        isRevoked: Bool,
        logger: Logger
    ) throws(ConfigurationError) -> ServiceGroup {
        let desk = try cardDesk(configuration, clock: store.clock)
        let decoding = DocumentDecoding(
            store: store,
            outbox: outbox,
            workstation: configuration.workstation,
            sources: configuration.sources,
            settings: DeviceSettingsLookup(
                store: store,
                folder: IdentityFolder(state: configuration.stateDirectory)
            )
        )
        let monitors = configuration.sources.map { SourceMonitor(name: $0.name) }
        let board = SyncBoard()
        let commands = CommandStore(store: store, outbox: outbox)
        let deliveries = Doorbell()
        let devices = DeviceWiring(
            configuration,
            store: store,
            outbox: outbox,
            decoding: decoding,
            monitors: monitors,
            logger: logger
        )
        let disk = DiskBoard()
        let doctor = Doctor(configuration: configuration, clock: store.clock)
        let (listening, announceListening) = AsyncStream<Never>.makeStream()
        let control = ControlServer(
            path: configuration.controlSocket,
            group: configuration.controlGroup,
            responder: ControlResponder(
                configuration: configuration,
                store: store,
                quarantine: Quarantine(store: store, decoding: decoding),
                monitors: monitors,
                checks: doctor.checks(store: store, monitors: monitors, disk: disk)
                    + doctor.deviceChecks(devices.board) + syncChecks(configuration, board)
                    + CardChecks(desk: desk, testRoots: configuration.cards.testRoots).checks
                    + [
                        doctor.outboxCheck(store, board),
                        doctor.deliveryCheck { try await commands.waiting() },
                    ],
                sync: { board.status },
                cards: { desk?.board.status },
                disk: { disk.status },
                devices: { [board = devices.board] in
                    DevicesReport(board, configuration.sources, monitors)
                }
            ),
            logger: logger,
            onListening: { announceListening.finish() }
        )
        let sync = SyncService(
            store: store,
            outbox: outbox,
            documents: DocumentStore(store),
            folder: IdentityFolder(state: configuration.stateDirectory),
            board: board,
            disk: disk,
            work: PulledWork(commands: commands, doorbell: deliveries),
            workstation: configuration.workstation,
            software: AgentVersion.current,
            salvage: Salvage(
                store: store,
                outbox: outbox,
                folder: configuration.stateDirectory,
                logger: logger
            ),
            machineId: configuration.machineIdPath,
            isRevoked: isRevoked,
            logger: logger
        )
        let captures = zip(configuration.sources, monitors).map { source, monitor in
            SourceCapture(
                source: source,
                store: store,
                decoding: decoding,
                monitor: monitor,
                logger: logger
            )
        }
        var services: [any Service] = [
            StoreGuard(store: store), control,
            DiskService(
                store: store,
                configuration: configuration,
                board: disk,
                logger: logger,
                onChange: { status in
                    for monitor in monitors { monitor.noted(storage: status.problem) }
                    devices.facts.hold(status.holdsTelemetry)
                }
            ),
            LeftoverDecoding(store: store, decoding: decoding, logger: logger),
            Retention(store, days: configuration.retentionDays, logger: logger),
            sync, delivery(configuration, commands, doorbell: deliveries, logger), CodeMemory(),
            TelemetryService(store: store, outbox: outbox, board: board),
        ]
        services += captures as [any Service] + devices.services
        if let desk {
            services += cardServices(desk, store, outbox, configuration, devices, logger)
        }
        if isRevoked {
            // Nothing is captured, delivered or read: only asked whether the Hub takes it again.
            let revocation = Revocation(store: store, outbox: outbox)
            services = [StoreGuard(store: store), control, sync, LeftoverExpiry(revocation)]
        }
        // Last, so that systemd hears of the start when everything runs, and first of the stop.
        services.append(Liveness(store: store, listening: listening, logger: logger))
        return ServiceGroup(
            configuration: serviceGroup(of: services, logger)
        )
    }

    private static func delivery(
        _ configuration: AgentConfiguration,
        _ commands: CommandStore,
        doorbell: Doorbell,
        _ logger: Logger
    ) -> DeliveryService {
        let identity = IdentityFolder(state: configuration.stateDirectory)
        let pulled = PulledConfiguration(store: commands.store)
        let installation = InstallationFile(
            folder: identity,
            marks: .read(machineId: configuration.machineIdPath)
        )
        return DeliveryService(
            commands: commands,
            sources: configuration.sources,
            isEnabled: { device, kind in
                guard !installation.isMoved() else { return false }
                return try await pulled.isEnabled(
                    kind,
                    device: device,
                    agent: identity.load()?.agent
                )
            },
            present: NewestReadingPatient(store: commands.store),
            doorbell: doorbell,
            logger: logger
        )
    }

    /// `board` is nil where the Agent does not run.
    static func syncChecks(
        _ configuration: AgentConfiguration,
        _ board: SyncBoard? = nil
    ) -> [DoctorCheck] {
        SyncChecks(
            folder: IdentityFolder(state: configuration.stateDirectory),
            configured: configuration.hubURL,
            machineId: configuration.machineIdPath,
            doubt: { board?.current.suspicion }
        ).checks
    }

    private static func serviceGroup(
        of services: [any Service],
        _ logger: Logger
    ) -> ServiceGroupConfiguration {
        var group = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // A read from a share that is away does not come back: the process ends without it.
        group.maximumGracefulShutdownDuration = .seconds(10)
        group.maximumCancellationDuration = .seconds(5)
        return group
    }
}
