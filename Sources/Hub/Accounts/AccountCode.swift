import Shared
import Sync

/// What an administrator hands to a person so that they choose a password: 128 random bits,
/// used once.
///
/// As text: `CU1-` and six groups of Crockford's base 32, the last characters a checksum, so that a
/// typing error is told from a code that is not valid any more.
package struct AccountCode: Sendable, Equatable {
    private let secret: [UInt8]

    private static let prefix = "CU1"
    private static let secretBytes = 16
    private static let checksumBytes = 2

    /// What choosing the password is for.
    package enum Purpose: String, Sendable {
        /// A new account's first password.
        case invitation
        /// A new password in place of one that was forgotten; the second factor stays.
        case reset

        /// How long the code may wait to be used.
        var lifetime: Duration {
            switch self {
            case .invitation: .seconds(7 * 86400)
            case .reset: .seconds(86400)
            }
        }
    }

    /// A new one.
    init(random: inout some RandomNumberGenerator) {
        secret = (0..<Self.secretBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Reads what somebody typed; nil where it is no code, or one with a typing error.
    init?(_ typed: String) {
        let characters = typed.uppercased().filter { !$0.isWhitespace && $0 != "-" }
        guard characters.hasPrefix(Self.prefix), characters.utf8.count <= 40,
            let bytes = CrockfordBase32.decode(characters.dropFirst(Self.prefix.count)),
            bytes.count == Self.secretBytes + Self.checksumBytes
        else { return nil }
        let secret = Array(bytes.prefix(Self.secretBytes))
        guard Array(bytes.suffix(Self.checksumBytes)) == Self.checksum(secret) else { return nil }
        self.secret = secret
    }

    /// The text to hand over.
    package var text: String {
        let characters = CrockfordBase32.encode(secret + Self.checksum(secret))
        let groups = stride(from: 0, to: characters.count, by: 5).map {
            String(characters.dropFirst($0).prefix(5))
        }
        return ([Self.prefix] + groups).joined(separator: "-")
    }

    /// What the database keeps of it.
    var digest: Digest256 { Digest256(of: Array(Self.prefix.utf8) + secret) }

    private static func checksum(_ secret: [UInt8]) -> [UInt8] {
        Array(Digest256(of: Array("\(prefix) checksum".utf8) + secret).bytes.prefix(checksumBytes))
    }
}
