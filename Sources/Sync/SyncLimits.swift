/// The caps of the protocol: docs/SYNC.md lists them with the reasons.
package enum SyncLimits {
    /// Operations in one push; a Hub may want fewer, and says so in each session.
    package static let operationsPerPush = 1000
    /// A push as it travels, compressed.
    package static let compressedBytes = 1024 * 1024
    /// A push when inflated.
    package static let inflatedBytes = 8 * 1024 * 1024
    /// One operation's payload.
    package static let payloadBytes = 256 * 1024
    /// The payloads that an Agent gathers for one push; the rest waits for the next.
    package static let gatheredBytes = 4 * 1024 * 1024
    /// A header line of a push or of one of its operations.
    package static let headerLineBytes = 4096
    /// One run of a document's bytes: what a cut costs at most.
    package static let uploadBytes = 256 * 1024
    /// Documents of one Agent that the Hub keeps unfinished, and their bytes when whole.
    package static let unfinishedUploads = 16
    package static let unfinishedBytes = 32 * 1024 * 1024
    /// The header line of an operation that is sent for itself.
    package static let isolatedLineBytes = 64 * 1024
    /// An operation that is sent for itself, with its payload.
    package static let isolatedBytes = 8 * 1024 * 1024
    /// A session request or any reply, inflated.
    package static let messageBytes = 1024 * 1024
    /// The highest number of an epoch: nobody comes near it.
    package static let epochs = 1_000_000
    /// Identifiers in one page of a set difference.
    package static let identifiersPerPage = 2000
    /// Spans that an Agent tells of what it has removed: one per epoch, but for odd clocks.
    package static let removedSpans = 1000
    /// A session request, an epoch request, a claim.
    package static let requestBytes = 128 * 1024
    /// Changes in one pull.
    package static let changesPerPull = 500
    /// Rows in one page of a snapshot.
    package static let rowsPerSnapshot = 1000
    /// Keys and payloads in one page of changes or of a snapshot, unless one alone is larger: with
    /// every quotation mark escaped it stays below `messageBytes`.
    package static let pageBytes = 256 * 1024
}
