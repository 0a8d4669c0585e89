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
        /// What passkeys are bound to; nil where the address allows none.
        package var relyingParty: RelyingParty?
        package var session = SessionLimits()
        package var live = LiveLimits()
        /// How long a client may take.
        package var times = RequestTimes.people
        /// True where the Hub mails.
        package var sendsMail = false
        /// How links in mails begin; nil where the Hub does not know how browsers call it.
        package var linkOrigin: String?
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
            relyingParty = RelyingParty(origin: configuration.passkeyOrigin)
            session = configuration.session
            sendsMail = configuration.mail != nil
            linkOrigin = configuration.browserOrigin
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
    /// `audit` stands in for the database's, in the bench that measures what recording costs.
    /// Throws `TemplateError`, or what is wrong with
    /// the certificate.
    package init(
        _ settings: Settings,
        database: PostgresClient,
        hasher: PasswordHasher,
        ring: SealingRing,
        clock: WallClock,
        logger: Logger,
        audit: (any AuditSink)? = nil,
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
        let parts = PageParts(
            settings: settings,
            database: database,
            hasher: hasher,
            ring: ring,
            audit: audit ?? AuditWriter(database: database),
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
        self.broadcaster = ScopedService(.hub, broadcaster)
        self.stations = stations
        server = Application(
            router: router,
            server: try Self.listener(settings.tls, settings.times, logger: logger),
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

    private static func listener(
        _ files: HubConfiguration.TLSFiles?,
        _ times: RequestTimes,
        logger: Logger
    ) throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder.timed(times, headerBytes: WebLimits.headerBytes)
        guard let files else { return plain }
        let certificate = try WebCertificate(files, logger: logger)
        return try .tls(plain, tlsConfiguration: certificate.configuration())
    }
}
