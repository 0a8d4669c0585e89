import Shared
import Synchronization

/// Lets one task at a time work on the same bytes; the others wait in their order.
///
/// Two eyes can have files with the same bytes, at the same moment.
final class Turns: Sendable {
    /// Who waits, by the bytes that someone works on.
    private let waiting = Mutex<[Digest256: [CheckedContinuation<Void, Never>]]>([:])

    /// Runs `body` when nobody else works on the bytes of this digest.
    func take<Value>(
        _ sha256: Digest256,
        _ body: () async throws -> Value
    ) async rethrows -> Value {
        await enter(sha256)
        defer { leave(sha256) }
        return try await body()
    }

    private func enter(_ sha256: Digest256) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[sha256] != nil else {
                    waiting[sha256] = []
                    return true
                }
                waiting[sha256]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func leave(_ sha256: Digest256) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard waiting[sha256]?.isEmpty == false else {
                waiting[sha256] = nil
                return nil
            }
            return waiting[sha256]?.removeFirst()
        }
        next?.resume()
    }
}
