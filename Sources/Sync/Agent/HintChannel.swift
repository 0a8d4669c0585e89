/// By which way an Agent hears that something is new: pure.
///
/// Events are the rule. A proxy that gathers an answer before it passes it on lets none through
/// while everything else works: then requests that wait take their place, and events are tried
/// again now and then.
package struct HintChannel: Equatable, Sendable {
    /// How the Agent listens.
    package enum Way: Equatable, Sendable {
        case events
        case waiting
    }

    package private(set) var way = Way.events
    /// Streams in a row on which nothing was heard.
    private var silent = 0
    /// Answers that were waited for since events were given up.
    private var waited = 0

    /// The Hub says something as soon as a stream is open; what takes longer is held up.
    package static let patienceMilliseconds: Int64 = 15_000
    /// So many silent streams, and the Agent gives events up.
    package static let silentLimit = 2
    /// After so many answers events are tried again: at 50 s each, about half an hour.
    package static let answersBetweenTries = 36

    /// Begins with events.
    package init() {}

    /// A stream has ended.
    ///
    /// Where the Hub could not be reached at all, that says nothing of proxies.
    package mutating func streamEnded(heard: Bool, isReachable: Bool) {
        guard way == .events else { return }
        silent = heard ? 0 : silent + (isReachable ? 1 : 0)
        guard silent >= Self.silentLimit else { return }
        way = .waiting
        waited = 0
    }

    /// A request that waited was answered.
    package mutating func answered() {
        guard way == .waiting else { return }
        waited += 1
        guard waited >= Self.answersBetweenTries else { return }
        way = .events
        // One silent stream is enough to come back.
        silent = Self.silentLimit - 1
    }
}
