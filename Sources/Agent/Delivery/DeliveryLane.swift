import Shared
import Synchronization

/// The one thread that may wait for a device's folder: while it hangs, nobody else tries.
final class DeliveryLane: Sendable {
    private let workbench = Workbench()
    private let isBusy = Mutex(false)
    /// How long the Agent waits for the folder before it goes on without it.
    private let limit: Duration

    init(limit: Duration = .seconds(20)) {
        self.limit = limit
    }

    /// Runs `work` on a thread that may hang.
    ///
    /// Errors: `DeliveryFailure.hanging` where the folder does not answer, or an earlier call has not
    /// come back; else what `work` throws.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        let isFree = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isFree else { throw DeliveryFailure.hanging }
        let result = await workbench.run(within: limit) { [self] () -> Result<Value, any Error> in
            defer { isBusy.withLock { $0 = false } }
            return Result { try work() }
        }
        guard let result else { throw DeliveryFailure.hanging }
        return try result.get()
    }
}
