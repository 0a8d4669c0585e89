import Logging
import Shared
import Sync

/// Replaces the Agent's certificate when two thirds of its life are over.
struct CertificateRenewal: Sendable {
    let client: HubClient
    let folder: IdentityFolder
    let identity: AgentIdentity
    let clock: WallClock
    let logger: Logger

    /// Certificates live 90 days; renewal begins with a third of that left.
    static let renewBefore = Duration.seconds(30 * 86400)
    private static let interval = Duration.seconds(3600)

    /// Waits until the certificate is due, renews it, and returns; or ends with the task.
    ///
    /// - Throws: `EnrolmentError` where the new certificate cannot be stored.
    func run() async throws {
        while !Task.isCancelled {
            if Self.isDue(identity, at: clock.now()), try await renew() { return }
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// Whether a certificate is in its last third.
    static func isDue(_ identity: AgentIdentity, at now: Instant) -> Bool {
        identity.certificateExpiresAt.duration(since: now) < renewBefore
    }

    private func renew() async throws -> Bool {
        do {
            let key = try AgentKey(pem: try folder.text(folder.keyPath))
            let request = RenewalRequest(
                certificateRequest: try key.certificateRequest(workstation: "clinic-agent")
            )
            let reply = try await client.call(
                SyncPaths.certificate,
                body: request,
                reply: RenewalReply.self
            )
            var renewed = identity
            renewed.certificateExpiresAt = reply.expiresAt
            try folder.replaceCertificate(reply.certificate, identity: renewed)
            logger.notice("certificate renewed", metadata: ["until": "\(reply.expiresAt)"])
            return true
        } catch let error as SyncError {
            logger.warning("certificate not renewed", metadata: ["code": "\(error.code)"])
            return false
        }
    }
}
