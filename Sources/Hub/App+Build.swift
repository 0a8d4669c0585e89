import Foundation
import Hummingbird
package import Logging
import Mail
import Postgres
import ServiceLifecycle
import Shared
import Systemd

/// The whole Hub as one service: the only place where its parts are made and wired.
///
/// Everything happens within `run()`, so that a signal at any moment ends in the same orderly way:
/// browsers and agents are let go first, the database last.
package struct Hub: Service {
    private let configuration: HubConfiguration
    private let environment: [String: String]
    private let logger: Logger

    /// Names the Hub; nothing happens yet.
    ///
    /// `environment` is where systemd leaves its words.
    package init(
        configuration: HubConfiguration,
        environment: [String: String],
        logger: Logger
    ) {
        self.configuration = configuration
        self.environment = environment
        self.logger = logger
    }

    /// Serves until graceful shutdown or cancellation.
    ///
    /// Throws `PostgresError`, `TemplateError`, `AuthorityError`, or what keeps a listener from its
    /// address.
    package func run() async throws {
        try HubDatabase.prepareState(configuration)
        switch configuration.database {
        case .server(let serving, let owner):
            try await serve(HubDatabase.Logins(owner: owner, serving: serving), before: [])
        case .embedded:
            let cluster = HubDatabase.cluster(of: configuration, logger: logger)
            let database = try await cluster.start()
            do {
                try await serve(HubDatabase.Logins(embedded: database), before: [cluster])
            } catch {
                // Where the group never ran, nobody else stops it.
                try? await cluster.stop()
                throw error
            }
        }
    }

    /// Opens the keys, and does what is done once before anybody is served.
    private func start(
        _ client: PostgresClient,
        _ witness: WitnessService
    ) async throws -> SealingKeys.Opened {
        try await Scope.hub.run {
            let keys = try await SealingKeys.open(
                state: configuration.state,
                database: client,
                environment: environment,
                clock: .system
            )
            let sites = SiteRegister(database: client)
            try await sites.publishUntold()
            try await sites.publish(keys.ring.envelopeKey)
            try await witness.check()
            return keys
        }
    }

    private func serve(
        _ logins: HubDatabase.Logins,
        before: [any Service]
    ) async throws {
        let client = try await HubDatabase.open(
            logins,
            state: configuration.state,
            connections: configuration.databaseConnections,
            logger: logger
        )
        let witness = WitnessService(
            database: client,
            file: WitnessFile(state: configuration.state),
            clock: .system,
            logger: logger
        )
        let keys = try await start(client, witness)
        let ring = keys.ring
        let systemd = SystemdService(
            notifier: Notifier(environment: environment),
            interval: WatchdogInterval.read(environment: environment),
            database: client,
            logger: logger
        )
        let people = try people(client, ring, onReady: { systemd.ready() })
        let gauge = FlowGauge()
        let agents = try agents(client, ring, gauge)
        let matching = MatchService(
            database: client,
            sources: .stored,
            clock: .system,
            gauge: gauge,
            logger: logger
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                // They stop from the last to the first: the streams before their server, for a
                // server waits for its last connection.
                services: before
                    + [client]
                    + ([checkpoints(client, keys), witness, matching, replay(client, ring)]
                    + mail(client, ring)).map { ScopedService(.hub, $0) }
                    + agents
                    + [people.server] + people.broadcasters + [systemd],
                logger: logger
            )
        )
        try await group.run()
    }

    private func replay(_ client: PostgresClient, _ ring: SealingRing) -> any Service {
        QuarantineReplay(
            operations: OperationStore(database: client, ring: ring, clock: .system),
            logger: logger
        )
    }

    private func mail(_ client: PostgresClient, _ ring: SealingRing) -> [any Service] {
        guard let settings = configuration.mail else { return [] }
        return [
            MailService(
                database: client,
                queue: MailQueue(database: client, ring: ring, clock: .system),
                transport: MailTransport(settings.server),
                from: settings.from,
                clock: .system,
                logger: logger
            )
        ]
    }

    private func checkpoints(
        _ client: PostgresClient,
        _ keys: SealingKeys.Opened
    ) -> any Service {
        AuditCheckpointService(
            database: client,
            key: keys.auditKey,
            file: AuditCheckpointFile(state: configuration.state),
            mail: AuditCheckpointMail(
                configuration.mail,
                database: client,
                outbox: MailOutbox(
                    ring: keys.ring,
                    clock: .system,
                    origin: configuration.browserOrigin
                )
            ),
            clock: .system,
            logger: logger
        )
    }

    private func people(
        _ client: PostgresClient,
        _ ring: SealingRing,
        onReady: @escaping @Sendable () async -> Void
    ) throws -> (server: any Service, broadcasters: [any Service]) {
        let application = try PeopleApplication(
            PeopleApplication.Settings(configuration),
            database: client,
            hasher: .standard(),
            ring: ring,
            clock: .system,
            logger: logger,
            onReady: onReady
        )
        return (application.server, [application.broadcaster, application.stations])
    }

    private func agents(
        _ client: PostgresClient,
        _ ring: SealingRing,
        _ gauge: FlowGauge
    ) throws -> [any Service] {
        let clock = WallClock.system
        let folder = AuthorityFolder(state: configuration.state)
        let authority = try folder.open(now: clock.now())
        let application = AgentsApplication(
            host: configuration.agents.host,
            port: configuration.agents.port,
            authority: authority,
            server: try folder.server(
                of: authority,
                names: configuration.agentNames.map { ServerName($0) },
                now: clock.now()
            ),
            database: client,
            logger: logger,
            clock: clock,
            ring: ring,
            gauge: gauge,
            origin: configuration.browserOrigin
        )
        return try application.services().reversed()
    }
}

extension Hub: CustomStringConvertible {
    /// The name alone: the configuration and the environment hold secrets, and services are logged.
    package var description: String { "Hub" }
}
