import Synchronization

/// Tells everybody who listens that something has changed; what, they look up.
package final class Broadcast: Sendable {
    private let listeners = Mutex<[Int: AsyncStream<Void>.Continuation]>([:])
    private let number = Mutex(0)

    package init() {}

    /// Yields after each change, with `beginning` also at once; several that nobody waited for
    /// become one.
    package func changes(beginning: Bool = false) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(
            bufferingPolicy: .bufferingNewest(1)
        )
        let own = number.withLock { number in
            number += 1
            return number
        }
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { $0[own] = nil }
        }
        listeners.withLock { $0[own] = continuation }
        if beginning { continuation.yield() }
        return stream
    }

    /// Something has changed.
    package func tell() {
        for listener in listeners.withLock({ Array($0.values) }) { listener.yield() }
    }
}
