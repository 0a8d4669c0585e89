package import Shared
import Synchronization

/// How the store's disk stands: for `status`, `doctor` and the journal.
package struct DiskStatus: Equatable, Sendable, Codable {
    /// `ample`, `scarce`, `short` or `critical`.
    package var level: String
    /// Since when nothing can be stored; nil while the store takes what comes.
    package var refusingSince: Instant?
    /// True where the ballast holds its room.
    package var hasBallast: Bool
    package var ballastBytes: Int64
    package var quotaBytes: Int64
    /// Bytes of the database that hold something, of the quota.
    package var usedBytes: Int64
    /// Settled operations that were given up before their time since the start: a Hub that is
    /// restored from a backup cannot have them again.
    package var givenUp: Int
    /// True while facts about devices wait, so that they take no room.
    package var holdsTelemetry: Bool

    /// For the Hub, in one word: the level, or that nothing can be stored.
    package var word: String { refusingSince == nil ? level : "refusing" }

    /// For a person, in one sentence; nil where nothing is wrong.
    package var sentence: String? {
        if let refusingSince {
            return "Nothing can be stored since \(refusingSince): files stay where they are, and "
                + "what comes over a line may be lost."
        }
        return switch level {
        case "critical": "The disk is nearly full: the ballast is given up."
        case "short": "The disk is short of room: caches and telemetry are given up."
        case "scarce": "The disk will soon be short of room."
        default: nil
        }
    }
}

/// What a source is told of the disk, and the Hub with it while there is room to write that down.
package struct StorageProblem: Equatable, Sendable, Codable {
    /// True where nothing can be stored; false where that may soon be so.
    package var isRefused: Bool
    package var sentence: String
}

extension DiskStatus {
    /// Nil while no source is concerned.
    var problem: StorageProblem? {
        guard refusingSince != nil || level == "critical" else { return nil }
        return sentence.map {
            StorageProblem(isRefused: refusingSince != nil, sentence: $0)
        }
    }
}

/// The disk's present state, for whoever asks.
final class DiskBoard: Sendable {
    private let state = Mutex<DiskStatus?>(nil)
    private let broadcast = Broadcast()

    init() {}

    /// Nil before the first look.
    var status: DiskStatus? { state.withLock { $0 } }

    /// Yields whenever what the Hub is told of the disk is another word.
    func changes() -> AsyncStream<Void> { broadcast.changes() }

    func note(_ status: DiskStatus) {
        let isNews = state.withLock { state in
            defer { state = status }
            return state?.word != status.word
        }
        if isNews { broadcast.tell() }
    }
}
