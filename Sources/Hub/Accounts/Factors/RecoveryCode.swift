import Shared
import Sync

/// A code for the day when the phone is lost: 120 random bits, used once.
///
/// It is long enough that a plain digest of it cannot be searched (OWASP ASVS 5.0, 6.5.2).
struct RecoveryCode: Sendable, Equatable {
    private let bytes: [UInt8]
    private static let count = 15

    /// How many a person is given.
    static let setSize = 10

    /// A new one.
    init(random: inout some RandomNumberGenerator) {
        bytes = (0..<Self.count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Reads what somebody typed, blanks, dashes and case left aside; nil where it is no code.
    init?(_ typed: String) {
        let text = typed.uppercased().filter { !$0.isWhitespace && $0 != "-" }
        guard text.utf8.count == 24, let bytes = CrockfordBase32.decode(text),
            bytes.count == Self.count
        else { return nil }
        self.bytes = bytes
    }

    /// Six groups of four characters.
    var text: String {
        let letters = CrockfordBase32.encode(bytes)
        return stride(from: 0, to: letters.count, by: 4)
            .map { String(letters.dropFirst($0).prefix(4)) }
            .joined(separator: "-")
    }

    /// What the database keeps of it.
    var digest: Digest256 { Digest256(of: Array("recovery".utf8) + bytes) }
}
