import CPostgres
import Dispatch

/// libpq's means to cancel what a connection is running.
///
/// Unchecked: the object never changes, and libpq allows `PQcancel` from any thread.
final class CancelHandle: @unchecked Sendable {
    private let cancel: OpaquePointer

    /// Cancelling opens a connection of its own and waits for the server: not on a thread that
    /// others need.
    private static let queue = DispatchQueue(
        label: "postgres.cancel",
        attributes: .concurrent
    )

    /// Takes over an object that is nobody else's.
    init(consuming cancel: OpaquePointer) {
        self.cancel = cancel
    }

    deinit { PQfreeCancel(cancel) }

    /// Asks the server to stop; `completion` follows when the server has passed the wish on.
    ///
    /// A failure to ask is nothing to act on: the statement then runs to its end or its timeout.
    func request(completion: @escaping @Sendable () -> Void) {
        Self.queue.async {
            var message = [CChar](repeating: 0, count: 256)
            _ = PQcancel(self.cancel, &message, Int32(message.count))
            completion()
        }
    }
}
