package import Folders
package import Shared

/// A file's bytes as they were taken, before anything was decoded.
package struct CapturedFile: Sendable {
    /// The configured name of the source.
    package var source: String
    /// The path below the source's root, as `RelativePath.text`.
    package var name: String
    /// What stands for source and path in the store.
    package var pathKey: PathHash
    /// How the file looked when it was read.
    package var state: FileState
    /// The bytes; only the beginning where `isPartial`.
    package var bytes: [UInt8]
    /// True where the file is larger than a document may be.
    package var isPartial: Bool

    package init(
        source: String,
        name: String,
        pathKey: PathHash,
        state: FileState,
        bytes: [UInt8],
        isPartial: Bool
    ) {
        self.source = source
        self.name = name
        self.pathKey = pathKey
        self.state = state
        self.bytes = bytes
        self.isPartial = isPartial
    }
}

/// A document of the store, without its bytes.
package struct StoredDocument: Equatable, Sendable {
    package var number: Int64
    package var sha256: Digest256
    package var source: String
    package var name: String
    package var byteCount: Int64
    package var isPartial: Bool
    package var capturedAt: Instant
    package var modifiedAt: Instant?
    package var state: State
    /// Why it is in quarantine; nil in every other state.
    package var failure: DocumentFailure?

    /// `captured` until the decoder has said what it is.
    package enum State: String, Sendable {
        case captured, decoded, quarantined
    }

    /// The file's own name.
    package var fileName: String { name.split(separator: "/").last.map(String.init) ?? name }

    /// The folders below the source's root that enclose the file, the outermost first.
    package var folders: [String] { name.split(separator: "/").dropLast().map(String.init) }
}
