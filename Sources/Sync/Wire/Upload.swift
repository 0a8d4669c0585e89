package import Shared

/// What an upload answers: how much of a document's bytes the Hub has.
package struct UploadReply: Equatable, Sendable, Codable {
    package var sha256: Digest256
    /// The bytes from the beginning that are on the Hub's disk; absent from Hubs that take a
    /// document only whole.
    package var received: Int?
    /// True where the document is whole and its digest has been verified.
    package var isComplete: Bool?

    /// Takes the parts as they are.
    package init(sha256: Digest256, received: Int? = nil, isComplete: Bool? = nil) {
        self.sha256 = sha256
        self.received = received
        self.isComplete = isComplete
    }
}

/// Which bytes of a document a request carries: the header `content-range`.
package struct UploadRange: Equatable, Sendable {
    /// The offset of the first byte.
    package let start: Int
    package let count: Int
    /// The document's size.
    package let total: Int

    /// Takes a run of bytes that lies within the document; nil for any other.
    package init?(start: Int, count: Int, total: Int) {
        guard total >= 1, total <= Limits.documentBytes, count >= 1, start >= 0,
            start <= total - count
        else { return nil }
        self.start = start
        self.count = count
        self.total = total
    }

    /// Reads `bytes 0-262143/1048576`; nil for any other text.
    package init?(header text: String) {
        guard text.hasPrefix("bytes "), text.utf8.count <= 64 else { return nil }
        let sides = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard sides.count == 2, let total = Self.number(sides[1]) else { return nil }
        let ends = sides[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]),
            last >= first
        else { return nil }
        self.init(start: first, count: last - first + 1, total: total)
    }

    /// The header's text.
    package var header: String { "bytes \(start)-\(start + count - 1)/\(total)" }

    /// The run that goes on behind `received` bytes; nil where nothing is left.
    package static func next(behind received: Int, of total: Int) -> UploadRange? {
        UploadRange(
            start: received,
            count: min(SyncLimits.uploadBytes, total - received),
            total: total
        )
    }

    private static func number(_ digits: Substring) -> Int? {
        guard (1...9).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(digits)
    }
}
