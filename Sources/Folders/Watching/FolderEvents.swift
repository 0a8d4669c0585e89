internal import Synchronization

/// The events of one watcher, for one consumer.
///
/// At most `capacity` wait: then the scanner pauses until the consumer has taken them, and the
/// kernel keeps further changes. Nothing is dropped.
package struct FolderEvents: AsyncSequence, Sendable {
    package static let capacity = 1024

    let channel: EventChannel

    package func makeAsyncIterator() -> Iterator {
        Iterator(channel: channel)
    }

    package struct Iterator: AsyncIteratorProtocol {
        let channel: EventChannel
        private var batch: [FolderEvent] = []
        private var position = 0

        init(channel: EventChannel) {
            self.channel = channel
        }

        /// The next event; nil when the watcher has ended or the task is cancelled.
        ///
        /// It stays on the caller's executor: two hops per event would cost more than the scan.
        package mutating func next(
            isolation: isolated (any Actor)? = #isolation
        ) async -> FolderEvent? {
            if position == batch.count {
                batch = await channel.take()
                position = 0
            }
            guard position < batch.count else { return nil }
            defer { position += 1 }
            return batch[position]
        }
    }
}

/// Carries events from the watcher's thread to the consumer's task.
final class EventChannel: Sendable {
    private struct State {
        var waiting: [FolderEvent] = []
        var consumer: CheckedContinuation<[FolderEvent], Never>?
        var isFinished = false
        var isProducerWaiting = false
    }

    private static let handful = 128
    private let state = Mutex(State())
    private let drained: WakeSignal

    /// `drained` is woken when the consumer has made room for a waiting producer.
    init(drained: WakeSignal) {
        self.drained = drained
    }

    /// True where there is room; else `drained` is woken as soon as there is.
    func askForRoom() -> Bool {
        state.withLock { state in
            state.isProducerWaiting = state.waiting.count >= FolderEvents.capacity
            return !state.isProducerWaiting
        }
    }

    /// Adds an event; the caller asks for room first, and flushes when it has no more to add.
    func send(_ event: FolderEvent) {
        let isMany = state.withLock { state in
            guard !state.isFinished else { return false }
            state.waiting.append(event)
            return state.waiting.count >= Self.handful && state.consumer != nil
        }
        if isMany { flush() }
    }

    /// Wakes the consumer for what waits: once for many, because each waking costs as much as
    /// finding ten files.
    func flush() {
        let (consumer, batch) = state.withLock { state in
            guard !state.waiting.isEmpty, let consumer = state.consumer else {
                return (nil as CheckedContinuation<[FolderEvent], Never>?, [FolderEvent]())
            }
            defer {
                state.consumer = nil
                state.waiting = []
            }
            return (consumer, state.waiting)
        }
        consumer?.resume(returning: batch)
    }

    /// Ends the sequence after what waits.
    func finish() {
        let consumer = state.withLock { state in
            state.isFinished = true
            defer { state.consumer = nil }
            return state.consumer
        }
        consumer?.resume(returning: [])
    }

    /// Everything that waits, or the next event; empty at the end.
    func take() async -> [FolderEvent] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let batch = state.withLock { state -> [FolderEvent]? in
                    precondition(state.consumer == nil, "events have one consumer")
                    if !state.waiting.isEmpty {
                        if state.isProducerWaiting { drained.wake() }
                        defer { state.waiting = [] }
                        return state.waiting
                    }
                    if state.isFinished || Task.isCancelled { return [] }
                    state.consumer = continuation
                    return nil
                }
                guard let batch else { return }
                continuation.resume(returning: batch)
            }
        } onCancel: {
            let consumer = state.withLock { state in
                defer { state.consumer = nil }
                return state.consumer
            }
            consumer?.resume(returning: [])
        }
    }
}
