import Postgres
import Shared
import SwiftASN1
import Sync
import X509

/// Takes what copies of Agents ask for, and makes an Agent of a copy that a person has approved.
struct ClaimIntake: Sendable {
    let database: PostgresClient
    let enrolment: EnrolmentStore
    let clock: WallClock

    /// Requests of one Agent's copies that may wait for a person.
    private static let maximumWaiting = 8

    /// Notes the request of a copy of `agent`, and answers what a person has decided.
    ///
    /// - Throws: `EnrolmentFailure.requestInvalid`; `busy` where too many wait.
    func claim(_ request: ClaimRequest, from agent: EnrolledAgent) async throws -> ClaimReply {
        let signing = try EnrolmentStore.request(request.certificateRequest)
        let digest = signing.keyDigest
        return try await database.withTransaction { connection in
            // One claim of an Agent at a time.
            _ = try await connection.query("SELECT FROM agent WHERE id = \(agent.id) FOR UPDATE")
            let row = try await note(request, digest, of: agent, connection)
            let decision = try ClaimReply.Decision(
                rawValue: row.decode("decision", as: String.self)
            )
            switch decision {
            case .approved:
                let enrolment = try await enrolment.enrolCopy(
                    of: agent,
                    signing,
                    claim: row,
                    in: connection
                )
                return ClaimReply(decision: .approved, enrolment: enrolment)
            case .samePC:
                // It speaks for the Agent from its next session on, and has nothing to ask.
                try await connection.execute(
                    "DELETE FROM agent_claim WHERE key_digest = \(digest)"
                )
                return ClaimReply(decision: .samePC)
            case .waiting, .rejected, nil:
                return ClaimReply(decision: decision ?? .waiting)
            }
        }
    }

    private func note(
        _ request: ClaimRequest,
        _ digest: [UInt8],
        of agent: EnrolledAgent,
        _ connection: PostgresConnection
    ) async throws -> PostgresRow {
        let now = clock.now()
        let waiting = try await connection.query(
            """
            SELECT count(*) AS n FROM agent_claim
            WHERE agent_id = \(agent.id) AND decision = 'waiting' AND key_digest <> \(digest)
            """
        )
        guard try waiting.first?.decode("n", as: Int.self) ?? 0 < Self.maximumWaiting else {
            throw SyncError.busy(retryAfterSeconds: 600)
        }
        let installation = String(decoding: try JSON.encode(request.installation), as: UTF8.self)
        let rows = try await connection.query(
            """
            INSERT INTO agent_claim (id, key_digest, agent_id, installation, workstation, software,
                pending, asked_at, last_asked_at)
            VALUES (\(clock.identifier()), \(digest), \(agent.id), \(installation)::jsonb,
                \(String(request.workstation.prefix(200))), \(String(request.software.prefix(100))),
                \(max(request.pending, 0)), \(now), \(now))
            ON CONFLICT (key_digest) DO UPDATE SET last_asked_at = EXCLUDED.last_asked_at,
                pending = EXCLUDED.pending, software = EXCLUDED.software
            RETURNING id, decision, workstation, became, certificate
            """
        )
        guard let row = rows.first else { throw PostgresError.undecodable }
        return row
    }
}

extension CertificateSigningRequest {
    /// SHA-256 over the public key (DER): what the Hub would know an agent by.
    var keyDigest: [UInt8] { publicKey.digest }
}

extension EnrolmentStore {
    /// Makes an Agent of its own of an approved copy, once; answers the same again afterwards.
    func enrolCopy(
        of original: EnrolledAgent,
        _ signing: CertificateSigningRequest,
        claim: PostgresRow,
        in connection: PostgresConnection
    ) async throws -> EnrolmentReply {
        let id: Identifier = try claim.decode("id")
        let workstation: String = try claim.decode("workstation")
        let became: Identifier? = try claim.decode("became")
        let certificate: Certificate
        let agent: Identifier
        if let became, let pem = try claim.decode("certificate", as: String?.self) {
            agent = became
            certificate = try Certificate(pemEncoded: pem)
        } else {
            agent = clock.identifier()
            do {
                certificate = try authority.certify(signing, agent: agent, now: clock.now())
            } catch {
                throw EnrolmentFailure.requestInvalid
            }
            try await add(
                NewAgent(
                    id: agent,
                    site: original.site,
                    workstation: workstation,
                    certificate: certificate,
                    software: "",
                    reason: .cloned
                ),
                in: connection
            )
            try await connection.execute(
                """
                UPDATE agent_claim SET became = \(agent), certificate = \(try certificate.pem)
                WHERE id = \(id)
                """
            )
        }
        let site = try await connection.query("SELECT name FROM site WHERE id = \(original.site)")
        return EnrolmentReply(
            agent: agent,
            site: original.site,
            siteName: try site.first?.decode("name") ?? "",
            workstation: workstation,
            certificate: try certificate.pem,
            authority: try authority.certificate.pem,
            expiresAt: Instant(certificate.notValidAfter)
        )
    }
}
