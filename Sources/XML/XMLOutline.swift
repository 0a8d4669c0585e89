/// What the ends of a document tell without parsing it: its root, and whether the root is closed.
package struct XMLOutline: Sendable {
    /// What the beginning shows.
    package let root: Root
    /// True where the root's end tag stands at the end, with nothing but white space behind it.
    package let isClosed: Bool

    /// The root's name, as far as the bytes go.
    package enum Root: Hashable, Sendable {
        /// The first character that is no white space is not `<`.
        case notXML
        /// The bytes end before the root's name does.
        case notYet
        /// The name as written, prefix included.
        case name(String)
        /// A document type declaration stands before the root.
        case documentType
    }

    /// Looks at the first and the last `windowBytes` only.
    package init(_ bytes: [UInt8]) {
        let width = Width(of: bytes)
        let head = width.narrowed(bytes.prefix(Self.windowBytes))
        root = Self.root(of: head)
        guard case .name(let name) = root else {
            isClosed = false
            return
        }
        // An even start keeps two-byte characters whole.
        let start = max(0, bytes.count - Self.windowBytes) / 2 * 2
        isClosed = Self.closes(name, width.narrowed(bytes[start...]))
    }

    /// How much of either end is looked at.
    private static let windowBytes = 8192

    /// Space, tab, carriage return or line feed.
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }

    private static func root(of head: [UInt8]) -> Root {
        var rest = head[...]
        while true {
            rest = rest.drop(while: isSpace)
            guard let first = rest.first else { return .notYet }
            guard first == UInt8(ascii: "<") else { return .notXML }
            if rest.starts(with: "<?".utf8) {
                guard let end = rest.firstRange(of: Array("?>".utf8)) else { return .notYet }
                rest = rest[end.upperBound...]
            } else if rest.starts(with: "<!--".utf8) {
                guard let end = rest.firstRange(of: Array("-->".utf8)) else { return .notYet }
                rest = rest[end.upperBound...]
            } else if rest.starts(with: "<!".utf8) {
                let word = Array("<!DOCTYPE".utf8)
                if rest.starts(with: word) { return .documentType }
                return word.starts(with: rest) || "<!--".utf8.starts(with: rest)
                    ? .notYet : .notXML
            } else {
                return name(after: rest.dropFirst())
            }
        }
    }

    private static func name(after rest: ArraySlice<UInt8>) -> Root {
        let name = rest.prefix {
            !isSpace($0) && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "/")
        }
        guard name.endIndex < rest.endIndex else { return .notYet }
        return name.isEmpty ? .notXML : .name(String(decoding: name, as: UTF8.self))
    }

    private static func closes(_ name: String, _ tail: [UInt8]) -> Bool {
        var rest = tail[...]
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        guard rest.popLast() == UInt8(ascii: ">") else { return false }
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest.suffix(name.utf8.count + 2).elementsEqual("</\(name)".utf8)
    }

    /// How many bytes an ASCII character takes, by byte order mark or by where the zeros are.
    enum Width {
        case one, twoLittle, twoBig

        init(of bytes: [UInt8]) {
            guard bytes.count >= 2 else {
                self = .one
                return
            }
            switch (bytes[0], bytes[1]) {
            case (0xFF, 0xFE), (UInt8(ascii: "<"), 0): self = .twoLittle
            case (0xFE, 0xFF), (0, UInt8(ascii: "<")): self = .twoBig
            default: self = .one
            }
        }

        /// The ASCII characters, 0 for any other, without byte order mark.
        func narrowed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
            guard self != .one else {
                return Array(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes)
            }
            let narrow = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
                let (low, high) =
                    self == .twoLittle ? (bytes[$0], bytes[$0 + 1]) : (bytes[$0 + 1], bytes[$0])
                return high == 0 ? low : 0
            }
            let mark = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
            return mark ? Array(narrow.dropFirst()) : narrow
        }
    }
}
