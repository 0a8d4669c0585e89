/// What a browser hands over of an authenticator, in the binary form of RFC 8949: as much of it as
/// WebAuthn needs.
///
/// Lengths are definite and nothing is a fraction, as CTAP2's canonical form has it; anything else
/// is refused.
enum CBOR: Equatable, Sendable {
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
    indirect case array([CBOR])
    indirect case map([Pair])
    case flag(Bool)
    case null

    /// One entry of a map.
    struct Pair: Equatable, Sendable {
        let key: CBOR
        let value: CBOR
    }

    /// The caps of a document.
    enum Limits {
        /// No attestation without certificates is longer.
        static let bytes = 8192
        static let depth = 6
        /// Items of one array or map.
        static let items = 64
    }

    /// Reads one value that is all there is.
    init(_ bytes: [UInt8]) throws(PasskeyError) {
        var reader = CBORReader(bytes)
        self = try reader.value(depth: 0)
        guard reader.isAtEnd else { throw .malformed("something follows the value") }
    }

    /// Reads one value at the head of `bytes`, and how long it is.
    static func head(of bytes: [UInt8]) throws(PasskeyError) -> (value: CBOR, length: Int) {
        var reader = CBORReader(bytes)
        let value = try reader.value(depth: 0)
        return (value, reader.offset)
    }

    /// The value under a name of a map.
    subscript(_ name: String) -> CBOR? { value(of: .text(name)) }

    /// The value under a number of a map.
    subscript(_ number: Int64) -> CBOR? { value(of: .integer(number)) }

    private func value(of key: CBOR) -> CBOR? {
        guard case .map(let pairs) = self else { return nil }
        return pairs.first { $0.key == key }?.value
    }
}

/// Reads values one after the other and never past the end.
private struct CBORReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func value(depth: Int) throws(PasskeyError) -> CBOR {
        guard bytes.count <= CBOR.Limits.bytes else { throw .malformed("too long") }
        guard depth < CBOR.Limits.depth else { throw .malformed("too deep") }
        let head = try take(1)[0]
        let kind = head >> 5
        if kind == 7 { return try simple(head & 31) }
        let argument = try argument(head & 31)
        switch kind {
        case 0:
            guard let number = Int64(exactly: argument) else { throw .malformed("too large") }
            return .integer(number)
        case 1:
            guard let number = Int64(exactly: argument) else { throw .malformed("too large") }
            return .integer(-1 - number)
        case 2: return .bytes(Array(try take(length(argument))))
        case 3:
            let content = try take(length(argument))
            guard let text = String(validating: content, as: UTF8.self) else {
                throw .malformed("a text is not UTF-8")
            }
            return .text(text)
        case 4:
            let count = try items(argument)
            var values: [CBOR] = []
            for _ in 0..<count { values.append(try value(depth: depth + 1)) }
            return .array(values)
        case 5: return try map(try items(argument), depth)
        default: throw .malformed("tags are not used here")
        }
    }

    private mutating func map(_ count: Int, _ depth: Int) throws(PasskeyError) -> CBOR {
        var pairs: [CBOR.Pair] = []
        for _ in 0..<count {
            let key = try value(depth: depth + 1)
            switch key {
            case .integer, .text: break
            default: throw .malformed("a key is neither a number nor a text")
            }
            guard !pairs.contains(where: { $0.key == key }) else {
                throw .malformed("a key stands twice")
            }
            pairs.append(CBOR.Pair(key: key, value: try value(depth: depth + 1)))
        }
        return .map(pairs)
    }

    private func simple(_ value: UInt8) throws(PasskeyError) -> CBOR {
        switch value {
        case 20: return .flag(false)
        case 21: return .flag(true)
        case 22: return .null
        default: throw .malformed("a simple value that is not used here")
        }
    }

    private mutating func argument(_ value: UInt8) throws(PasskeyError) -> UInt64 {
        switch value {
        case 0..<24: return UInt64(value)
        case 24...27:
            let content = try take(1 << (Int(value) - 24))
            return content.reduce(0) { $0 << 8 | UInt64($1) }
        default: throw .malformed("an indefinite length")
        }
    }

    private func length(_ argument: UInt64) throws(PasskeyError) -> Int {
        guard argument <= UInt64(bytes.count - offset) else { throw .malformed("cut off") }
        return Int(argument)
    }

    private func items(_ argument: UInt64) throws(PasskeyError) -> Int {
        guard argument <= UInt64(CBOR.Limits.items) else { throw .malformed("too many items") }
        return Int(argument)
    }

    private mutating func take(_ count: Int) throws(PasskeyError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - offset else { throw .malformed("cut off") }
        defer { offset += count }
        // Indices of their own, from zero.
        return Array(bytes[offset..<offset + count])[...]
    }
}
