import Folders
import Shared

/// Decides, while a source is looked at for the first time, what is history and what is taken.
struct FirstLook: Sendable {
    /// What was written before this is history, in nanoseconds since 1970; nil once the look is over.
    private var limit: Int64?
    private var notes: [HistoryStore.Note] = []

    /// Notes that are written together.
    static let batch = 512

    /// No first look: everything is taken.
    init() {}

    /// A first look at `now` that takes what is at most so many days old.
    init(days: Int, now: Instant) {
        limit = (now.milliseconds - Int64(days) * 86_400_000) * 1_000_000
    }

    /// True until everything was looked at once.
    var isOn: Bool { limit != nil }

    /// Notes a file that is history; false for one that is to be taken.
    ///
    /// A file that a writer has just closed is never history, whatever time it bears.
    mutating func note(
        _ sighting: FileSighting,
        _ certainty: Certainty,
        _ path: @autoclosure () -> PathHash
    ) -> Bool {
        guard let limit, certainty == .seen, sighting.state.modified < limit else { return false }
        notes.append(HistoryStore.Note(path: path(), state: sighting.state))
        return true
    }

    /// The notes to write now; none while they are few and the look goes on.
    mutating func takeNotes(all: Bool) -> [HistoryStore.Note] {
        guard all || notes.count >= Self.batch else { return [] }
        defer { notes = [] }
        return notes
    }

    /// The look is over.
    mutating func end() {
        limit = nil
    }
}
