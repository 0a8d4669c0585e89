/// A patient's place in the `ClientDB` of a Visionix L80: a folder and a line of `Index.txt`.
package struct VisionixIndexEntry: Equatable, Sendable {
    /// The folder's name: `TESTCASE#Amina`.
    package let folder: String
    /// The line in Latin-1, without its end: `TESTCASE#Amina*TESTCASE%Amina`.
    package let line: [UInt8]
    /// True where a letter that Latin-1 lacks was written without its mark.
    package let isAltered: Bool

    /// What stands between the parts of a line, and what the device's file system refuses.
    private static let forbidden = Set("#*%/\\:?\"<>|".utf8)

    /// The place of a patient; homonyms have the same one.
    ///
    /// Errors: `nameMissing`; `nameUnwritable` for a name without a form in Latin-1, with one of
    /// the characters that mean something there, or that ends in a point.
    package init(_ patient: OutgoingPatient) throws(WritingRefusal) {
        let names = try patient.names()
        guard let family = LatinText.latin1(names.family, without: Self.forbidden),
            let given = LatinText.latin1(names.given, without: Self.forbidden),
            // The device's file system drops it, and folder and line would differ.
            given.bytes.last != UInt8(ascii: ".")
        else { throw .nameUnwritable }
        folder = "\(family.text)#\(given.text)"
        line =
            family.bytes + [UInt8(ascii: "#")] + given.bytes + [UInt8(ascii: "*")] + family.bytes
            + [UInt8(ascii: "%")] + given.bytes
        isAltered = family.isAltered || given.isAltered
    }

    /// True where a folder of this name is the patient's: the device tells no capitals apart.
    package func isFolder(named name: String) -> Bool {
        guard let other = LatinText.latin1(name, without: []), !other.isAltered,
            let own = LatinText.latin1(folder, without: [])
        else { return false }
        return other.bytes.foldedLatin1 == own.bytes.foldedLatin1
    }

    /// What stands before the `*`.
    var key: ArraySlice<UInt8> { line.prefix { $0 != UInt8(ascii: "*") } }
}

/// The device's `Index.txt`: the number of entries, then a line for each.
///
/// Lines are kept byte for byte, also those of another form. Nothing is written from a file that is
/// not understood or not whole.
package struct VisionixIndex: Equatable, Sendable {
    /// The lines without the first and without their ends, as the file has them.
    package private(set) var lines: [[UInt8]]
    private let lineEnd: [UInt8]

    /// The file's name.
    package static let fileName = "Index.txt"
    /// The largest index that is read.
    package static let maximumBytes = 8 * 1024 * 1024

    /// Reads the file; with `isQuiet`, one that the device has left alone for a while.
    ///
    /// A last line without an end is a line, but may be one half of it; more lines than the first
    /// one says are the state before the device has counted: both are taken only with `isQuiet`.
    /// Errors: `indexMalformed`, `indexIncomplete`.
    package init(_ bytes: [UInt8], isQuiet: Bool) throws(WritingRefusal) {
        guard bytes.count <= Self.maximumBytes, !bytes.contains(0) else { throw .indexMalformed }
        var rows = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { row in row.last == UInt8(ascii: "\r") ? row.dropLast() : row }
        let hasReturns = bytes.split(separator: UInt8(ascii: "\n")).contains {
            $0.last == UInt8(ascii: "\r")
        }
        guard !rows.isEmpty else { throw .indexMalformed }
        let first = rows.removeFirst()
        guard !first.isEmpty else {
            throw bytes.isEmpty ? .indexIncomplete : .indexMalformed
        }
        guard let count = Self.number(first) else { throw .indexMalformed }
        lines = rows.filter { !$0.isBlank }.map(Array.init)
        lineEnd = Array((hasReturns ? "\r\n" : "\n").utf8)
        let isWhole = count == lines.count && rows.last?.isEmpty ?? true
        guard count <= lines.count, isWhole || isQuiet else { throw .indexIncomplete }
    }

    /// True where a line is this patient's.
    package func contains(_ entry: VisionixIndexEntry) -> Bool {
        let key = entry.key.foldedLatin1
        return lines.contains { line in
            line.prefix { $0 != UInt8(ascii: "*") }.foldedLatin1 == key
        }
    }

    /// Adds the patient's line; an entry that is there already stays the only one.
    package mutating func add(_ entry: VisionixIndexEntry) {
        if !contains(entry) { lines.append(entry.line) }
    }

    /// Adds the lines of another state of the file that this one lacks.
    package mutating func add(linesOf other: VisionixIndex) {
        let present = Set(lines)
        lines += other.lines.filter { !present.contains($0) }
    }

    /// True where every line of `other` is here.
    package func holds(_ other: VisionixIndex) -> Bool {
        Set(lines).isSuperset(of: other.lines)
    }

    /// The file: the count, and the lines in an order that tells no capitals apart.
    package var bytes: [UInt8] {
        let sorted = lines.enumerated()
            .map { (key: $0.element.foldedLatin1, place: $0.offset, line: $0.element) }
            .sorted { left, right in
                if left.key == right.key { return left.place < right.place }
                return left.key.lexicographicallyPrecedes(right.key)
            }
        return Array(String(lines.count).utf8) + lineEnd + sorted.flatMap { $0.line + lineEnd }
    }

    /// One to seven digits, with blanks around them.
    private static func number(_ row: ArraySlice<UInt8>) -> Int? {
        let digits = row.drop { $0 == 0x20 }.prefix { $0 != 0x20 }
        let rest = row.drop { $0 == 0x20 }.dropFirst(digits.count)
        guard (1...7).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
            rest.isBlank
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    }
}

extension Collection<UInt8> {
    /// Small letters for capitals, in Latin-1.
    fileprivate var foldedLatin1: [UInt8] {
        map { byte in
            switch byte {
            case 0x41...0x5A, 0xC0...0xD6, 0xD8...0xDE: byte + 0x20
            default: byte
            }
        }
    }

    fileprivate var isBlank: Bool { allSatisfy { $0 == 0x20 || $0 == 0x09 } }
}
