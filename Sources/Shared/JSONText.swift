/// Writes compact JSON with sorted keys, byte for byte as `JSON.encode` does, and many times faster.
///
/// For what an Agent writes for every document. The caller gives the keys in their sorted order;
/// a test compares every shape that is written with it against `JSON.encode`.
package struct JSONText {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Empty text.
    package init(capacity: Int = 1024) {
        bytes.reserveCapacity(capacity)
    }

    /// `{…}` with the members that `body` writes.
    package mutating func object(_ body: (inout JSONText) -> Void) {
        enclosed(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    /// A member whose value `body` writes.
    package mutating func member(_ key: StaticString, _ body: (inout JSONText) -> Void) {
        self.key(key)
        body(&self)
        needsComma = true
    }

    /// A member with text; left out where there is none.
    package mutating func member(_ key: StaticString, _ text: String?) {
        guard let text else { return }
        self.key(key)
        string(text)
    }

    /// A member with text, or with `null` where there is none.
    package mutating func nullableMember(_ key: StaticString, _ text: String?) {
        self.key(key)
        if let text { string(text) } else { literal("null") }
    }

    /// A member with an integer; left out where there is none.
    package mutating func member(_ key: StaticString, _ number: Int?) {
        guard let number else { return }
        self.key(key)
        bytes += String(number).utf8
        needsComma = true
    }

    /// A member with a truth value; left out where there is none.
    package mutating func member(_ key: StaticString, _ flag: Bool?) {
        guard let flag else { return }
        self.key(key)
        literal(flag ? "true" : "false")
    }

    /// A member with an array; left out where there is none.
    package mutating func member<Element>(
        _ key: StaticString,
        _ elements: [Element]?,
        _ write: (inout JSONText, Element) -> Void
    ) {
        guard let elements else { return }
        self.key(key)
        enclosed(UInt8(ascii: "["), UInt8(ascii: "]")) { text in
            for element in elements {
                text.comma()
                write(&text, element)
                text.needsComma = true
            }
        }
    }

    private mutating func enclosed(
        _ start: UInt8,
        _ end: UInt8,
        _ body: (inout JSONText) -> Void
    ) {
        bytes.append(start)
        needsComma = false
        body(&self)
        bytes.append(end)
        needsComma = true
    }

    private mutating func key(_ key: StaticString) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        key.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes += [UInt8(ascii: "\""), UInt8(ascii: ":")]
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }

    private mutating func literal(_ literal: StaticString) {
        literal.withUTF8Buffer { bytes.append(contentsOf: $0) }
        needsComma = true
    }

    private mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 8: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "b")]
            case 9: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 10: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 12: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "f")]
            case 13: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0..<32: bytes += Array("\\u00".utf8) + Array(Hexadecimal.encode([byte]).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }
}
