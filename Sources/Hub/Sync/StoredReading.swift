import Shared
import Sync

/// A reading on its way into the database.
struct StoredReading: Sendable {
    var fact: ReadingFact
    /// The reading's text as it came; nil where it has to be written.
    var text: [UInt8]?
    /// What has to be added to the PC's clock; nil where that was good, or nobody knows.
    var correction: Int64?

    /// The reading's text.
    var body: [UInt8] {
        if let text { return text }
        var text = JSONText(capacity: 256 + fact.reading.values.count * 200)
        fact.reading.write(to: &text)
        return text.bytes
    }
}
