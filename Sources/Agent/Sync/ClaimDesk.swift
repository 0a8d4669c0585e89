import Logging
import Shared
import Sync

/// What a copy of an Agent does to become a PC of its own: a new key, and a person who agrees.
struct ClaimDesk: Sendable {
    let client: HubClient
    let store: SyncStore
    let folder: IdentityFolder
    let installations: InstallationFile
    let installation: Installation
    let identity: AgentIdentity
    let workstation: String
    let software: String
    let clock: WallClock
    let logger: Logger

    /// Offers the copy's key; stores the new identity where a person has approved it.
    func claim() async throws -> ClaimReply.Decision {
        let key = try folder.claimKey()
        let request = ClaimRequest(
            certificateRequest: try key.certificateRequest(workstation: workstation),
            installation: installation,
            workstation: workstation,
            software: software,
            pending: try await store.backlog().pending
        )
        let reply = try await client.call(SyncPaths.claim, body: request, reply: ClaimReply.self)
        logger.warning(
            "the Hub takes this PC for a copy of another",
            metadata: ["decision": "\(reply.decision.rawValue)"]
        )
        guard reply.decision == .approved else { return reply.decision }
        guard let enrolment = reply.enrolment else { throw SyncError.garbage }
        try await adopt(enrolment, key: key)
        return .approved
    }

    /// The numbers are given up first: a stop in between only repeats the claim.
    private func adopt(_ enrolment: EnrolmentReply, key: AgentKey) async throws {
        try await store.disown(because: .cloned)
        let renewed = AgentIdentity(
            agent: enrolment.agent,
            site: enrolment.site,
            siteName: enrolment.siteName,
            workstation: enrolment.workstation,
            hub: identity.hub,
            enrolledAt: clock.now(),
            certificateExpiresAt: enrolment.expiresAt
        )
        var own = installation
        own.id = clock.identifier()
        try installations.rebind(own)
        try folder.store(
            renewed,
            key: key.pem,
            certificate: enrolment.certificate,
            authority: enrolment.authority
        )
        folder.forgetClaimKey()
    }
}
