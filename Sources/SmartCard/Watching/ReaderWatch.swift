/// Watching readers and cards, without PC/SC: what came of the last action in, the next action out.
///
/// pcscd tells of new readers by an entry of its own, whose events older versions can miss, so the
/// wait is short and every wake-up lists the readers anew. A card that was pulled and put in again
/// between two looks is seen by the count of its reader.
package struct ReaderWatch: Sendable {
    /// What the driver does next.
    package enum Action: Hashable, Sendable {
        case establish
        case list
        case wait([ReaderObservation], milliseconds: Int)
        /// Do nothing for so long, or until somebody wakes the driver.
        case pause(milliseconds: Int)
    }

    /// What came of it.
    package enum Input: Hashable, Sendable {
        case established
        case listed([String])
        case changed([ReaderObservation])
        /// The pause is over.
        case rested
        /// The call has failed; `timeout` and `cancelled` are usual for a wait.
        case failed(PCSCCode)
    }

    private var readers: [String: Reader] = [:]
    private var plugAndPlay = ReaderObservation(name: ReaderObservation.plugAndPlay)
    private var problem: PCSCCode?
    private var isAvailable = false
    private var hasLooked = false
    private var failures = 0
    private var idleTurns = 0
    private var insertions = 0

    private struct Reader: Sendable {
        var observation: ReaderObservation
        var insertion: CardInsertion?
        var isMute = false
    }

    /// Finite, because an event can be missed.
    package static let waitMilliseconds = 3000
    /// The first pause after a failure; each next one is twice as long.
    package static let shortestPause = 250
    package static let longestPause = 4000
    /// So many wake-ups without an event are followed by a pause: a service that never waits must
    /// not cost a processor.
    package static let maximumIdleTurns = 20

    package init() {}

    /// The first action.
    package var first: Action { .establish }

    /// Takes what came of the last action; answers what happened, and what is next.
    package mutating func take(_ input: Input) -> (events: [ReaderEvent], next: Action) {
        switch input {
        case .established:
            failures = 0
            problem = nil
            defer { isAvailable = true }
            return (isAvailable ? [] : [.serviceAvailable], .list)
        case .listed(let names):
            return (list(names) + (names.isEmpty ? looked() : []), waitAction)
        case .changed(let observations): return changed(observations)
        case .rested: return ([], isAvailable ? .list : .establish)
        case .failed(.timeout), .failed(.cancelled), .failed(.unknownReader): return ([], .list)
        case .failed(let code): return failed(code)
        }
    }

    private var waitAction: Action {
        let known = readers.values.map(\.observation).sorted { $0.name < $1.name }
        return .wait([plugAndPlay] + known, milliseconds: Self.waitMilliseconds)
    }

    private mutating func list(_ names: [String]) -> [ReaderEvent] {
        var events: [ReaderEvent] = []
        for name in readers.keys.sorted() where !names.contains(name) {
            events += remove(name)
        }
        for name in names where readers[name] == nil {
            readers[name] = Reader(observation: ReaderObservation(name: name))
            events.append(.readerAdded(name))
        }
        return events
    }

    private mutating func changed(
        _ observations: [ReaderObservation]
    ) -> (events: [ReaderEvent], next: Action) {
        var events: [ReaderEvent] = []
        for observation in observations {
            if observation.name == ReaderObservation.plugAndPlay {
                plugAndPlay = observation.acknowledged
            } else {
                events += take(observation)
            }
        }
        events += looked()
        idleTurns = events.isEmpty ? idleTurns + 1 : 0
        guard idleTurns < Self.maximumIdleTurns else {
            idleTurns = 0
            return (events, .pause(milliseconds: Self.shortestPause))
        }
        return (events, .list)
    }

    private mutating func take(_ observation: ReaderObservation) -> [ReaderEvent] {
        let name = observation.name
        guard var reader = readers[name] else { return [] }
        guard !observation.isGone else { return remove(name) }
        let isAnother = observation.count != reader.observation.count
        reader.observation = observation.acknowledged
        var events: [ReaderEvent] = []
        if let insertion = reader.insertion, isAnother || !observation.hasCard || observation.isMute
        {
            events.append(.cardRemoved(insertion))
            reader.insertion = nil
        }
        if isAnother || !observation.isMute { reader.isMute = false }
        if observation.hasCard, observation.isMute {
            if !reader.isMute { events.append(.cardMute(reader: name)) }
            reader.isMute = true
        } else if observation.hasCard, reader.insertion == nil {
            insertions += 1
            let insertion = CardInsertion(
                reader: name,
                number: insertions,
                answerToReset: observation.answerToReset
            )
            reader.insertion = insertion
            events.append(.cardInserted(insertion))
        }
        readers[name] = reader
        return events
    }

    /// Says it once.
    private mutating func looked() -> [ReaderEvent] {
        defer { hasLooked = true }
        return hasLooked ? [] : [.readersKnown]
    }

    private mutating func remove(_ name: String) -> [ReaderEvent] {
        guard let reader = readers.removeValue(forKey: name) else { return [] }
        return (reader.insertion.map { [.cardRemoved($0)] } ?? []) + [.readerRemoved(name)]
    }

    private mutating func failed(_ code: PCSCCode) -> (events: [ReaderEvent], next: Action) {
        var events = readers.keys.sorted().flatMap { remove($0) }
        plugAndPlay = ReaderObservation(name: ReaderObservation.plugAndPlay)
        isAvailable = false
        hasLooked = false
        if problem != code { events.append(.serviceUnavailable(code)) }
        problem = code
        let pause = min(Self.shortestPause << min(failures, 8), Self.longestPause)
        failures += 1
        return (events, .pause(milliseconds: pause))
    }
}
