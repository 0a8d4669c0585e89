package import Shared
package import Sync

/// What the Agent says of itself: `clinic-agent status`.
package struct StatusReport: Equatable, Sendable, Codable {
    package var version: String
    package var workstation: String
    package var startedAt: Instant
    package var sources: [SourceStatus]
    /// Operations that the Hub has not acknowledged, by kind.
    package var pending: [String: Int]
    package var oldestPendingAt: Instant?
    package var quarantined: Int
    /// Commands of the Hub that their devices do not have yet.
    package var deliveries: Int
    /// In bytes, with the log.
    package var databaseBytes: Int64
    /// Free bytes on the file system of the state folder.
    package var freeBytes: Int64
    /// True where the last write was refused because disk or quota is full.
    package var isFull: Bool
    /// Nil before the first look at the disk.
    package var disk: DiskStatus? = nil
    package var sync: SyncStatus
    /// Nil where no card is to be read.
    package var cards: CardsStatus?
    /// Adapters and media that are attached, and the last ones that went.
    package var devices: [DeviceState]? = nil
}

/// One source: whether it can be read, and what it gave last.
package struct SourceStatus: Equatable, Sendable, Codable {
    package var name: String
    package var state: State
    /// `inotify` or `poll`; nil before the first look.
    package var strategy: String?
    package var lastDocumentAt: Instant?
    /// Documents taken since the start.
    package var documents: Int
    /// Files that were too old at the first look: noted, not taken.
    package var history: Int?
    /// A sentence, where something is wrong.
    package var problem: String?
    /// Where what the source has cannot be stored, or soon cannot.
    package var storage: StorageProblem? = nil

    /// What a source is doing.
    package enum State: String, Sendable, Codable {
        /// The first look is not over.
        case starting
        case watching
        /// The folder is not there, or cannot be read.
        case unavailable
        /// A read has not come back.
        case hanging
    }
}

/// How the Agent stands with its Hub; filled by the sync service, all nil where there is none yet.
package struct SyncStatus: Equatable, Sendable, Codable {
    /// The Agent's identifier on the Hub.
    package var agent: Identifier?
    package var isEnrolled: Bool
    package var hub: String?
    package var epoch: Int?
    package var certificateExpiresAt: Instant?
    package var lastPushAt: Instant?
    package var lastPullAt: Instant?
    /// The Hub's clock less the Agent's, in milliseconds.
    package var clockOffsetMilliseconds: Int64?
    /// The last failure's code, where the last attempt failed.
    package var failure: String?
    /// What does not fit about the state folder, until the Hub has accepted it.
    package var suspicion: Suspicion?

    package init(
        agent: Identifier? = nil,
        isEnrolled: Bool = false,
        hub: String? = nil,
        epoch: Int? = nil,
        certificateExpiresAt: Instant? = nil,
        lastPushAt: Instant? = nil,
        lastPullAt: Instant? = nil,
        clockOffsetMilliseconds: Int64? = nil,
        failure: String? = nil,
        suspicion: Suspicion? = nil
    ) {
        self.agent = agent
        self.isEnrolled = isEnrolled
        self.hub = hub
        self.epoch = epoch
        self.certificateExpiresAt = certificateExpiresAt
        self.lastPushAt = lastPushAt
        self.lastPullAt = lastPullAt
        self.clockOffsetMilliseconds = clockOffsetMilliseconds
        self.failure = failure
        self.suspicion = suspicion
    }
}
