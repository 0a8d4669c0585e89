import Crypto
import Hummingbird
import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// What travels with a request of the agents listener: the connection, and the agent behind it.
struct AgentsContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection, for the certificate that it was opened with.
    private let channel: any Channel
    private var identified: EnrolledAgent?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Bodies are collected with caps of their own; this one is for whatever has none.
    var maxUploadSize: Int { 64 * 1024 }

    /// The agent that the connection's certificate belongs to.
    var agent: EnrolledAgent {
        get throws {
            guard let identified else { throw HTTPError(.internalServerError) }
            return identified
        }
    }

    mutating func identify(_ agent: EnrolledAgent) {
        identified = agent
    }

    /// The digest of the peer's public key; nil where it presented no certificate.
    ///
    /// TLS has verified the chain and the validity before the first request came through.
    func peerKeyDigest() async throws -> [UInt8]? {
        guard let peer = try await channel.nioSSL_peerCertificate().get() else { return nil }
        return try Certificate(derEncoded: try peer.toDERBytes()).keyDigest
    }
}
