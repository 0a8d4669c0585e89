import Shared

/// What a browser that listens is told.
enum LiveEvent: Sendable {
    /// A reading is new or was completed, or it is known better whose it is.
    case reading(ReadingRecord)
    /// Nothing happened for a while: time to see whether the session still stands.
    case beat
    /// The session was ended.
    case signedOut
}

/// The streams' own caps.
package struct LiveLimits: Sendable {
    package init() {}

    /// Events that wait for one slow browser; one more, and it is told to reload.
    package var waiting = 128
    /// Streams at a time, and of one session.
    package var streams = 2000
    package var streamsPerSession = 24
    /// Readings fetched at a time.
    package var batch = 100
    /// Readings that a browser may have missed; more, and it is told to reload.
    package var catchUp = 200
    /// How often a silent stream is spoken to.
    package var beat = Duration.seconds(20)
}
