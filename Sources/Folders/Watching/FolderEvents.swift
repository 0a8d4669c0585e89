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
        package mutating func next() async -> FolderEvent? {
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

    /// Adds an event; the caller asks for room first.
    func send(_ event: FolderEvent) {
        let consumer = state.withLock { state -> CheckedContinuation<[FolderEvent], Never>? in
            guard !state.isFinished else { return nil }
            if let consumer = state.consumer {
                state.consumer = nil
                return consumer
            }
            state.waiting.append(event)
            return nil
        }
        consumer?.resume(returning: [event])
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
