/// The caps of the protocol: docs/SYNC.md lists them with the reasons.
package enum SyncLimits {
    /// Operations in one push.
    package static let operationsPerPush = 500
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
}
