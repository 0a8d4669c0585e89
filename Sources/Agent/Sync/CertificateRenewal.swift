import Logging
import Shared
import Sync

/// Replaces the Agent's certificate when two thirds of its life are over, or when it has expired.
struct CertificateRenewal: Sendable {
    let client: HubClient
    let folder: IdentityFolder
    let identity: AgentIdentity
    let clock: WallClock
    let logger: Logger

    private static let interval = Duration.seconds(3600)

    /// Waits until the certificate is due, renews it, and returns; or ends with the task.
    ///
    /// - Throws: `EnrolmentError` where the new certificate cannot be stored.
    func run() async throws {
        while !Task.isCancelled {
            let way = RenewalWay(expiresAt: identity.certificateExpiresAt, now: clock.now())
            if way != .none, try await renew(way) { return }
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func renew(_ way: RenewalWay) async throws -> Bool {
        do {
            let reply = try await request(way)
            var renewed = identity
            renewed.certificateExpiresAt = reply.expiresAt
            try folder.replaceCertificate(reply.certificate, identity: renewed)
            logger.notice("certificate renewed", metadata: ["until": "\(reply.expiresAt)"])
            return true
        } catch let error as SyncError {
            logger.warning("certificate not renewed", metadata: ["code": "\(error.code)"])
            guard let next = way.next(after: error) else { return false }
            return try await renew(next)
        }
    }

    private func request(_ way: RenewalWay) async throws -> RenewalReply {
        let key = try AgentKey(pem: try folder.text(folder.keyPath))
        let signed = try key.certificateRequest(workstation: "clinic-agent")
        guard way == .late else {
            return try await client.call(
                SyncPaths.certificate,
                body: RenewalRequest(certificateRequest: signed),
                reply: RenewalReply.self
            )
        }
        let late = LateRenewalRequest(
            certificate: try folder.text(folder.certificatePath),
            certificateRequest: signed
        )
        // TLS would end a connection under a certificate that has expired.
        let tls = try HubClient.tls(
            authority: try folder.text(folder.authorityPath),
            certificate: nil,
            key: nil
        )
        return try await withClient(HubClient(address: identity.hub, tls: tls)) { client in
            try await client.call(
                SyncPaths.lateRenewal,
                body: late,
                reply: RenewalReply.self
            )
        }
    }
}
