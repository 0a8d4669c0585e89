/// The devices of this computer, as they are and as they come and go; one consumer.
///
/// First what is attached, then `settled`, then the news. Nothing is lost: when the kernel drops
/// messages, everything is listed anew and the differences are told. What the consumer has not
/// taken is kept as one change for each device; libudev lives on a thread of its own, which ends
/// with the iterator, or with an error.
package struct UdevEvents: AsyncSequence, Sendable {
    package typealias Element = UdevEvent
    package typealias Failure = UdevError

    private let subsystems: [String]

    /// Takes the subsystems to tell of, such as `tty`.
    package init(subsystems: [String]) {
        self.subsystems = subsystems
    }

    /// What is attached now.
    ///
    /// It reads `/sys` and may block: not for the cooperative pool.
    package static func present(subsystems: [String]) throws(UdevError) -> [UdevDevice] {
        let context = try UdevContext()
        return try context.devices(of: subsystems)
    }

    /// True where udev can be listened to; else the reason.
    package static func probe() throws(UdevError) {
        let context = try UdevContext()
        _ = try UdevMonitor(context, subsystems: ["tty"])
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(session: UdevSession(subsystems: subsystems))
    }

    package struct Iterator: AsyncIteratorProtocol {
        let session: UdevSession
        private var batch: ArraySlice<UdevEvent> = []

        init(session: UdevSession) {
            self.session = session
        }

        /// The next event; nil when the task is cancelled.
        ///
        /// Errors: `UdevError`, after which there is nothing more.
        package mutating func next(
            isolation: isolated (any Actor)? = #isolation
        ) async throws(UdevError) -> UdevEvent? {
            if batch.isEmpty { batch = try await session.channel.take()[...] }
            return batch.popFirst()
        }
    }
}

/// The life of one listening thread: it ends with this.
final class UdevSession: Sendable {
    let channel: UdevChannel

    init(subsystems: [String]) {
        let channel = UdevChannel()
        self.channel = channel
        UdevThread.start(subsystems, channel)
    }

    deinit { channel.stop() }
}
