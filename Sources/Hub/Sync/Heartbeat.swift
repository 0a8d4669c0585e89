import AsyncAlgorithms

/// What a stream with a heartbeat gives.
enum Beat<Element: Sendable>: Sendable {
    case element(Element)
    /// An interval is over: time to show that the connection is alive.
    case pulse
    /// The stream has ended. A merged sequence ends only with its last part, and a timer never does.
    case end
}

extension AsyncStream where Element: Sendable {
    /// Each element, a pulse in every `interval`, and then the end.
    func withHeartbeat(every interval: Duration) -> some AsyncSequence<Beat<Element>, Never> {
        let pulses = AsyncTimerSequence(interval: interval, clock: .continuous)
            .map { _ in Beat<Element>.pulse }
        return merge(chain(map { .element($0) }, CollectionOfOne(.end).async), pulses)
    }
}
