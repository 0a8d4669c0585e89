import AsyncHTTPClient
import Foundation
import NIOSSL
package import Shared
import SwiftASN1
import Sync
import X509

/// Turns an invitation code into an identity.
///
/// First the authority's certificate is fetched from a server that is not trusted yet, and
/// compared with the fingerprint in the code. Only then, over a connection that trusts that
/// authority alone, does the secret leave the PC.
package struct Enrolment: Sendable {
    package let folder: IdentityFolder
    package let software: String
    package let clock: WallClock

    /// Takes where the identity is kept, and the Agent's version.
    package init(folder: IdentityFolder, software: String, clock: WallClock = .system) {
        self.folder = folder
        self.software = software
        self.clock = clock
    }

    /// Enrols this PC.
    ///
    /// - Parameters:
    ///   - code: the invitation, as a person typed it.
    ///   - hub: the Hub's address for agents.
    ///   - replace: true where an identity that exists may be replaced.
    /// - Returns: the identity, which is stored already.
    /// - Throws: `EnrolmentError`.
    package func enrol(code: String, hub: String, replace: Bool) async throws -> AgentIdentity {
        guard let invitation = InvitationCode(code) else { throw EnrolmentError.codeInvalid }
        let address = try Self.checked(address: hub)
        if !replace, let identity = try folder.load() {
            throw EnrolmentError.alreadyEnrolled(workstation: identity.workstation)
        }
        do {
            let authority = try await authority(at: address, expecting: invitation)
            let key = AgentKey()
            let reply = try await request(
                invitation,
                key: key,
                address: address,
                authority: authority
            )
            let identity = AgentIdentity(
                agent: reply.agent,
                site: reply.site,
                siteName: reply.siteName,
                workstation: reply.workstation,
                hub: address,
                enrolledAt: clock.now(),
                certificateExpiresAt: reply.expiresAt
            )
            try folder.store(
                identity,
                key: key.pem,
                certificate: reply.certificate,
                authority: authority
            )
            return identity
        } catch let error as SyncError {
            throw EnrolmentError.refused(error)
        }
    }

    /// The authority's certificate in PEM, when its fingerprint is the code's.
    private func authority(
        at address: String,
        expecting invitation: InvitationCode
    ) async throws -> String {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv13
        // The one connection that verifies nothing: it sends nothing, and what it reads counts
        // only where its digest is the one that the administrator handed over.
        tls.certificateVerification = .none
        let reply = try await withClient(HubClient(address: address, tls: tls)) { client in
            try await client.get(SyncPaths.authority, reply: AuthorityReply.self)
        }
        guard let certificate = try? Certificate(pemEncoded: reply.certificate),
            let der = try? certificate.serializeAsPEM().derBytes,
            InvitationCode.fingerprint(ofCertificate: der) == invitation.fingerprint
        else { throw EnrolmentError.fingerprintDiffers }
        return reply.certificate
    }

    private func request(
        _ invitation: InvitationCode,
        key: AgentKey,
        address: String,
        authority: String
    ) async throws -> EnrolmentReply {
        let request = EnrolmentRequest(
            secret: invitation.secretText,
            certificateRequest: try key.certificateRequest(workstation: "clinic-agent"),
            software: software
        )
        let tls = try HubClient.tls(authority: authority, certificate: nil, key: nil)
        return try await withClient(HubClient(address: address, tls: tls)) { client in
            try await client.call(SyncPaths.enrol, body: request, reply: EnrolmentReply.self)
        }
    }

    /// `https://host[:port]` without anything behind it; the port is 8444 where none is given.
    static func checked(address: String) throws(EnrolmentError) -> String {
        guard let parts = URLComponents(string: address), parts.scheme == "https",
            let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.path.isEmpty || parts.path == "/", parts.query == nil
        else { throw .addressInvalid(address) }
        return "https://\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host)"
            + ":\(parts.port ?? 8444)"
    }
}

/// Runs `body` with a client and ends its connections whatever happens.
func withClient<Result: Sendable>(
    _ client: HubClient,
    _ body: (HubClient) async throws -> Result
) async throws -> Result {
    defer { client.shutdown() }
    return try await body(client)
}
