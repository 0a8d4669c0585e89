import Shared
import Sync

/// How a device is, in one word and one colour, and what to do about it.
struct DeviceState: Sendable, Equatable {
    let word: String
    /// The class of the style sheet.
    let level: String
    let advice: String
    /// When it came into this state.
    let since: Instant

    init(_ record: DeviceRecord, now: Instant) {
        guard let fact = record.fact else {
            self.init(
                "Unknown",
                "attention",
                "That PC's program is newer than this Hub. Update the Hub.",
                record.receivedAt
            )
            return
        }
        switch AgentState(record.pc, now: now) {
        case .revoked:
            self.init("PC revoked", "plain", "It may send nothing any more.", fact.since)
        case .silent, .quiet, .expired, .neverSeen:
            self.init(
                "PC silent",
                "attention",
                "Nothing is known since then. See that PC on the Agents page.",
                record.pc.lastSeenAt ?? fact.since
            )
        case .well, .full, .nearlyFull, .tooNew, .behind, .clockOff, .expiring:
            self.init(fact)
        }
    }

    private init(_ fact: DeviceFact) {
        if fact.state == .ready, fact.problem != nil {
            self.init(
                "Ready",
                "attention",
                "It works still. Run clinic-agent doctor on that PC.",
                fact.since
            )
            return
        }
        let words = Self.words(fact.state, fact.attachment)
        self.init(words.word, words.level, words.advice, fact.since)
    }

    /// A state in a word, its colour, and what to do.
    static func words(
        _ state: DeviceFact.State,
        _ attachment: DeviceFact.Attachment
    ) -> (word: String, level: String, advice: String) {
        switch state {
        case .starting: ("Starting", "attention", "Wait a moment.")
        case .ready: ("Ready", "well", "Nothing to do.")
        case .failing where attachment == .cardReader:
            (
                "Failing", "problem",
                "Take the card out and put it in again, chip first. If it lasts, run clinic-agent card there."
            )
        case .failing:
            (
                "Failing", "problem",
                "The PC tries again by itself. If it lasts, run clinic-agent doctor there."
            )
        case .unserved:
            ("Not served", "attention", "Say with a rule what it is, so that the PC reads it.")
        case .safeToRemove: ("Safe to remove", "well", "Every file is taken.")
        case .detached where attachment == .media: ("Removed", "plain", "Nothing to do.")
        case .detached where attachment == .folder:
            (
                "Away", "attention",
                "See whether the device or its share is on, and the network between."
            )
        case .detached:
            ("Away", "attention", "See whether the cable is in place and the device is on.")
        }
    }

    private init(_ word: String, _ level: String, _ advice: String, _ since: Instant) {
        self.word = word
        self.level = level
        self.advice = advice
        self.since = since
    }
}
