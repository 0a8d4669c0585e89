import Shared

/// The code that only a PC's own Agent can fetch, and that a browser on that PC shows once.
struct WorkstationCode: Sendable, Equatable {
    /// Eight characters of Crockford's base 32: 40 random bits, good for five minutes and once.
    let text: String

    static let lifetime = Duration.seconds(300)
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let count = 8

    /// A new one.
    init(random: inout some RandomNumberGenerator) {
        let digits = (0..<Self.count).map { _ in
            Self.alphabet[Int.random(in: 0..<32, using: &random)]
        }
        text = String(decoding: digits, as: UTF8.self)
    }

    /// Reads what was typed: case, blanks and hyphens do not count, and `O`, `I`, `L` are digits.
    init?(_ typed: String) {
        guard typed.utf8.count <= 32 else { return nil }
        var digits: [UInt8] = []
        for byte in typed.uppercased().utf8 where byte != 0x20 && byte != UInt8(ascii: "-") {
            let digit: UInt8 =
                switch byte {
                case UInt8(ascii: "O"): UInt8(ascii: "0")
                case UInt8(ascii: "I"), UInt8(ascii: "L"): UInt8(ascii: "1")
                default: byte
                }
            guard Self.alphabet.contains(digit) else { return nil }
            digits.append(digit)
        }
        guard digits.count == Self.count else { return nil }
        text = String(decoding: digits, as: UTF8.self)
    }

    /// As a person reads it aloud: `7K3F-9QXZ`.
    var spelled: String { "\(text.prefix(4))-\(text.suffix(4))" }

    /// What the database keeps of it.
    var digest: Digest256 { Digest256(of: Array("workstation \(text)".utf8)) }
}
