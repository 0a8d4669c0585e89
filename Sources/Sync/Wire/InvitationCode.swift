import Crypto

/// What an administrator hands to the person who installs an Agent: a single-use secret and the
/// fingerprint of the Hub's authority, so that the Agent knows the Hub before it trusts it.
///
/// As text: `CG1-` and eleven groups of five characters of Crockford's base 32 (no I, L, O, U);
/// case, blanks and dashes do not matter, `I` and `L` are read as 1 and `O` as 0. The last
/// characters are a checksum, so that a typing error is told from a code that is not valid.
package struct InvitationCode: Equatable, Sendable {
    /// 128 random bits; the Hub keeps only their SHA-256.
    package let secret: [UInt8]
    /// The first 128 bits of the SHA-256 over the authority's certificate in DER.
    package let fingerprint: [UInt8]

    private static let prefix = "CG1"
    private static let partBytes = 16
    private static let checksumBytes = 2

    /// Takes a secret and a fingerprint of 16 bytes each.
    package init(secret: [UInt8], fingerprint: [UInt8]) {
        precondition(secret.count == Self.partBytes, "a secret has 16 bytes")
        precondition(fingerprint.count == Self.partBytes, "a fingerprint has 16 bytes")
        self.secret = secret
        self.fingerprint = fingerprint
    }

    /// Reads the text; nil where it is no code, or one with a typing error.
    package init?(_ text: String) {
        let characters = text.uppercased().filter { !$0.isWhitespace && $0 != "-" }
        guard characters.hasPrefix(Self.prefix), characters.utf8.count <= 64,
            let bytes = CrockfordBase32.decode(characters.dropFirst(Self.prefix.count)),
            bytes.count == Self.partBytes * 2 + Self.checksumBytes
        else { return nil }
        let content = Array(bytes.prefix(Self.partBytes * 2))
        guard Array(bytes.suffix(Self.checksumBytes)) == Self.checksum(content) else { return nil }
        self.init(
            secret: Array(content.prefix(Self.partBytes)),
            fingerprint: Array(content.suffix(Self.partBytes))
        )
    }

    /// The text to hand over.
    package var text: String {
        let content = secret + fingerprint
        let characters = CrockfordBase32.encode(content + Self.checksum(content))
        let groups = stride(from: 0, to: characters.count, by: 5).map {
            String(characters.dropFirst($0).prefix(5))
        }
        return ([Self.prefix] + groups).joined(separator: "-")
    }

    /// The secret half as an enrolment request carries it.
    package var secretText: String { CrockfordBase32.encode(secret) }

    /// What the Hub keeps of a secret; nil for text that is none.
    package static func digest(ofSecret text: String) -> [UInt8]? {
        guard let secret = CrockfordBase32.decode(text), secret.count == partBytes else {
            return nil
        }
        return digest(ofSecret: secret)
    }

    /// What the Hub keeps of a secret.
    package static func digest(ofSecret secret: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: secret))
    }

    /// The fingerprint of an authority's certificate in DER.
    package static func fingerprint(ofCertificate der: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: der).prefix(partBytes))
    }

    private static func checksum(_ content: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: Array(prefix.utf8) + content).prefix(checksumBytes))
    }
}

/// Douglas Crockford's base 32: no letters that are mistaken for digits.
package enum CrockfordBase32 {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// Five bits a character, the last filled up with zeros.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (buffer, bits) = (UInt32(0), 0)
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits)) & 31])
            }
            buffer &= (1 << UInt32(bits)) - 1
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits)) & 31]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads capitals; nil for any other character.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (buffer, bits) = (UInt32(0), 0)
        for character in text.utf8 {
            guard let value = value(of: character) else { return nil }
            buffer = buffer << 5 | value
            bits += 5
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            buffer &= (1 << UInt32(bits)) - 1
        }
        return buffer == 0 ? bytes : nil
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "O"): 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): 1
        default: alphabet.firstIndex(of: character).map { UInt32($0) }
        }
    }
}
