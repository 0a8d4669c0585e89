/// Just enough DER to write a certificate.
enum DERText {
    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case ..<0x80: [tag, UInt8(content.count)] + content
        case ..<0x100: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
        }
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(0x30, parts.flatMap(\.self)) }
    static func set(_ part: [UInt8]) -> [UInt8] { element(0x31, part) }
    static func text(_ text: String) -> [UInt8] { element(0x0C, Array(text.utf8)) }
    static func bits(_ bytes: [UInt8]) -> [UInt8] { element(0x03, [0] + bytes) }
    static func octets(_ bytes: [UInt8]) -> [UInt8] { element(0x04, bytes) }
    static func integer(_ number: UInt8) -> [UInt8] { element(0x02, [number]) }
    /// A time such as `20260101000000Z`.
    static func time(_ text: String) -> [UInt8] { element(0x18, Array(text.utf8)) }
    static let yes = element(0x01, [0xFF])

    static func name(_ organisation: String, _ common: String) -> [UInt8] {
        sequence(
            set(sequence([0x06, 3, 0x55, 4, 10], text(organisation))),
            set(sequence([0x06, 3, 0x55, 4, 3], text(common)))
        )
    }

    static let ecdsaWithSHA384 = sequence([0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 3])
    static let sha1WithRSA = sequence(rsa(5), [0x05, 0])
    static let sha256WithRSA = sequence(rsa(11), [0x05, 0])
    private static func rsa(_ last: UInt8) -> [UInt8] {
        [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, last]
    }
}
