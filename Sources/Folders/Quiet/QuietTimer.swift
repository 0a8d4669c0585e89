/// Decides when a file counts as finished although nothing in it says so.
///
/// A file is quiet when it looked the same twice, at least `quiet` apart. Sightings and the time
/// come from outside; nothing here waits or looks at a file. Limits: `capacity` files wait.
package struct QuietTimer: Sendable {
    /// Whose clock stamps the files.
    package enum FileClock: Sendable {
        /// This computer's: a file that was last changed long enough ago is quiet at first sight.
        case local
        /// Another's, right or wrong: its stamps are only compared with each other.
        case foreign
    }

    /// What is known about a file after a sighting.
    package enum Answer: Sendable {
        /// It may be taken; the timer has forgotten it.
        case quiet
        /// It has to be looked at again when it comes `due`.
        case wait
        /// As many files wait as may: the caller takes nothing new until something is due.
        case full
    }

    private struct Waiting {
        var state: FileState
        var changed: Int64
        var since: ContinuousClock.Instant
        var due: ContinuousClock.Instant
    }

    private let quiet: Duration
    private let clock: FileClock
    private let capacity: Int
    private var waiting: [RelativePath: Waiting] = [:]

    /// A timer for the files of one root.
    package init(quiet: Duration = .seconds(3), clock: FileClock, capacity: Int = 4096) {
        self.quiet = quiet
        self.clock = clock
        self.capacity = capacity
    }

    /// How many files wait.
    package var count: Int { waiting.count }

    /// When the next file is due; nil while none waits.
    package var nextDue: ContinuousClock.Instant? { waiting.values.map(\.due).min() }

    /// Takes a fresh sighting; `wallNanoseconds` is this computer's time since 1970.
    package mutating func note(
        _ sighting: FileSighting,
        _ certainty: Certainty,
        now: ContinuousClock.Instant,
        wallNanoseconds: Int64
    ) -> Answer {
        if certainty == .seen, isLongUnchanged(sighting, wallNanoseconds) {
            waiting[sighting.path] = nil
            return .quiet
        }
        if certainty == .seen, var known = waiting[sighting.path],
            known.state == sighting.state, known.changed == sighting.changed
        {
            guard now - known.since < quiet else {
                waiting[sighting.path] = nil
                return .quiet
            }
            known.due = known.since.advanced(by: quiet)
            waiting[sighting.path] = known
            return .wait
        }
        guard waiting[sighting.path] != nil || waiting.count < capacity else { return .full }
        // A closing proves that the writer was there just now: the time starts anew.
        waiting[sighting.path] = Waiting(
            state: sighting.state,
            changed: sighting.changed,
            since: now,
            due: now.advanced(by: quiet)
        )
        return .wait
    }

    /// Which files have to be looked at now, the longest due first.
    ///
    /// Each comes due again after the quiet time, unless it is noted or forgotten before.
    package mutating func due(
        _ now: ContinuousClock.Instant,
        limit: Int = FolderRoot.maximumBatch
    ) -> [RelativePath] {
        let ready = waiting.filter { $0.value.due <= now }.sorted { $0.value.due < $1.value.due }
        let paths = ready.prefix(limit).map(\.key)
        for path in paths { waiting[path]?.due = now.advanced(by: quiet) }
        return paths
    }

    /// Stops waiting for a file.
    package mutating func forget(_ path: RelativePath) {
        waiting[path] = nil
    }

    private func isLongUnchanged(_ sighting: FileSighting, _ wallNanoseconds: Int64) -> Bool {
        guard clock == .local else { return false }
        let (age, overflow) = wallNanoseconds.subtractingReportingOverflow(sighting.changed)
        return !overflow && age >= quiet.nanoseconds
    }
}
