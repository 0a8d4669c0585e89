import Shared

/// Finds in compact JSON where to cut, and what goes into holes.
///
/// It cuts around every object and behind the last slash of a value's path, for readings differ in
/// which values they have, and those in whose they are. It never fails: text that is no JSON is cut
/// where it looks like it.
struct PieceScanner {
    /// What comes next in the text.
    enum Token {
        /// Bytes that stay in the piece.
        case literal(Range<Int>)
        /// Bytes that go into a column.
        case hole(Range<Int>)
        /// The end of a piece.
        case cut
    }

    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0
    /// What stands behind the key that came last.
    private var role = Role.other
    private var queue: [Token] = []

    private enum Role { case value, path, other }

    /// Takes a text that outlives it.
    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    /// The next token; nil at the end.
    ///
    /// All literals and holes together are the text.
    mutating func next() -> Token? {
        if let token = queue.popLast() { return token }
        guard position < text.count else { return nil }
        let role = role
        self.role = .other
        switch text[position] {
        case UInt8(ascii: "\""): return string(role)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let range = run { Self.isOfNumber($0) }
            return role == .value ? .hole(range) : .literal(range)
        case UInt8(ascii: "{"):
            let range = take(1)
            guard let before = byte(range.lowerBound - 1), Self.opens(before) else {
                return .literal(range)
            }
            queue.append(.literal(range))
            return .cut
        case UInt8(ascii: "}"):
            let range = take(1)
            if endsPiece(at: range.upperBound) { queue.append(.cut) }
            return .literal(range)
        default: return .literal(run { !Self.isNotable($0) })
        }
    }

    private mutating func string(_ role: Role) -> Token {
        let start = position
        let end = quote(from: start + 1)
        let inside = start + 1..<end
        let isKey = byte(end + 1) == UInt8(ascii: ":")
        position = min(end + (isKey ? 2 : 1), text.count)
        if isKey {
            self.role = Self.role(of: text[inside])
        } else if role == .value, end < text.count {
            queue += [.literal(end..<position), .hole(inside)]
            return .literal(start..<start + 1)
        } else if role == .path, let slash = text[inside].lastIndex(of: UInt8(ascii: "/")) {
            queue += [.literal(slash + 1..<position), .cut]
            return .literal(start..<slash + 1)
        }
        return .literal(start..<position)
    }

    /// Where a quote stands that no backslash is before; the end where there is none.
    private func quote(from start: Int) -> Int {
        var position = start
        while position < text.count {
            let end = text.firstIndex(of: UInt8(ascii: "\""), from: position) ?? text.count
            guard let escape = text.firstIndex(of: UInt8(ascii: "\\"), in: position..<end) else {
                return end
            }
            position = escape + 2
        }
        return text.count
    }

    private mutating func take(_ count: Int) -> Range<Int> {
        defer { position += count }
        return position..<position + count
    }

    /// The bytes from here on that `belongs` takes, the first in any case.
    private mutating func run(_ belongs: (UInt8) -> Bool) -> Range<Int> {
        let start = position
        position += 1
        while position < text.count, belongs(text[position]) { position += 1 }
        return start..<position
    }

    private func byte(_ index: Int) -> UInt8? {
        text.indices.contains(index) ? text[index] : nil
    }

    /// Whether behind an object's end the list ends, or another object follows.
    private func endsPiece(at index: Int) -> Bool {
        switch byte(index) {
        case UInt8(ascii: "]"): true
        case UInt8(ascii: ","): byte(index + 1) == UInt8(ascii: "{")
        default: false
        }
    }

    private static func opens(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || byte == UInt8(ascii: "[")
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// Whether something begins here that is looked at.
    private static func isNotable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "-"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// The keys whose values differ from one fact to the next, by their length.
    private static let keys: [[[UInt8]]] = {
        let names = [
            "value", "raw", "detail", "id", "sha256", "bytes", "name", "number", "birthDate",
            "familyName", "givenName", "content", "modifiedAt", "measuredAt", "capturedAt",
            "software", "shot", "distanceCm",
        ]
        var keys = [[[UInt8]]](repeating: [], count: 16)
        for name in names { keys[name.utf8.count].append(Array(name.utf8)) }
        return keys
    }()
    private static let path = Array("path".utf8)

    private static func role(of key: UnsafeBufferPointer<UInt8>.SubSequence) -> Role {
        guard key.count < keys.count else { return .other }
        if keys[key.count].contains(where: { $0.elementsEqual(key) }) { return .value }
        return key.elementsEqual(path) ? .path : .other
    }
}
