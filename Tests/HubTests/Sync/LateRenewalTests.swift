import Crypto
import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import SwiftASN1
import Sync
import TestKit
import Testing
import X509

@testable import Hub

@Suite struct LateRenewalTests {
    private struct Enrolled {
        let key: P256.Signing.PrivateKey
        let reply: EnrolmentReply

        func request(key: P256.Signing.PrivateKey? = nil) throws -> LateRenewalRequest {
            LateRenewalRequest(
                certificate: reply.certificate,
                certificateRequest: try IntakeRig.request(key ?? self.key)
            )
        }
    }

    private func enrol(_ rig: IntakeRig) async throws -> Enrolled {
        let key = P256.Signing.PrivateKey()
        let reply = try await rig.enrolment.enrol(
            EnrolmentRequest(
                secret: try await rig.invite().secretText,
                certificateRequest: try IntakeRig.request(key),
                software: "1"
            )
        )
        return Enrolled(key: key, reply: reply)
    }

    /// Certificates live 90 days; then 180 more are late.
    @Test(arguments: [(1, true), (91, true), (269, true), (271, false)])
    func `a PC that was off is certified again within half a year`(
        days: Int,
        isGood: Bool
    )
        async throws
    {
        try await IntakeRig.with { rig in
            let agent = try await enrol(rig)
            rig.clock.advance(by: .seconds(days * 86400))
            guard isGood else {
                await #expect(throws: SyncError.certificate) {
                    try await rig.enrolment.renewLate(try agent.request())
                }
                return
            }
            let renewed = try await rig.enrolment.renewLate(try agent.request())
            // A certificate knows whole seconds.
            let life = renewed.expiresAt.duration(since: rig.clock.wall.now())
            #expect((.seconds(90 * 86400 - 1)...(.seconds(90 * 86400))).contains(life))
            let certificate = try Certificate(pemEncoded: renewed.certificate)
            #expect(certificate.publicKey == .init(agent.key.publicKey))
        }
    }

    @Test func `nobody is certified for another's key`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await enrol(rig)
            rig.clock.advance(by: .seconds(100 * 86400))
            await #expect(throws: EnrolmentFailure.requestInvalid) {
                try await rig.enrolment.renewLate(try agent.request(key: .init()))
            }
            // A certificate of another authority, for a key that is proved.
            let other = try CertificateAuthority(name: "Other", now: rig.clock.wall.now())
            let key = P256.Signing.PrivateKey()
            let request = try CertificateSigningRequest(pemEncoded: IntakeRig.request(key))
            let foreign = try other.certify(
                request,
                agent: agent.reply.agent,
                now: rig.clock.wall.now()
            )
            await #expect(throws: SyncError.certificate) {
                try await rig.enrolment.renewLate(
                    LateRenewalRequest(
                        certificate: try foreign.pem,
                        certificateRequest: try IntakeRig.request(key)
                    )
                )
            }
        }
    }

    @Test func `a revoked PC is told so, and gets none`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await enrol(rig)
            try await rig.database.execute("UPDATE agent SET state = 'revoked'")
            rig.clock.advance(by: .seconds(100 * 86400))
            await #expect(throws: SyncError.revoked) {
                try await rig.enrolment.renewLate(try agent.request())
            }
        }
    }

    @Test func `the route needs no certificate on the connection`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await enrol(rig)
            rig.clock.advance(by: .seconds(100 * 86400))
            let router = Router(context: AgentsContext.self)
            router.add(middleware: SyncErrorMiddleware(logger: TemporaryPostgres.logger))
            EnrolmentRoutes(enrolment: rig.enrolment).add(to: router)
            let body = try JSON.encode(try agent.request())
            try await Application(router: router).test(.router) { client in
                func post(_ body: [UInt8]) async throws -> TestResponse {
                    try await client.executeRequest(
                        uri: SyncPaths.lateRenewal,
                        method: .post,
                        headers: [:],
                        body: ByteBuffer(bytes: body)
                    )
                }
                let answer = try await post(body)
                #expect(answer.status == .ok)
                _ = try JSON.decode(RenewalReply.self, from: answer.body.readableBytesView)
                #expect(try await post(Array("{}".utf8)).status == .unprocessableContent)
                let large = [UInt8](repeating: 0x20, count: 33 * 1024)
                #expect(try await post(large).status == .contentTooLarge)
            }
        }
    }
}
