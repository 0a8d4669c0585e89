package import Shared

/// Where the requests of the protocol go.
package enum SyncPaths {
    package static let authority = "/enrol/v1/authority"
    package static let enrol = "/enrol/v1/agents"
    package static let session = "/sync/v1/session"
    package static let epoch = "/sync/v1/epoch"
    package static let missing = "/sync/v1/missing"
    package static let claim = "/sync/v1/claim"
    package static let push = "/sync/v1/push"
    package static let pull = "/sync/v1/pull"
    package static let events = "/sync/v1/events"
    package static let certificate = "/sync/v1/certificate"
    package static let documents = "/sync/v1/documents"
    package static let workstation = "/sync/v1/workstation"

    /// Where a document's bytes are uploaded to.
    package static func upload(_ digest: Digest256) -> String {
        "\(documents)/\(digest.hexadecimal)"
    }

    /// Where the changes of a class behind a position are.
    package static func pull(class name: String, after position: Int64) -> String {
        "\(pull)?class=\(name)&after=\(position)"
    }
}

/// What an upload answers.
package struct UploadReply: Equatable, Sendable, Codable {
    package var sha256: Digest256

    /// Takes the digest of what was stored.
    package init(sha256: Digest256) {
        self.sha256 = sha256
    }
}

/// The authority's certificate, before the Agent trusts it.
package struct AuthorityReply: Equatable, Sendable, Codable {
    /// PEM.
    package var certificate: String

    /// Takes the certificate as PEM.
    package init(certificate: String) {
        self.certificate = certificate
    }
}
