package import Shared

/// Every way in which a request of the protocol can end without success.
///
/// None of them removes an operation from the Agent.
package enum SyncError: Error, Equatable, Sendable {
    /// The push does not start behind what the Hub has: `expected` is what it has to start with.
    case gap(expected: Int64)
    /// The Hub has other operations under these numbers.
    case fork(at: Int64)
    /// The nonce is one that another copy of this Agent has used up.
    case cloneSuspect
    /// The epoch is closed; a new one has the number given.
    case epochClosed(current: Int)
    /// An administrator has revoked this Agent.
    case revoked
    /// No certificate, or one that the Hub does not know.
    case certificate
    /// The invitation code is unknown, used or expired.
    case invitation
    /// The request is larger than the protocol allows.
    case tooLarge
    /// The request is not what the protocol says; the sentence tells what.
    case malformed(String)
    /// These documents have to be uploaded before the operations that name them.
    case contentMissing([Digest256])
    /// The request is of a version that this Hub does not know yet; it knows up to `hub`.
    case versionNewer(hub: Int)
    /// The changes behind the cursor are not all there any more: every row has to be fetched.
    case snapshotRequired
    /// The Hub asks to come back later.
    case busy(retryAfterSeconds: Int?)
    /// The Hub could not be reached: the code of the cause.
    case unreachable(String)
    /// The Hub failed, with this HTTP status.
    case failed(status: Int)
    /// The answer is not what the protocol says.
    case garbage
}

extension SyncError {
    /// The word for it on the wire, in logs and on pages.
    package var code: String {
        switch self {
        case .gap: "gap"
        case .fork: "fork"
        case .cloneSuspect: "cloneSuspect"
        case .epochClosed: "epochClosed"
        case .revoked: "revoked"
        case .certificate: "certificate"
        case .invitation: "invitation"
        case .tooLarge: "tooLarge"
        case .malformed: "malformed"
        case .contentMissing: "contentMissing"
        case .versionNewer: "versionNewer"
        case .snapshotRequired: "snapshotRequired"
        case .busy: "busy"
        case .unreachable: "unreachable"
        case .failed: "failed"
        case .garbage: "garbage"
        }
    }

    /// The HTTP status that carries it.
    package var status: Int {
        switch self {
        case .gap, .fork, .cloneSuspect, .contentMissing, .snapshotRequired: 409
        case .epochClosed: 410
        case .revoked, .invitation: 403
        case .certificate: 401
        case .tooLarge: 413
        case .malformed: 422
        case .versionNewer: 426
        case .busy: 503
        case .unreachable, .garbage: 502
        case .failed(let status): status
        }
    }
}

/// The body of an answer that is not a success.
package struct SyncErrorBody: Equatable, Sendable, Codable {
    package var error: Content

    /// The code with what belongs to it.
    package struct Content: Equatable, Sendable, Codable {
        package var code: String
        package var expected: Int64?
        package var epoch: Int?
        package var version: Int?
        package var detail: String?
        package var missing: [Digest256]?
        package var retryAfterSeconds: Int?
    }

    /// The body for `error`.
    package init(_ error: SyncError) {
        var content = Content(code: error.code)
        switch error {
        case .gap(let expected): content.expected = expected
        case .fork(let sequence): content.expected = sequence
        case .epochClosed(let current): content.epoch = current
        case .versionNewer(let version): content.version = version
        case .malformed(let detail): content.detail = detail
        case .contentMissing(let digests): content.missing = digests
        case .busy(let seconds): content.retryAfterSeconds = seconds
        default: break
        }
        self.error = content
    }

    /// The error that an answer with this status carries; `failed` where the code is not known.
    package func syncError(status: Int) -> SyncError {
        switch error.code {
        case "gap": error.expected.map { .gap(expected: $0) } ?? .garbage
        case "fork": error.expected.map { .fork(at: $0) } ?? .garbage
        case "cloneSuspect": .cloneSuspect
        case "epochClosed": error.epoch.map { .epochClosed(current: $0) } ?? .garbage
        case "revoked": .revoked
        case "certificate": .certificate
        case "invitation": .invitation
        case "tooLarge": .tooLarge
        case "malformed": .malformed(error.detail ?? "")
        case "contentMissing": .contentMissing(error.missing ?? [])
        case "versionNewer": error.version.map { .versionNewer(hub: $0) } ?? .garbage
        case "snapshotRequired": .snapshotRequired
        case "busy": .busy(retryAfterSeconds: error.retryAfterSeconds)
        default: .failed(status: status)
        }
    }
}
