/// Reads what `JSONText` writes, and nothing else: compact text with its keys in their sorted order.
///
/// It is for what comes by the thousand, and many times faster than `JSON.decode`. What it does not
/// take is not wrong, only written otherwise: the caller then asks `JSON.decode`, which reads all
/// JSON. A caller that writes the value again and compares the bytes has proof that it was read as
/// it stands there.
package struct JSONTextReader {
    fileprivate let bytes: [UInt8]
    /// Where the next byte stands.
    package fileprivate(set) var position: Int
    private var needsComma = false

    /// The text is not of the form that `JSONText` writes.
    package struct Unfamiliar: Error {}

    /// Begins at the start of `text`.
    package init(_ text: [UInt8]) {
        bytes = text
        position = 0
    }

    /// True where everything was read.
    package var isAtEnd: Bool { position == bytes.count }

    /// `{…}`, whose members `body` reads in their order.
    package mutating func object<Value>(
        _ body: (inout JSONTextReader) throws(Unfamiliar) -> Value
    ) throws(Unfamiliar) -> Value {
        try take(UInt8(ascii: "{"))
        needsComma = false
        let value = try body(&self)
        try take(UInt8(ascii: "}"))
        needsComma = true
        return value
    }

    /// `[…]`, whose elements `read` reads one by one.
    package mutating func array<Element>(
        _ read: (inout JSONTextReader) throws(Unfamiliar) -> Element
    ) throws(Unfamiliar) -> [Element] {
        try take(UInt8(ascii: "["))
        var elements: [Element] = []
        if !accept(UInt8(ascii: "]")) {
            repeat { elements.append(try read(&self)) } while accept(UInt8(ascii: ","))
            try take(UInt8(ascii: "]"))
        }
        needsComma = true
        return elements
    }

    /// True where the next member has this key; then its value is next.
    package mutating func has(_ key: StaticString) -> Bool {
        var start = position
        if needsComma {
            guard start < bytes.count, bytes[start] == UInt8(ascii: ",") else { return false }
            start += 1
        }
        let count = key.utf8CodeUnitCount
        guard start + count + 3 <= bytes.count, bytes[start] == UInt8(ascii: "\""),
            bytes[start + count + 1] == UInt8(ascii: "\""),
            bytes[start + count + 2] == UInt8(ascii: ":")
        else { return false }
        let isEqual = key.withUTF8Buffer { key in
            for index in 0..<count where bytes[start + 1 + index] != key[index] { return false }
            return true
        }
        guard isEqual else { return false }
        position = start + count + 3
        needsComma = false
        return true
    }

    /// The value of a member that has to be there.
    package mutating func member<Value>(
        _ key: StaticString,
        _ read: (inout JSONTextReader) throws(Unfamiliar) -> Value
    ) throws(Unfamiliar) -> Value {
        guard has(key) else { throw Unfamiliar() }
        defer { needsComma = true }
        return try read(&self)
    }

    /// The value of a member that may be absent.
    package mutating func optional<Value>(
        _ key: StaticString,
        _ read: (inout JSONTextReader) throws(Unfamiliar) -> Value
    ) throws(Unfamiliar) -> Value? {
        guard has(key) else { return nil }
        defer { needsComma = true }
        return try read(&self)
    }

    /// True where `null` stands next; it is read then.
    mutating func isNull() -> Bool { accept("null") }

    fileprivate mutating func accept(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    fileprivate mutating func take(_ byte: UInt8) throws(Unfamiliar) {
        guard accept(byte) else { throw Unfamiliar() }
    }

    private mutating func accept(_ literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        let isEqual = literal.withUTF8Buffer { literal in
            for index in 0..<count where bytes[position + index] != literal[index] {
                return false
            }
            return true
        }
        if isEqual { position += count }
        return isEqual
    }
}

extension JSONTextReader {
    /// Text that stands next.
    package mutating func text() throws(Unfamiliar) -> String {
        guard let content = try plain() else { return try escaped() }
        let text = bytes.withUnsafeBufferPointer { bytes in
            let content = UnsafeBufferPointer(rebasing: bytes[content])
            // Nearly all of it is ASCII, which is valid as it is.
            return content.reduce(0, |) < 128
                ? String(decoding: content, as: UTF8.self)
                : String(validating: content, as: UTF8.self)
        }
        guard let text else { throw Unfamiliar() }
        return text
    }

    /// A whole number that stands next.
    package mutating func integer<Number: FixedWidthInteger>(
        _ type: Number.Type = Number.self
    ) throws(Unfamiliar) -> Number {
        let isNegative = Number.isSigned && accept(UInt8(ascii: "-"))
        var (number, digits) = (Number.zero, 0)
        while position < bytes.count, (48...57).contains(bytes[position]) {
            let digit = Number(truncatingIfNeeded: bytes[position] - 48)
            let (tens, isOver) = number.multipliedReportingOverflow(by: 10)
            let (next, isPast) =
                isNegative
                ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            guard !isOver, !isPast else { throw Unfamiliar() }
            number = next
            digits += 1
            position += 1
        }
        guard digits > 0 else { throw Unfamiliar() }
        return number
    }

    /// `true` or `false`, standing next.
    package mutating func flag() throws(Unfamiliar) -> Bool {
        if accept("true") { return true }
        guard accept("false") else { throw Unfamiliar() }
        return false
    }

    /// Where text without escapes stands; nil where it has some, and nothing was read then.
    private mutating func plain() throws(Unfamiliar) -> Range<Int>? {
        try take(UInt8(ascii: "\""))
        let start = position
        let end = bytes.withUnsafeBufferPointer {
            $0.firstIndex(of: UInt8(ascii: "\""), from: start)
        }
        guard let end else { throw Unfamiliar() }
        let isPlain = bytes.withUnsafeBufferPointer {
            !UnsafeBufferPointer(rebasing: $0[start..<end]).needsEscapes
        }
        guard isPlain else { return nil }
        position = end + 1
        return start..<end
    }

    private mutating func escaped() throws(Unfamiliar) -> String {
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw Unfamiliar()
                }
                return text
            case UInt8(ascii: "\\"): content.append(try escape())
            case 0..<32: throw Unfamiliar()
            default: content.append(byte)
            }
        }
        throw Unfamiliar()
    }

    private mutating func escape() throws(Unfamiliar) -> UInt8 {
        guard position < bytes.count else { throw Unfamiliar() }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
        case UInt8(ascii: "b"): return 8
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "f"): return 12
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "u"):
            guard position + 4 <= bytes.count, bytes[position] == 48, bytes[position + 1] == 48,
                let code = Hexadecimal.decode(
                    String(decoding: bytes[position + 2..<position + 4], as: UTF8.self)
                )?.first, code < 32
            else { throw Unfamiliar() }
            position += 4
            return code
        default: throw Unfamiliar()
        }
    }
}
