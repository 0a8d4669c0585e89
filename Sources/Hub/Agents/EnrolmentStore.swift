import Crypto
import Postgres
import Shared
import SwiftASN1
import Sync
import X509

/// Makes an agent of a PC that presents an invitation, and renews its certificate later.
struct EnrolmentStore: Sendable {
    let database: PostgresClient
    let authority: CertificateAuthority
    let clock: WallClock

    /// Uses up the invitation and certifies the key, in one transaction.
    func enrol(_ request: EnrolmentRequest) async throws -> EnrolmentReply {
        guard let digest = InvitationCode.digest(ofSecret: request.secret) else {
            throw EnrolmentFailure.invitationInvalid
        }
        let signing = try Self.request(request.certificateRequest)
        let agent = clock.identifier()
        let now = clock.now()
        let certificate: Certificate
        do {
            certificate = try authority.certify(signing, agent: agent, now: now)
        } catch {
            throw EnrolmentFailure.requestInvalid
        }
        let software = String(request.software.prefix(100))
        // The invitation says of which site; nobody knows before.
        let row = try await Scope.hub.run {
            try await take(digest, for: agent, software, certificate, now)
        }
        return EnrolmentReply(
            agent: agent,
            site: try row.decode("site_id"),
            siteName: try row.decode("site_name"),
            workstation: try row.decode("workstation"),
            certificate: try certificate.pem,
            authority: try authority.certificate.pem,
            expiresAt: Instant(certificate.notValidAfter)
        )
    }

    private func take(
        _ digest: [UInt8],
        for agent: Identifier,
        _ software: String,
        _ certificate: Certificate,
        _ now: Instant
    ) async throws -> PostgresRow {
        try await database.withTransaction { connection in
            let invitations = try await connection.query(
                """
                UPDATE invitation SET used_at = \(now)
                FROM site
                WHERE code_digest = \(digest) AND used_at IS NULL AND expires_at > \(now)
                    AND site.id = invitation.site_id
                RETURNING invitation.workstation, site.id AS site_id, site.name AS site_name
                """
            )
            guard let invitation = invitations.first else {
                throw EnrolmentFailure.invitationInvalid
            }
            let site: Identifier = try invitation.decode("site_id")
            let workstation: String = try invitation.decode("workstation")
            try await add(
                NewAgent(
                    id: agent,
                    site: site,
                    workstation: workstation,
                    certificate: certificate,
                    software: software,
                    reason: .enrolled
                ),
                in: connection
            )
            try await connection.execute(
                "UPDATE invitation SET agent_id = \(agent) WHERE code_digest = \(digest)"
            )
            return invitation
        }
    }

    /// What becomes a row of its own.
    struct NewAgent {
        var id: Identifier
        var site: Identifier
        var workstation: String
        var certificate: Certificate
        var software: String
        var reason: EpochReason
    }

    /// Adds an agent with its first epoch.
    func add(_ agent: NewAgent, in connection: PostgresConnection) async throws {
        let (certificate, now) = (agent.certificate, clock.now())
        try await connection.execute(
            """
            INSERT INTO agent (id, site_id, workstation, key_digest, certificate_serial,
                certificate_expires_at, enrolled_at, software)
            VALUES (\(agent.id), \(agent.site), \(agent.workstation), \(certificate.keyDigest),
                \(certificate.serialNumber.description), \(Instant(certificate.notValidAfter)),
                \(now), \(agent.software))
            """
        )
        try await connection.execute(
            """
            INSERT INTO agent_epoch (agent_id, epoch, reason, opened_at)
            VALUES (\(agent.id), 1, \(agent.reason.rawValue), \(now))
            """
        )
    }

    /// A new certificate for an agent that speaks under its present one.
    func renew(_ request: RenewalRequest, for agent: EnrolledAgent) async throws -> RenewalReply {
        let signing = try Self.request(request.certificateRequest)
        let certificate: Certificate
        do {
            certificate = try authority.certify(signing, agent: agent.id, now: clock.now())
        } catch {
            throw EnrolmentFailure.requestInvalid
        }
        let expiry = Instant(certificate.notValidAfter)
        // The key stays the same: a lost reply leaves the old certificate good.
        let updated = try await database.execute(
            """
            UPDATE agent SET certificate_serial = \(certificate.serialNumber.description),
                certificate_expires_at = \(expiry)
            WHERE id = \(agent.id) AND state = 'active' AND key_digest = \(certificate.keyDigest)
            """
        )
        guard updated == 1 else { throw EnrolmentFailure.requestInvalid }
        return RenewalReply(certificate: try certificate.pem, expiresAt: expiry)
    }

    /// A certificate request in PEM, not judged yet.
    static func request(_ pem: String) throws -> CertificateSigningRequest {
        guard pem.utf8.count <= 8192,
            let request = try? CertificateSigningRequest(pemEncoded: pem)
        else { throw EnrolmentFailure.requestInvalid }
        return request
    }
}

extension Certificate {
    /// SHA-256 over the public key (DER): what the Hub knows an agent by.
    var keyDigest: [UInt8] { publicKey.digest }
}

extension Certificate.PublicKey {
    /// SHA-256 over the key (DER).
    var digest: [UInt8] { Array(SHA256.hash(data: subjectPublicKeyInfoBytes)) }
}
