/// Why a passkey was not accepted: words for the log, never what the browser sent.
enum PasskeyError: Error, Equatable {
    /// What the browser sent is not what it should be.
    case malformed(String)
    /// The challenge is not the one that was given out, or it is too old.
    case challenge
    /// Made for another address, or within a frame of another page.
    case origin
    /// Made for another ceremony: to register instead of to sign in.
    case ceremony
    /// The authenticator did not check who holds it.
    case notVerified
    /// A key of a kind that was not asked for.
    case algorithm
    /// The signature is not the key's.
    case signature
    /// The authenticator counts lower than before: there may be a copy of it.
    case counter
    /// No such passkey of this account.
    case unknown

    /// A word for logs.
    var code: String {
        switch self {
        case .malformed: "malformed"
        case .challenge: "challenge"
        case .origin: "origin"
        case .ceremony: "ceremony"
        case .notVerified: "notVerified"
        case .algorithm: "algorithm"
        case .signature: "signature"
        case .counter: "counter"
        case .unknown: "unknown"
        }
    }
}
