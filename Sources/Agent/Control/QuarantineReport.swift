package import Shared

/// One document in quarantine, as a list shows it.
package struct QuarantineEntry: Equatable, Sendable, Codable {
    /// The beginning of the digest.
    package var id: String
    package var sha256: Digest256
    package var capturedAt: Instant
    package var source: String
    /// The failure's code and sentence, and where in the document it is.
    package var code: String
    package var detail: String
    package var at: String?
    /// The file's size.
    package var bytes: Int64
    /// True where only the beginning is kept.
    package var isPartial: Bool
    /// The path below the source's root, which names patients; only for root, and only if asked.
    package var name: String?

    init(_ document: StoredDocument, name: String?) {
        id = document.sha256.short
        sha256 = document.sha256
        capturedAt = document.capturedAt
        source = document.source
        code = document.failure?.code.rawValue ?? "unknown"
        detail = document.failure?.detail ?? ""
        at = document.failure?.at
        bytes = document.byteCount
        isPartial = document.isPartial
        self.name = name
    }
}

/// One document in quarantine, with the beginning of its bytes where root asks.
package struct QuarantineDetail: Equatable, Sendable, Codable {
    package var entry: QuarantineEntry
    /// The first bytes in base64; nil for anyone but root.
    package var preview: String?
}

/// What another attempt at a document gave.
package struct ReleaseResult: Equatable, Sendable, Codable {
    package var id: String
    /// How many readings the document gave; nil where it stays in quarantine.
    package var readings: Int?
    /// Why it stays.
    package var code: String?
    package var detail: String?
}
