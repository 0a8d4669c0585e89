import Foundation

/// Compares a device's own clock with a computer's, in the zone that the device stands in.
package struct DeviceClock: Sendable {
    private let zone: TimeZone

    /// A device's clock is taken for wrong beyond this.
    package static let tolerance = Duration.seconds(24 * 3600)

    /// Takes an IANA name; nil where there is no such zone.
    package init?(zone identifier: String) {
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        self.zone = zone
    }

    /// `reading` with the problem `clockDrift` where its time is too far from `capturedAt`.
    package func judge(_ reading: Reading, capturedAt: Instant) -> Reading {
        guard let measuredAt = reading.measuredAt,
            !reading.problems.contains(where: { $0.code == .clockDrift })
        else { return reading }
        let distance = instant(of: measuredAt).duration(since: capturedAt)
        guard abs(distance.wholeMilliseconds) > Self.tolerance.wholeMilliseconds else {
            return reading
        }
        var judged = reading
        judged.problems.append(ReadingProblem(.clockDrift))
        return judged
    }

    /// The instant of a local time; of two in autumn's doubled hour the first.
    private func instant(of local: LocalTime) -> Instant {
        let asUTC = local.millisecondsAsUTC
        let first = asUTC - offset(at: asUTC)
        return Instant(milliseconds: asUTC - offset(at: first))
    }

    private func offset(at milliseconds: Int64) -> Int64 {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        return Int64(zone.secondsFromGMT(for: date)) * 1000
    }
}
