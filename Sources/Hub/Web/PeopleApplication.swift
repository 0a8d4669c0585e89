import Foundation
import HTTPTypes
package import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOSSL
package import Postgres
package import ServiceLifecycle
package import Shared

/// The listener that people's browsers speak to.
package struct PeopleApplication: Sendable {
    package typealias Server = Application<RouterResponder<HubContext>>

    /// What the listener is made of.
    package struct Settings: Sendable {
        package var address: ListeningAddress
        package var tls: HubConfiguration.TLSFiles?
        package var origin: String?
        package var trustsProxy = false
        /// True where browsers reach the Hub by TLS: its own, or a proxy's.
        package var isSecure = false
        package var session = SessionLimits()
        package var live = LiveLimits()
        /// For invitations; nil where nobody is invited from a page.
        package var authority: AuthorityFolder?

        /// Plain HTTP at `address`, with the usual limits.
        package init(address: ListeningAddress) {
            self.address = address
        }

        package init(_ configuration: HubConfiguration) {
            address = configuration.web
            tls = configuration.webTLS
            origin = configuration.webOrigin
            trustsProxy = configuration.trustsProxy
            isSecure = configuration.isSecure
            session = configuration.session
            authority = AuthorityFolder(state: configuration.state)
        }
    }

    /// Every route, with the permission that it needs.
    package let routes: Routes
    /// Hands new readings to the browsers that listen.
    ///
    /// It must stop before the server does, whose
    /// last connections are its streams.
    package let broadcaster: any Service
    /// Wakes the pages of workstations; it too must stop before the server does.
    package let stations: any Service
    /// The server itself.
    package let server: Server

    /// Compiles the templates and wires everything.
    ///
    /// Throws `TemplateError`, or what is wrong with
    /// the certificate.
    package init(
        _ settings: Settings,
        database: PostgresClient,
        hasher: PasswordHasher,
        ring: SealingRing,
        clock: WallClock,
        logger: Logger,
        onReady: @escaping @Sendable () async -> Void = {}
    ) throws {
        let assets = try Assets(folder: Resources.folder.appending(path: "assets"))
        let templates = try Templates(
            folder: Resources.folder.appending(path: "templates"),
            assets: assets.names
        )
        let broadcaster = LiveBroadcaster(
            database: database,
            readings: ReadingStore(database: database),
            limits: settings.live,
            logger: logger
        )
        let stations = StationBroadcaster(database: database, logger: logger)
        let parts = Parts(
            settings: settings,
            database: database,
            hasher: hasher,
            ring: ring,
            clock: clock,
            templates: templates,
            broadcaster: broadcaster,
            stations: stations
        )
        var routes = parts.routes()
        assets.addRoutes(to: &routes)
        let router = Router(context: HubContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: SecurityHeaders(isSecure: settings.isSecure))
        router.add(middleware: ErrorPages(templates: templates))
        routes.register(on: router)
        self.routes = routes
        self.broadcaster = broadcaster
        self.stations = stations
        server = Application(
            router: router,
            server: try Self.listener(settings.tls),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.address.host, port: settings.address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(4096)
            ),
            onServerRunning: { channel in
                let address = channel.localAddress.map { "\($0)" } ?? "\(settings.address)"
                logger.notice("people are served", metadata: ["address": "\(address)"])
                await onReady()
            },
            logger: logger
        )
    }

    private static func listener(_ files: HubConfiguration.TLSFiles?) throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                idleTimeout: .seconds(WebLimits.idleSeconds),
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: WebLimits.headerBytes,
                    maxHeaderListSize: WebLimits.headerBytes,
                    maxHeaderFieldCount: 100
                )
            )
        )
        guard let files else { return plain }
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate)
                .map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
        )
        tls.minimumTLSVersion = .tlsv12
        return try .tls(plain, tlsConfiguration: tls)
    }
}

/// What the pages are made of, until they are wired.
private struct Parts {
    let settings: PeopleApplication.Settings
    let database: PostgresClient
    let hasher: PasswordHasher
    let ring: SealingRing
    let clock: WallClock
    let templates: Templates
    let broadcaster: LiveBroadcaster
    let stations: StationBroadcaster

    /// Every page and action.
    func routes() -> Routes {
        let readings = ReadingStore(database: database)
        let documents = DocumentStore(database: database)
        let sessions = SessionStore(database: database, clock: clock, limits: settings.session)
        let cookie = SessionCookie(isSecure: settings.isSecure)
        let origin = OriginRule(configured: settings.origin)
        let network = NetworkName(trustsForwardedFor: settings.trustsProxy)
        let trail = AuditTrail(
            writer: AuditWriter(database: database),
            network: network,
            clock: clock
        )
        var routes = Routes(
            gate: Gate(sessions: sessions, cookie: cookie, origin: origin),
            trail: trail
        )
        FirstPage().addRoutes(to: &routes)
        SignInController(
            accounts: AccountStore(database: database, clock: clock, hasher: hasher),
            sessions: sessions,
            attempts: SignInAttempts(database: database, clock: clock),
            network: network,
            trail: trail,
            cookie: cookie,
            templates: templates
        ).addRoutes(to: &routes)
        ReadingsController(
            readings: readings,
            documents: documents,
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        DeviceRoutes(database: database, ring: ring, templates: templates, clock: clock)
            .addRoutes(to: &routes)
        AgentsController(
            database: database,
            templates: templates,
            clock: clock,
            authority: settings.authority
        ).addRoutes(to: &routes)
        stationController().addRoutes(to: &routes)
        AuditController(
            audit: AuditStore(database: database),
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        addPatients(to: &routes, readings, documents)
        SendController(
            commands: DeviceCommandStore(database: database, clock: clock),
            patients: PatientStore(database: database, clock: clock),
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        LiveController(
            stream: LiveStream(
                broadcaster: broadcaster,
                readings: readings,
                sessions: sessions,
                templates: templates,
                clock: clock,
                limits: settings.live
            ),
            cookie: cookie
        ).addRoutes(to: &routes)
        return routes
    }

    private func addPatients(
        to routes: inout Routes,
        _ readings: ReadingStore,
        _ documents: DocumentStore
    ) {
        let patients = PatientStore(database: database, clock: clock)
        let matches = MatchStore(database: database, clock: clock)
        PatientsController(
            patients: patients,
            readings: readings,
            documents: documents,
            ring: ring,
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        PatientEditController(
            patients: patients,
            readings: readings,
            matches: matches,
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        PatientJoinController(patients: patients, templates: templates, clock: clock)
            .addRoutes(to: &routes)
        MatchController(
            readings: readings,
            patients: patients,
            matches: matches,
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
    }

    private func stationController() -> StationController {
        let patients = PatientStore(database: database, clock: clock)
        let contexts = WorkstationContextStore(database: database, clock: clock)
        let cards = CardSessionStore(database: database, ring: ring, clock: clock)
        return StationController(
            workstations: WorkstationStore(database: database, clock: clock),
            contexts: contexts,
            cards: cards,
            patients: patients,
            desk: CardDesk(
                database: database,
                patients: patients,
                cards: cards,
                ring: ring,
                clock: clock
            ),
            views: StationViews(
                database: database,
                contexts: contexts,
                cards: cards,
                patients: patients,
                clock: clock
            ),
            stream: StationStream(broadcaster: stations, beat: settings.live.beat),
            cookie: WorkstationCookie(isSecure: settings.isSecure),
            templates: templates,
            clock: clock
        )
    }
}
