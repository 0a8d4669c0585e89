/// What pcscd said last of one reader.
package struct ReaderObservation: Hashable, Sendable {
    package let name: String
    /// The flags, and above them a count that grows with each insertion and removal.
    package var state: UInt32
    package var answerToReset: [UInt8]

    /// A reader of which nothing is known: the first wait comes back at once.
    package init(name: String, state: UInt32 = 0, answerToReset: [UInt8] = []) {
        self.name = name
        self.state = state
        self.answerToReset = answerToReset
    }

    /// The entry by which pcscd tells of readers that come and go.
    package static let plugAndPlay = #"\\?PnP?\Notification"#

    package var hasChanged: Bool { state & Flag.changed != 0 }
    /// The reader is gone, or is about to.
    package var isGone: Bool { state & (Flag.unknown | Flag.unavailable) != 0 }
    package var hasCard: Bool { state & Flag.present != 0 }
    /// There is something in it that does not answer.
    package var isMute: Bool { state & Flag.mute != 0 }
    package var count: UInt32 { state >> 16 }

    /// What is to be told at the next wait.
    package var acknowledged: ReaderObservation {
        var observation = self
        observation.state &= ~Flag.changed
        return observation
    }

    /// The flags `SCARD_STATE_…` of pcsclite.h.
    package enum Flag {
        package static let changed: UInt32 = 0x2
        package static let unknown: UInt32 = 0x4
        package static let unavailable: UInt32 = 0x8
        package static let empty: UInt32 = 0x10
        package static let present: UInt32 = 0x20
        package static let exclusive: UInt32 = 0x80
        package static let inUse: UInt32 = 0x100
        package static let mute: UInt32 = 0x200
    }
}
