import Sync

/// When a change of a device is written for the Hub: once it has lasted a second, and the less
/// often the more the device flaps.
///
/// The Hub sees the state that lasts; what came and went in between is in the log of the PC.
struct FactSchedule: Sendable {
    /// How long a state lasts before it is written.
    static let settling = Duration.seconds(1)
    /// So many facts of one device are written without a further pause.
    static let burst = 8
    /// After them, the pause doubles from this to that.
    static let pause = Duration.seconds(5)
    static let longestPause = Duration.seconds(600)
    /// A quiet time after which a device counts as steady again.
    static let calm = Duration.seconds(900)
    /// Devices that are followed.
    static let maximumDevices = 1024

    private struct Entry {
        /// What the Hub was told last.
        var written: DeviceFact?
        var pending: DeviceFact?
        var dueAt: ContinuousClock.Instant?
        var writtenAt: ContinuousClock.Instant?
        var count = 0
    }

    private var entries: [String: Entry] = [:]

    init() {}

    /// Takes what the Hub was told before the start.
    mutating func learn(_ written: [DeviceFact]) {
        for fact in written.prefix(Self.maximumDevices) {
            var entry = entries[fact.key] ?? Entry()
            guard entry.written == nil else { continue }
            entry.written = fact
            if entry.pending?.isNoNews(after: fact) == true {
                entry.pending = nil
                entry.dueAt = nil
            }
            entries[fact.key] = entry
        }
    }

    /// The facts that the Hub has, as far as it was told.
    var written: [DeviceFact] { entries.values.compactMap(\.written) }

    /// When `due` has something; nil for never.
    var nextDue: ContinuousClock.Instant? { entries.values.compactMap(\.dueAt).min() }

    /// Takes the present state of a device.
    mutating func note(_ fact: DeviceFact, at now: ContinuousClock.Instant) {
        guard entries[fact.key] != nil || entries.count < Self.maximumDevices else { return }
        var entry = entries[fact.key] ?? Entry()
        defer { entries[fact.key] = entry }
        guard !fact.isNoNews(after: entry.written) else {
            // It is again as the Hub knows it.
            entry.pending = nil
            entry.dueAt = nil
            return
        }
        entry.pending = fact
        let settled = now + Self.settling
        entry.dueAt =
            entry.writtenAt.map { max(settled, $0 + Self.spacing(entry.count)) } ?? settled
    }

    /// The facts to write now; they count as written.
    ///
    /// With `onlyProblems` those without one stay
    /// due, and are looked at again after a pause.
    mutating func due(
        at now: ContinuousClock.Instant,
        onlyProblems: Bool = false
    ) -> [DeviceFact] {
        let keys = entries.filter { $0.value.dueAt.map { $0 <= now } ?? false }.keys.sorted()
        return keys.compactMap { key in
            guard var entry = entries[key], let fact = entry.pending else { return nil }
            if onlyProblems, fact.problem == nil {
                entries[key]?.dueAt = now + Self.pause
                return nil
            }
            let isCalm = entry.writtenAt.map { now - $0 >= Self.calm } ?? true
            entry.count = isCalm ? 1 : entry.count + 1
            entry.written = fact
            entry.writtenAt = now
            entry.pending = nil
            entry.dueAt = nil
            entries[key] = entry
            return fact
        }
    }

    /// The store did not take a fact: it is due again, unless another took its place.
    mutating func putBack(_ fact: DeviceFact, at now: ContinuousClock.Instant) {
        entries[fact.key]?.written = nil
        if entries[fact.key]?.pending == nil { note(fact, at: now) }
    }

    private static func spacing(_ count: Int) -> Duration {
        guard count >= burst else { return .zero }
        return min(pause * (1 << min(count - burst, 7)), longestPause)
    }
}

extension DeviceFact {
    /// True where the Hub knows all that it says; since when is no news.
    func isNoNews(after earlier: DeviceFact?) -> Bool {
        guard var earlier else { return false }
        earlier.since = since
        return earlier == self
    }
}
