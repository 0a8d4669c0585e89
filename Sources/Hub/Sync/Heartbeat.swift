import NIOCore
import NIOPosix

/// What a stream with a heartbeat gives.
enum Beat<Element: Sendable>: Sendable {
    case element(Element)
    /// An interval is over: time to show that the connection is alive.
    case pulse
}

extension AsyncStream {
    /// Pulses that may wait beside the elements: an answer that nobody takes is cut off before there
    /// are more.
    private static var waitingPulses: Int { 4 }

    /// A stream of what is yielded, with a pulse in every `interval`.
    ///
    /// It keeps the newest `count` elements that nobody has taken yet. The pulses come from an event
    /// loop's timer: a task for them would hold several kilobytes in each of a thousand streams.
    ///
    /// - Parameters:
    ///   - interval: between two pulses.
    ///   - count: how many elements may wait.
    ///   - onEnd: called once when the stream is finished, or nobody reads it any more.
    /// - Returns: the stream, to be read once, and what it is fed through.
    static func makeBeating<Part: Sendable>(
        every interval: Duration,
        keeping count: Int,
        onEnd: @escaping @Sendable () -> Void
    ) -> (stream: Self, continuation: Continuation) where Element == Beat<Part> {
        let (stream, continuation) = makeStream(
            of: Element.self,
            bufferingPolicy: .bufferingNewest(count + waitingPulses)
        )
        let interval = TimeAmount(interval)
        let timer = MultiThreadedEventLoopGroup.singleton.next().scheduleRepeatedTask(
            initialDelay: interval,
            delay: interval
        ) { _ in
            continuation.yield(.pulse)
        }
        continuation.onTermination = { _ in
            timer.cancel()
            onEnd()
        }
        return (stream, continuation)
    }
}
