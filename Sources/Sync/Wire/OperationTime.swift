package import Shared

/// When a fact was stored, by clocks that nobody can set back: for display, never for order.
package struct OperationTime: Equatable, Sendable {
    /// The Agent's hybrid clock.
    package var hybrid: HybridTime?
    /// Which start of the PC the monotonic time counts from.
    package var boot: Identifier?
    /// Milliseconds since that start, sleep included.
    package var monotonic: Int64?

    /// Takes the parts as they are.
    package init(hybrid: HybridTime?, boot: Identifier?, monotonic: Int64?) {
        self.hybrid = hybrid
        self.boot = boot
        self.monotonic = monotonic
    }
}

/// A hybrid logical time: 48 bits of milliseconds since 1970, and 16 that count within one.
///
/// It never goes back, whatever is done to the clock, and stays as near to the clock as it can. On
/// the wire it is the 64 bits as a number.
package struct HybridTime: Hashable, Sendable, Comparable {
    package let bits: UInt64

    /// Takes the 64 bits.
    package init(bits: UInt64) {
        self.bits = bits
    }

    /// The milliseconds.
    package var milliseconds: Int64 { Int64(bits >> 16) }

    package static func < (left: HybridTime, right: HybridTime) -> Bool { left.bits < right.bits }

    /// The time of the next fact: the clock's, or the one behind `self` where the clock is not
    /// further.
    package func next(at now: Instant) -> HybridTime {
        let clock = UInt64(clamping: now.milliseconds) & 0xFFFF_FFFF_FFFF
        return HybridTime(bits: Swift.max(bits &+ 1, clock << 16))
    }

    /// The time after hearing of another's: never one that is far ahead of this PC's clock, so that
    /// one wrong clock does not spoil every other.
    package func heard(_ other: Instant, at now: Instant) -> HybridTime {
        guard other.milliseconds - now.milliseconds <= Self.trust.wholeMilliseconds else {
            return self
        }
        let clock = UInt64(clamping: other.milliseconds) & 0xFFFF_FFFF_FFFF
        return HybridTime(bits: Swift.max(bits, clock << 16))
    }

    /// How far ahead another's clock may be.
    package static let trust = Duration.seconds(60)
}

extension HybridTime: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(bits: try decoder.singleValueContainer().decode(UInt64.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bits)
    }
}
