import Shared
import Sync

/// What the pages say of epochs, holes and recoveries.
enum AgentWords {
    /// Why an epoch was opened, in a sentence.
    static func sentence(_ reason: EpochReason) -> String {
        switch reason {
        case .enrolled: "The PC was enrolled."
        case .rewound:
            "The PC had forgotten what it had sent: its disk was restored from a copy. Nothing was lost here."
        case .forked:
            "The PC and this server had different operations under the same numbers; both were kept. Find out whether a disk was restored or copied."
        case .cloned: "The PC began as a copy of another one, and was approved here."
        case .storeLost:
            "The PC's database was lost or damaged. What could be read of it was sent again."
        case .hole:
            "This server was restored from a backup, and part of what it lost is on that PC no more: see the holes."
        case .hubRestored:
            "This server was restored from a backup, and the PC sent again what it had kept."
        case .manual: "A person asked for it."
        }
    }

    /// `operations 4 to 6 of epoch 2`.
    static func name(_ span: SequenceSpan) -> String {
        span.first == span.last
            ? "operation \(span.first) of epoch \(span.epoch)"
            : "operations \(span.first) to \(span.last) of epoch \(span.epoch)"
    }

    /// What a PC doubts of itself, in a sentence.
    static func sentence(_ suspicion: Suspicion) -> String {
        switch suspicion {
        case .machineChanged: "Its disk stood in another machine before."
        case .storeReplaced: "Its database is another one than before."
        case .storeLost: "Its database was lost, and a new one was begun."
        }
    }
}
