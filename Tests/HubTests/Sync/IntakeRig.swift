import Crypto
import Foundation
import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import SwiftASN1
import Sync
import TestKit
import X509

@testable import Hub

/// The Hub's intake on a database of its own, with one enrolled agent.
struct IntakeRig: Sendable {
    /// The owner's, past the second wall.
    let database: PostgresClient
    /// What the intake has: the serving role's, in the scope of an agent.
    let serving: PostgresClient
    let clock: HandClock
    let authority: CertificateAuthority
    let hub: Identifier
    let ring: SealingRing

    static func with(_ body: (IntakeRig) async throws -> Void) async throws {
        try await ServingDatabase.withAgentOfFirstSite { database, serving in
            let clock = HandClock()
            try await body(
                IntakeRig(
                    database: database,
                    serving: serving,
                    clock: clock,
                    authority: try CertificateAuthority(name: "Test", now: clock.wall.now()),
                    hub: try await database.hubInstance(),
                    ring: try SealingRing.sample()
                )
            )
        }
    }

    var enrolment: EnrolmentStore {
        EnrolmentStore(database: serving, authority: authority, clock: clock.wall)
    }

    var intake: PushIntake {
        PushIntake(database: serving, clock: clock.wall, ring: ring)
    }

    var sessions: SessionIntake { SessionIntake(database: serving, clock: clock.wall) }

    var epochs: EpochIntake { EpochIntake(database: serving, clock: clock.wall) }

    var claims: ClaimIntake {
        ClaimIntake(database: serving, enrolment: enrolment, clock: clock.wall)
    }

    var uploads: UploadStore { UploadStore(database: serving, clock: clock.wall) }

    var changes: ChangeStore { ChangeStore(database: serving) }

    var replicas: Replicas { Replicas(database: serving, clock: clock.wall) }

    /// Puts rows into the class `config`.
    func fill(_ agent: EnrolledAgent, _ keys: [String]) async throws {
        try await database.withTransaction { connection in
            for key in keys {
                try await ChangeStore.write(
                    site: agent.site,
                    class: "config",
                    key: key,
                    payload: Array("1".utf8),
                    in: connection
                )
            }
        }
    }

    /// Runs `body` with a client of the agents' routes, as the gate lets `agent` in.
    func routes(
        as agent: EnrolledAgent,
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let router = Router(context: AgentsContext.self)
        router.add(middleware: SyncErrorMiddleware(logger: TemporaryPostgres.logger))
        let group = router.group().add(middleware: OpenGate(agent: agent))
        SyncRoutes(
            sessions: sessions,
            pushes: intake,
            recoveries: RecoveryStore(database: serving, clock: clock.wall),
            uploads: uploads,
            changes: changes,
            replicas: replicas,
            commands: DeviceCommandStore(database: serving, clock: clock.wall),
            enrolment: enrolment,
            hints: HintBroadcaster(database: serving, logger: TemporaryPostgres.logger),
            clock: clock.wall
        ).add(to: group)
        try await Application(router: router).test(.router, body)
    }

    func invite(hours: Int = 24) async throws -> InvitationCode {
        try await InvitationStore(database: database).invite(
            workstation: "Room 1",
            site: nil,
            hours: hours,
            fingerprint: InvitationCode.fingerprint(ofCertificate: authority.certificate.der),
            now: clock.wall.now()
        )
    }

    static func request(_ key: P256.Signing.PrivateKey = .init()) throws -> String {
        try CertificateSigningRequest(
            version: .v1,
            subject: try DistinguishedName { CommonName("anything") },
            privateKey: .init(key),
            attributes: .init(),
            signatureAlgorithm: .ecdsaWithSHA256
        ).serializeAsPEM().pemString
    }

    /// Enrols an agent and answers it as the gate would.
    func agent() async throws -> EnrolledAgent {
        let reply = try await enrolment.enrol(
            EnrolmentRequest(
                secret: try await invite().secretText,
                certificateRequest: try Self.request(),
                software: "1"
            )
        )
        return EnrolledAgent(
            id: reply.agent,
            site: reply.site,
            workstation: reply.workstation,
            isRevoked: false
        )
    }

    func count(_ sql: String) async throws -> Int {
        try await database.query("SELECT count(*) AS n FROM \(unescaped: sql)").first?
            .decode("n", as: Int.self) ?? -1
    }
}

/// Stands where the gate does, for an agent that has shown its certificate.
struct OpenGate: RouterMiddleware {
    let agent: EnrolledAgent

    func handle(
        _ request: Request,
        context: AgentsContext,
        next: @concurrent (Request, AgentsContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.identify(agent)
        return try await next(request, context)
    }
}

/// An agent's log in memory: numbers and chains facts as the Agent's outbox does.
struct AgentLogModel {
    private(set) var operations: [Sync.Operation] = []
    private var links = [Chain.start]
    var nonce: String?

    mutating func append(
        kind: String,
        version: Int = 1,
        payload: [UInt8],
        salt: String = "",
        id: Identifier? = nil
    ) {
        let sequence = Int64(operations.count + 1)
        let operation = Sync.Operation(
            sequence: sequence,
            id: id ?? Identifier(derivedFrom: [Array("\(salt)\(sequence)\(kind)".utf8), payload]),
            kind: kind,
            version: version,
            createdAt: Instant(milliseconds: 1_763_629_200_000),
            payload: payload
        )
        links.append(
            Chain.next(
                after: links[links.count - 1],
                sequence: sequence,
                id: operation.id,
                payload: payload
            )
        )
        operations.append(operation)
    }

    mutating func append(document text: String, failure: DocumentFailure? = nil) throws {
        let fact = SampleFact.document(text, failure: failure)
        append(kind: DocumentFact.kind, payload: try JSON.encode(fact))
    }

    mutating func append(reading fact: ReadingFact) throws {
        append(kind: ReadingFact.kind, payload: try JSON.encode(fact))
    }

    func push(_ range: ClosedRange<Int>? = nil) -> Push {
        let range = range ?? 1...operations.count
        let header = PushHeader(
            requestId: Identifier(derivedFrom: []),
            epoch: 1,
            base: Int64(range.lowerBound),
            count: range.count,
            previousChain: links[range.lowerBound - 1],
            lastChain: links[range.upperBound],
            nonce: nonce,
            condition: Self.condition
        )
        return Push(
            header: header,
            operations: Array(operations[(range.lowerBound - 1)...(range.upperBound - 1)])
        )
    }

    func session(acknowledged: Int = 0) -> SessionRequest {
        SessionRequest(
            epoch: 1,
            head: Int64(operations.count),
            acknowledged: Int64(acknowledged),
            acknowledgedChain: links[acknowledged],
            nonce: nonce,
            workstation: "Room 1",
            condition: Self.condition
        )
    }

    static let condition = AgentCondition(
        software: "1.2.3",
        pending: 7,
        oldestPendingAt: Instant(milliseconds: 1_763_629_200_000),
        clockOffsetMs: -15,
        roundTripMs: 4
    )
}

/// Facts with invented people.
enum SampleFact {
    static func document(_ text: String, failure: DocumentFailure? = nil) -> DocumentFact {
        let bytes = Array(text.utf8)
        return DocumentFact(
            sha256: Digest256(of: bytes),
            bytes: bytes.count,
            name: "exam.xml",
            format: "joia",
            decoderVersion: 1,
            source: "cv5000",
            capturedAt: Instant(milliseconds: 1_763_629_200_000),
            modifiedAt: nil,
            failure: failure,
            content: Data(bytes).base64EncodedString()
        )
    }

    static func reading(
        _ text: String,
        id: Int = 1,
        revision: Int = 1,
        family: String = "Testcase"
    ) -> ReadingFact {
        let bytes = Array(text.utf8)
        var value = ReadingValue(
            eye: .right,
            quantity: .sphere,
            value: ExactDecimal("-2.25"),
            unit: .dioptre
        )
        value.path = "/Sph"
        let reading = Reading(
            kind: .subjectiveRefraction,
            label: "Prescription",
            role: .measured,
            device: DeviceIdentity(manufacturer: "TOPCON", model: "CV-5000"),
            measuredAt: LocalTime("2026-11-20T10:14:37.218"),
            patient: DevicePatient(number: "4711", familyName: family),
            values: [value],
            problems: [],
            document: DocumentReference(
                sha256: Digest256(of: bytes),
                format: "joia",
                bytes: bytes.count,
                name: "exam.xml"
            )
        )
        return ReadingFact(
            id: Identifier(derivedFrom: [Array("reading \(id)".utf8)]),
            revision: revision,
            reading: reading,
            decoderVersion: 1,
            source: "cv5000",
            workstation: "Room 1",
            capturedAt: Instant(milliseconds: 1_763_629_200_000)
        )
    }
}

extension PushIntake {
    /// Takes a push as if it had been read.
    func take(_ push: Push, from agent: EnrolledAgent) async throws -> PushReply {
        try await take(from: agent) { push }
    }
}
