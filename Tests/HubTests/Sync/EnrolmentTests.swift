import Crypto
import Postgres
import Shared
import SwiftASN1
import Sync
import Testing
import X509

@testable import Hub

@Suite struct EnrolmentTests {
    private func request(_ secret: String) throws -> EnrolmentRequest {
        EnrolmentRequest(
            secret: secret,
            certificateRequest: try IntakeRig.request(),
            software: "1"
        )
    }

    @Test func `an invitation makes an agent, once`() async throws {
        try await IntakeRig.with { rig in
            let code = try await rig.invite()
            let reply = try await rig.enrolment.enrol(try request(code.secretText))
            #expect(reply.workstation == "Room 1")
            let certificate = try Certificate(pemEncoded: reply.certificate)
            #expect(
                rig.authority.certificate.publicKey.isValidSignature(
                    certificate.signature,
                    for: certificate
                )
            )
            await #expect(throws: EnrolmentFailure.invitationInvalid) {
                try await rig.enrolment.enrol(try request(code.secretText))
            }
            #expect(try await rig.count("agent") == 1)
        }
    }

    @Test func `an invitation that has expired makes none`() async throws {
        try await IntakeRig.with { rig in
            let code = try await rig.invite(hours: 1)
            rig.clock.advance(by: .seconds(3601))
            await #expect(throws: EnrolmentFailure.invitationInvalid) {
                try await rig.enrolment.enrol(try request(code.secretText))
            }
            #expect(try await rig.count("agent") == 0)
        }
    }

    @Test(arguments: ["", "nonsense", "00000000000000000000000000", "'; DROP TABLE agent; --"])
    func `a secret that nobody was given makes none`(secret: String) async throws {
        try await IntakeRig.with { rig in
            _ = try await rig.invite()
            await #expect(throws: EnrolmentFailure.invitationInvalid) {
                try await rig.enrolment.enrol(try request(secret))
            }
        }
    }

    @Test func `a request that cannot be certified does not use up the code`() async throws {
        try await IntakeRig.with { rig in
            let code = try await rig.invite()
            var bad = try request(code.secretText)
            bad.certificateRequest = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
            await #expect(throws: EnrolmentFailure.requestInvalid) {
                try await rig.enrolment.enrol(bad)
            }
            _ = try await rig.enrolment.enrol(try request(code.secretText))
        }
    }

    @Test func `another kind of key is not certified`() throws {
        let now = Instant(milliseconds: 1_763_629_200_000)
        let authority = try CertificateAuthority(name: "Test", now: now)
        let request = try CertificateSigningRequest(
            version: .v1,
            subject: try DistinguishedName { CommonName("x") },
            privateKey: .init(P384.Signing.PrivateKey()),
            attributes: .init(),
            signatureAlgorithm: .ecdsaWithSHA384
        )
        #expect(throws: AuthorityError.requestInvalid) {
            try authority.certify(request, agent: Identifier(derivedFrom: []), now: now)
        }
    }

    @Test func `a renewal keeps the key and moves the end`() async throws {
        try await IntakeRig.with { rig in
            let key = P256.Signing.PrivateKey()
            let reply = try await rig.enrolment.enrol(
                EnrolmentRequest(
                    secret: try await rig.invite().secretText,
                    certificateRequest: try IntakeRig.request(key),
                    software: "1"
                )
            )
            let agent = EnrolledAgent(
                id: reply.agent,
                site: reply.site,
                workstation: "Room 1",
                isRevoked: false
            )
            rig.clock.advance(by: .seconds(60 * 86400))
            let renewal = try await rig.enrolment.renew(
                RenewalRequest(certificateRequest: try IntakeRig.request(key)),
                for: agent
            )
            #expect(renewal.expiresAt.duration(since: reply.expiresAt) == .seconds(60 * 86400))
            await #expect(throws: EnrolmentFailure.requestInvalid) {
                try await rig.enrolment.renew(
                    RenewalRequest(certificateRequest: try IntakeRig.request()),
                    for: agent
                )
            }
        }
    }
}
