import Foundation
package import Shared

/// A place of the clinic, with a zone of its own.
package struct Site: Sendable, Hashable {
    package let id: Identifier
    package let name: String
    /// As the tz database names it: `Europe/Brussels`.
    package let zone: String
    /// True: cards under a test root count there.
    package var acceptsTestCards = false
    /// True: a PC of the site with a card reader trusts test roots.
    package var trustsTestRoots = false
}

/// Where a site's instants are shown.
struct SiteTime: Sendable {
    let zone: String
    private let timeZone: TimeZone

    /// A zone that this machine does not know is shown as UTC, and named so.
    init(_ site: Site) {
        let known = TimeZone(identifier: site.zone)
        timeZone = known ?? .gmt
        zone = known == nil ? "UTC" : site.zone
    }

    /// The time of day and the date at the site.
    func local(_ instant: Instant) -> LocalTime {
        let date = Date(timeIntervalSince1970: TimeInterval(instant.milliseconds / 1000))
        let offset = Int64(timeZone.secondsFromGMT(for: date)) * 1000
        return LocalTime(millisecondsAsUTC: instant.milliseconds + offset)
    }

    /// As a list shows it; the year only where it is another one than `now`'s.
    func view(_ instant: Instant, now: Instant) -> TimeView {
        let local = local(instant)
        let isThisYear = local.date.year == self.local(now).date.year
        return TimeView(
            iso: instant.description,
            full: full(instant),
            clock: "\(padded(local.hour, 2)):\(padded(local.minute, 2))",
            day: isThisYear
                ? "\(local.date.day) \(Self.month(local.date))" : Self.day(local.date)
        )
    }

    /// `20 Nov 2026, 10:14:37`.
    func full(_ instant: Instant) -> String { Self.full(local(instant)) }

    /// The same of a device's own clock.
    static func full(_ local: LocalTime) -> String {
        let clock = "\(padded(local.hour, 2)):\(padded(local.minute, 2)):\(padded(local.second, 2))"
        return "\(day(local.date)), \(clock)"
    }

    /// `20 Nov 2026`.
    static func day(_ date: CalendarDate) -> String { "\(date.day) \(month(date)) \(date.year)" }

    private static func month(_ date: CalendarDate) -> String {
        [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ][date.month - 1]
    }
}

/// An instant as a page shows it.
struct TimeView: Sendable, Equatable {
    let iso: String
    let full: String
    let clock: String
    let day: String
}

/// A span of time in one unit: `12 s`, `5 min`, `3 h`, `2 days`.
func shortSpan(_ duration: Duration) -> String {
    let seconds = max(0, duration.wholeMilliseconds / 1000)
    return switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3600: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86400) days"
    }
}
