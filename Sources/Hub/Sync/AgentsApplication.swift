package import Crypto
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOSSL
package import Postgres
package import ServiceLifecycle
package import Shared
package import X509

/// The listener that agents speak to: TLS 1.3, mutual but for enrolment, default-deny.
package struct AgentsApplication: Sendable {
    /// Where it listens.
    package var host: String
    package var port: Int
    package var authority: CertificateAuthority
    package var server: (key: P256.Signing.PrivateKey, certificate: Certificate)
    package var database: PostgresClient
    package var logger: Logger
    package var clock: WallClock
    package var ring: SealingRing
    /// How many pushes are in hand; the matching gives way to them.
    var gauge = FlowGauge()
    /// How browsers call the Hub; nil where the configuration does not say.
    package var origin: String?
    /// How long an Agent may take for a request.
    package var times = RequestTimes.agents

    /// The services of the listener: the broadcaster first, then the server.
    package func services() throws -> [any Service] {
        let hints = HintBroadcaster(database: database, logger: logger)
        return [hints, try listener(hints: hints)]
    }

    /// The server alone.
    func listener(hints: HintBroadcaster) throws -> Application<RouterResponder<AgentsContext>> {
        Application(
            router: router(hints: hints),
            server: try .tls(
                .timed(times, headerBytes: WebLimits.headerBytes),
                tlsConfiguration: tls()
            ),
            configuration: .init(
                address: .hostname(host, port: port),
                serverName: "clinic-hub",
                availableConnectionsDelegate: MaximumAvailableConnections(4096)
            ),
            logger: logger
        )
    }

    func router(hints: HintBroadcaster) -> Router<AgentsContext> {
        let router = Router(context: AgentsContext.self)
        router.add(middleware: SyncErrorMiddleware(logger: logger))
        let enrolment = EnrolmentStore(database: database, authority: authority, clock: clock)
        EnrolmentRoutes(enrolment: enrolment).add(to: router)
        let gate = AgentsGate(agents: EnrolledAgentStore(database: database))
        let routes = SyncRoutes(
            sessions: SessionIntake(database: database, clock: clock),
            pushes: PushIntake(database: database, clock: clock, ring: ring, gauge: gauge),
            recoveries: RecoveryStore(database: database, clock: clock),
            uploads: UploadStore(database: database, clock: clock),
            changes: ChangeStore(database: database),
            replicas: Replicas(database: database, clock: clock),
            commands: DeviceCommandStore(database: database, clock: clock),
            enrolment: enrolment,
            hints: hints,
            clock: clock
        )
        let enrolled = router.group().add(middleware: gate)
        routes.add(to: enrolled)
        EpochRoutes(
            epochs: EpochIntake(database: database, clock: clock),
            claims: ClaimIntake(database: database, enrolment: enrolment, clock: clock)
        ).add(to: enrolled)
        WorkstationRoutes(
            workstations: WorkstationStore(database: database, clock: clock),
            origin: origin
        ).add(to: enrolled)
        return router
    }

    private func tls() throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: [
                .certificate(
                    try NIOSSLCertificate(bytes: server.certificate.der, format: .der)
                )
            ],
            privateKey: .privateKey(
                try NIOSSLPrivateKey(
                    bytes: Array(server.key.pemRepresentation.utf8),
                    format: .pem
                )
            )
        )
        tls.minimumTLSVersion = .tlsv13
        // Agents do not answer the goodbye of an idle connection: a stop does not wait for it.
        tls.shutdownTimeout = .seconds(1)
        tls.trustRoots = .certificates([
            try NIOSSLCertificate(bytes: authority.certificate.der, format: .der)
        ])
        // A PC that is about to enrol has no certificate yet; the gate refuses it everywhere else.
        tls.certificateVerification = .optionalVerification
        return tls
    }
}

extension PostgresClient {
    /// The identifier that this Hub's database was given when it was made.
    package func hubInstance() async throws -> Identifier {
        let rows = try await query("SELECT instance FROM hub")
        guard let row = rows.first else { throw AuthorityError.stateUnusable("no row in hub") }
        return try row.decode("instance")
    }
}
