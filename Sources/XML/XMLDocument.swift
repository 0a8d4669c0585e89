import CLibXML2

/// A parsed document: an immutable tree of elements.
package struct XMLDocument: Hashable, Sendable {
    /// The outermost element.
    package let root: XMLElement

    /// The encodings that a document may declare, in lower case.
    package static let encodings: Set<String> = [
        "utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii", "iso-8859-1",
        "iso-8859-15", "windows-1252", "shift_jis", "shift-jis", "sjis", "cp932", "windows-31j",
        "euc-jp",
    ]

    /// Parses `bytes` without reaching for anything else: no network, no file, no entity.
    ///
    /// Errors: every code of `XMLFailure`. May be called from any thread.
    package init(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) throws(XMLFailure) {
        guard bytes.count <= limits.bytes else { throw XMLFailure(.tooLarge) }
        try XMLZeros.check(bytes)
        guard XMLOutline(bytes).root != .notXML else { throw XMLFailure(.malformed, line: 1) }
        let builder = XMLTreeBuilder(limits: limits)
        try builder.parse(bytes)
        if let failure = builder.failure { throw failure }
        guard let root = builder.root else { throw XMLFailure(.truncated) }
        self.root = root
    }
}

/// Zero bytes: libxml2 takes one for the end of the document, so they are looked at first.
enum XMLZeros {
    /// Throws `truncated` for zeros at the end, `empty` for nothing else, `malformed` inside.
    static func check(_ bytes: [UInt8]) throws(XMLFailure) {
        guard bytes.contains(where: { $0 != 0 && !XMLOutline.isSpace($0) }) else {
            throw XMLFailure(.empty)
        }
        let wide = XMLOutline.Width(of: bytes)
        guard wide == .one else { return try checkWide(bytes) }
        guard let first = bytes.firstIndex(of: 0) else { return }
        // A copy in progress sets the file's size first and fills it afterwards.
        let tail = bytes[first...].allSatisfy { $0 == 0 }
        throw XMLFailure(tail ? .truncated : .malformed)
    }

    private static func checkWide(_ bytes: [UInt8]) throws(XMLFailure) {
        for index in stride(from: 0, to: bytes.count - 1, by: 2)
        where bytes[index] == 0 && bytes[index + 1] == 0 {
            let tail = bytes[index...].allSatisfy { $0 == 0 }
            throw XMLFailure(tail ? .truncated : .malformed)
        }
    }
}
