import Shared
import Sync

/// What a program shows to be recognised: 256 random bits.
///
/// As text: `cgw_` and 56 characters of Crockford's base 32. The last bytes of it are a checksum,
/// so that whoever searches files for leaked tokens finds these and nothing else, and a text that
/// is none is refused without asking the database.
package struct ProgramToken: Sendable, Equatable {
    private let secret: [UInt8]

    /// What every token begins with.
    package static let prefix = "cgw_"
    private static let secretBytes = 32
    private static let checksumBytes = 3

    /// A new one.
    init(random: inout some RandomNumberGenerator) {
        secret = (0..<Self.secretBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Reads the text, which is copied and never typed: nothing is forgiven.
    package init?(_ text: String) {
        guard text.utf8.count == 60, text.hasPrefix(Self.prefix),
            let bytes = CrockfordBase32.decode(text.dropFirst(Self.prefix.count)),
            bytes.count == Self.secretBytes + Self.checksumBytes
        else { return nil }
        secret = Array(bytes.prefix(Self.secretBytes))
        guard text == self.text else { return nil }
    }

    /// The text to hand over.
    package var text: String {
        Self.prefix + CrockfordBase32.encode(secret + Self.checksum(secret))
    }

    /// What the database keeps of it.
    var digest: Digest256 { Digest256(of: Array("program".utf8) + secret) }

    /// The first bytes of the SHA-256 over the prefix and the secret.
    private static func checksum(_ secret: [UInt8]) -> [UInt8] {
        Array(Digest256(of: Array(prefix.utf8) + secret).bytes.prefix(checksumBytes))
    }
}
