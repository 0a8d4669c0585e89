package import Shared

/// Where the requests of the protocol go.
package enum SyncPaths {
    package static let authority = "/enrol/v1/authority"
    package static let enrol = "/enrol/v1/agents"
    package static let lateRenewal = "/enrol/v1/certificate"
    package static let session = "/sync/v1/session"
    package static let epoch = "/sync/v1/epoch"
    package static let missing = "/sync/v1/missing"
    package static let claim = "/sync/v1/claim"
    package static let push = "/sync/v1/push"
    package static let isolated = "/sync/v1/isolated"
    package static let withheld = "/sync/v1/withheld"
    package static let pull = "/sync/v1/pull"
    package static let snapshot = "/sync/v1/snapshot"
    package static let events = "/sync/v1/events"
    package static let waiting = "/sync/v1/wait"
    package static let certificate = "/sync/v1/certificate"
    package static let documents = "/sync/v1/documents"
    package static let workstation = "/sync/v1/workstation"

    /// Where the Agent waits until a class is elsewhere than it knows.
    package static func wait(known: [String: Int64]) -> String {
        let query = known.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return query.isEmpty ? waiting : "\(waiting)?\(query.joined(separator: "&"))"
    }

    /// Where a document's bytes are uploaded to.
    package static func upload(_ digest: Digest256) -> String {
        "\(documents)/\(digest.hexadecimal)"
    }

    /// Where the changes of a class behind a position are.
    package static func pull(class name: String, after position: Int64) -> String {
        "\(pull)?class=\(name)&after=\(position)"
    }

    /// Where the rows of a class behind a key are; keys travel as hexadecimal digits of their
    /// bytes, so that none has to be escaped.
    package static func snapshot(
        class name: String,
        reason: SnapshotReason,
        after key: String?
    ) -> String {
        let start = "\(snapshot)?class=\(name)&reason=\(reason.rawValue)"
        guard let key else { return start }
        return "\(start)&after=\(Hexadecimal.encode(Array(key.utf8)))"
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
