import Postgres
import Shared
import SwiftASN1
import Sync
import X509

extension EnrolmentStore {
    /// A new certificate for an agent whose last one has expired.
    ///
    /// The key is proved first, so that nobody else learns whether it is known or revoked.
    ///
    /// - Throws: `EnrolmentFailure.requestInvalid` where the key is not proved;
    ///   `SyncError.revoked`; `SyncError.certificate` where the key is not known, or the
    ///   certificate is not this authority's or too old.
    func renewLate(_ request: LateRenewalRequest) async throws -> RenewalReply {
        guard request.certificate.utf8.count <= 8192,
            let old = try? Certificate(pemEncoded: request.certificate)
        else { throw EnrolmentFailure.requestInvalid }
        let signing = try Self.request(request.certificateRequest)
        guard signing.publicKey == old.publicKey,
            signing.publicKey.isValidSignature(signing.signature, for: signing)
        else { throw EnrolmentFailure.requestInvalid }
        let now = clock.now()
        let expiry = Instant(old.notValidAfter)
        guard authority.certificate.publicKey.isValidSignature(old.signature, for: old),
            now.duration(since: expiry) <= LateRenewalRequest.patience,
            let agent = try await EnrolledAgentStore(database: database)
                .agent(keyDigest: old.keyDigest)
        else { throw SyncError.certificate }
        guard !agent.isRevoked else { throw SyncError.revoked }
        return try await Scope.agent(at: agent.site).run {
            try await renew(
                RenewalRequest(certificateRequest: request.certificateRequest),
                for: agent
            )
        }
    }
}
