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
        member(key, integer: number)
    }

    /// The same for an integer of any width.
    package mutating func member(_ key: StaticString, integer number: (some BinaryInteger)?) {
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

    /// Text as an element of an array.
    package mutating func value(_ text: String) {
        comma()
        string(text)
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
        var text = text
        text.withUTF8 { text in
            // Runs without anything to escape are copied whole.
            var start = 0
            for index in text.indices where Self.needsEscape(text[index]) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
                escape(text[index])
                start = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 32 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 8: bytes.append(UInt8(ascii: "b"))
        case 9: bytes.append(UInt8(ascii: "t"))
        case 10: bytes.append(UInt8(ascii: "n"))
        case 12: bytes.append(UInt8(ascii: "f"))
        case 13: bytes.append(UInt8(ascii: "r"))
        case 0..<32:
            bytes += "u00".utf8
            bytes += Hexadecimal.encode([byte]).utf8
        default: bytes.append(byte)
        }
    }
}
