/// A point in time as milliseconds since 1970-01-01T00:00:00Z.
///
/// It is what a computer's clock said; the order of facts comes from sequences, never from it.
package struct Instant: Hashable, Sendable {
    /// Milliseconds since the epoch; may be negative.
    package let milliseconds: Int64

    /// Takes milliseconds as they are.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Reads `yyyy-MM-ddTHH:mm:ss[.SSS]Z`; nil for any other text.
    package init?(_ text: String) {
        guard text.utf8.last == UInt8(ascii: "Z"), let local = LocalTime(text.dropLast()) else {
            return nil
        }
        milliseconds = local.millisecondsAsUTC
    }

    /// The instant `duration` later.
    package func advanced(by duration: Duration) -> Instant {
        Instant(milliseconds: milliseconds + duration.wholeMilliseconds)
    }

    /// The time from `earlier` to this instant.
    package func duration(since earlier: Instant) -> Duration {
        .milliseconds(milliseconds - earlier.milliseconds)
    }
}

extension Instant: Comparable {
    package static func < (left: Instant, right: Instant) -> Bool {
        left.milliseconds < right.milliseconds
    }
}

extension Instant: CustomStringConvertible {
    /// `2026-11-20T09:14:37.218Z`.
    package var description: String {
        LocalTime(millisecondsAsUTC: milliseconds).text(isUTC: true)
    }
}

extension Instant: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let instant = Instant(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "an instant is yyyy-MM-ddTHH:mm:ss.SSSZ"
            )
        }
        self = instant
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Duration {
    /// Whole milliseconds, the rest cut off.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
