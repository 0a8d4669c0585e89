package import Shared

/// The operation `reading`, version 1: a reading was decoded, or one that exists was completed.
///
/// The second eye's file of an exam arrives after the first: the same `id` with the next
/// `revision`. The Hub shows the highest revision and keeps the others.
package struct ReadingFact: Equatable, Sendable, Codable {
    /// The kind on the wire.
    package static let kind = "reading"
    /// The version of this shape.
    package static let version = 1

    /// Derived from what was read, so that a repeated decode gives the same reading.
    package var id: Identifier
    /// 1 for the first, one more for each that completes it.
    package var revision: Int
    /// What was read.
    package var reading: Reading
    /// The decoder's version.
    package var decoderVersion: Int
    /// The source's configured name on the Agent.
    package var source: String
    /// The workstation's name on the Agent.
    package var workstation: String
    /// The Agent's clock when the newest of the documents was taken.
    package var capturedAt: Instant

    /// Takes the parts as they are.
    package init(
        id: Identifier,
        revision: Int,
        reading: Reading,
        decoderVersion: Int,
        source: String,
        workstation: String,
        capturedAt: Instant
    ) {
        self.id = id
        self.revision = revision
        self.reading = reading
        self.decoderVersion = decoderVersion
        self.source = source
        self.workstation = workstation
        self.capturedAt = capturedAt
    }
}
