/// Writes compact JSON with sorted keys, byte for byte as `JSON.encode` does, and many times faster.
///
/// For what an Agent writes for every document. The caller gives the keys in their sorted order;
/// a test compares every shape that is written with it against `JSON.encode`.
package struct JSONText {
    /// What was written so far, and room for more behind it.
    private var storage: [UInt8]
    private var count = 0
    private var needsComma = false

    /// Empty text.
    package init(capacity: Int = 1024) {
        storage = [UInt8](repeating: 0, count: max(64, capacity))
    }

    /// What was written so far.
    package var bytes: [UInt8] { Array(storage[..<count]) }

    /// `{…}` with the members that `body` writes.
    package mutating func object(_ body: (inout JSONText) -> Void) {
        enclosed(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    /// A member whose value `body` writes.
    package mutating func member(_ key: StaticString, _ body: (inout JSONText) -> Void) {
        write(upTo: 0, behind: key) { _ in }
        needsComma = false
        body(&self)
        needsComma = true
    }

    /// A member with text; left out where there is none.
    package mutating func member(_ key: StaticString, _ text: String?) {
        guard let text else { return }
        string(text, behind: key)
    }

    /// A member with text, or with `null` where there is none.
    package mutating func nullableMember(_ key: StaticString, _ text: String?) {
        if let text { string(text, behind: key) } else { literal("null", behind: key) }
    }

    /// A member with an integer; left out where there is none.
    package mutating func member(_ key: StaticString, _ number: Int?) {
        member(key, integer: number)
    }

    /// The same for an integer of any width.
    package mutating func member(_ key: StaticString, integer number: (some BinaryInteger)?) {
        guard let number else { return }
        var digits = String(number)
        digits.withUTF8 { digits in
            write(upTo: digits.count, behind: key) { $0.put(digits) }
        }
    }

    /// A member with a truth value; left out where there is none.
    package mutating func member(_ key: StaticString, _ flag: Bool?) {
        guard let flag else { return }
        literal(flag ? "true" : "false", behind: key)
    }

    /// A member with an array; left out where there is none.
    package mutating func member<Element>(
        _ key: StaticString,
        _ elements: [Element]?,
        _ write: (inout JSONText, Element) -> Void
    ) {
        guard let elements else { return }
        member(key) { text in
            text.enclosed(UInt8(ascii: "["), UInt8(ascii: "]")) { text in
                for element in elements { write(&text, element) }
            }
        }
    }

    /// Text as an element of an array.
    package mutating func value(_ text: String) {
        string(text, behind: nil)
    }

    private mutating func enclosed(
        _ start: UInt8,
        _ end: UInt8,
        _ body: (inout JSONText) -> Void
    ) {
        write(upTo: 1, behind: nil) { $0.put(start) }
        needsComma = false
        body(&self)
        needsComma = false
        write(upTo: 1, behind: nil) { $0.put(end) }
    }

    private mutating func literal(_ literal: StaticString, behind key: StaticString) {
        write(upTo: literal.utf8CodeUnitCount, behind: key) { $0.put(literal) }
    }

    private mutating func string(_ text: String, behind key: StaticString?) {
        var text = text
        text.withUTF8 { text in
            let hasEscapes = text.needsEscapes
            write(upTo: 2 + text.count * (hasEscapes ? 6 : 1), behind: key) { room in
                room.put(UInt8(ascii: "\""))
                if hasEscapes { room.putEscaped(text) } else { room.put(text) }
                room.put(UInt8(ascii: "\""))
            }
        }
    }

    /// Writes a comma where one is due, a key where there is one, and what `body` puts, which is at
    /// most `limit` bytes.
    private mutating func write(
        upTo limit: Int,
        behind key: StaticString?,
        _ body: (inout JSONRoom) -> Void
    ) {
        let wanted = count + limit + (key?.utf8CodeUnitCount ?? 0) + 4
        if wanted > storage.count {
            storage += repeatElement(0, count: max(wanted, 2 * storage.count) - storage.count)
        }
        count = storage.withUnsafeMutableBufferPointer { storage in
            var room = JSONRoom(storage, from: count)
            if needsComma { room.put(UInt8(ascii: ",")) }
            if let key {
                room.put(UInt8(ascii: "\""))
                room.put(key)
                room.put(UInt8(ascii: "\""))
                room.put(UInt8(ascii: ":"))
            }
            body(&room)
            return room.position
        }
        needsComma = true
    }
}

/// Room that was made for bytes that are still to be written.
private struct JSONRoom {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private(set) var position: Int

    init(_ bytes: UnsafeMutableBufferPointer<UInt8>, from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    mutating func put(_ byte: UInt8) {
        bytes[position] = byte
        position += 1
    }

    mutating func put(_ text: UnsafeBufferPointer<UInt8>) {
        precondition(text.count <= bytes.count - position)
        let room = UnsafeMutableBufferPointer(rebasing: bytes[position...])
        position += room.update(fromContentsOf: text)
    }

    mutating func put(_ text: StaticString) {
        text.withUTF8Buffer { put($0) }
    }

    mutating func putEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        for byte in text {
            let isPlain = byte >= 32 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            if isPlain { put(byte) } else { putEscape(of: byte) }
        }
    }

    private mutating func putEscape(of byte: UInt8) {
        put(UInt8(ascii: "\\"))
        switch byte {
        case 8: put(UInt8(ascii: "b"))
        case 9: put(UInt8(ascii: "t"))
        case 10: put(UInt8(ascii: "n"))
        case 12: put(UInt8(ascii: "f"))
        case 13: put(UInt8(ascii: "r"))
        case 0..<32:
            put("u00")
            put(Hexadecimal.digit(byte >> 4))
            put(Hexadecimal.digit(byte & 15))
        default: put(byte)
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether any of it is written otherwise in JSON.
    ///
    /// It looks at all of it, without a branch, which the compiler does for many bytes at once.
    var needsEscapes: Bool {
        var found: UInt8 = 0
        for byte in self {
            found |= byte < 32 ? 1 : 0
            found |= byte == UInt8(ascii: "\"") ? 1 : 0
            found |= byte == UInt8(ascii: "\\") ? 1 : 0
        }
        return found != 0
    }
}
