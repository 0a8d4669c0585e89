package import Shared

/// The operation `document`, version 1: a document was captured at the point of care.
///
/// Its bytes travel inside where they are few; larger ones are uploaded first, under their SHA-256.
package struct DocumentFact: Equatable, Sendable, Codable {
    /// The kind on the wire.
    package static let kind = "document"
    /// The version of this shape.
    package static let version = 1
    /// Up to this many bytes travel inside the operation.
    package static let inlineBytes = 128 * 1024

    /// The address of the bytes.
    package var sha256: Digest256
    /// How many bytes the file had.
    package var bytes: Int
    /// The path below the source's root, as the device named it.
    package var name: String
    /// The decoder that took the document, nil where none did.
    package var format: String?
    /// The decoder's version.
    package var decoderVersion: Int?
    /// The source's configured name on the Agent.
    package var source: String
    /// The Agent's clock when the document was taken.
    package var capturedAt: Instant
    /// The file's modification time as its file system gave it.
    package var modifiedAt: Instant?
    /// Why the document gave no reading; nil where it did.
    package var failure: DocumentFailure?
    /// The bytes in base64; nil where they are uploaded apart, or where `isPartial`.
    package var content: String?
    /// True where the file was larger than a document may be: only its beginning is kept.
    package var isPartial: Bool

    /// Takes the parts as they are.
    package init(
        sha256: Digest256,
        bytes: Int,
        name: String,
        format: String?,
        decoderVersion: Int?,
        source: String,
        capturedAt: Instant,
        modifiedAt: Instant?,
        failure: DocumentFailure?,
        content: String?,
        isPartial: Bool = false
    ) {
        self.sha256 = sha256
        self.bytes = bytes
        self.name = name
        self.format = format
        self.decoderVersion = decoderVersion
        self.source = source
        self.capturedAt = capturedAt
        self.modifiedAt = modifiedAt
        self.failure = failure
        self.content = content
        self.isPartial = isPartial
    }
}
