import Gzip
import Shared
package import Sync

/// A push whose operations are written and compressed already; what its header says last, the nonce
/// and the time of sending, comes when it is sent.
package struct PreparedPush: Sendable {
    /// What is sent.
    package private(set) var push: Push
    /// How long it took to be made ready.
    var work = Duration.zero
    private let tail: GzipTail

    /// Writes and compresses the operations.
    package init(_ push: Push) {
        self.push = push
        tail = GzipTail(push.operationsParts())
    }

    /// Gives the header what is known at the last moment.
    package mutating func address(nonce: String?, monotonic: Int64) {
        push.header.nonce = nonce
        push.header.mono = monotonic
    }

    /// The body of the request.
    package func body() throws(SyncError) -> [UInt8] {
        do {
            return tail.member(behind: try push.headerText())
        } catch {
            throw .malformed("not encodable")
        }
    }
}

/// The push behind the one that is on its way, being gathered meanwhile.
///
/// It is used where the machine asks for exactly that, and forgotten otherwise.
struct NextPush: Sendable {
    /// The sequence that it stands behind, and the chain there.
    let after: Int64
    let chain: Digest256
    private let pause: Task<Void, Never>
    private let task: Task<PreparedPush?, any Error>

    /// Gathers when `delay` is over, or at once where the machine asks before.
    init(
        after: Int64,
        chain: Digest256,
        delay: Duration = .zero,
        gather: @escaping @Sendable () async throws -> PreparedPush?
    ) {
        self.after = after
        self.chain = chain
        let pause = Task { if delay > .zero { try? await Task.sleep(for: delay) } }
        self.pause = pause
        task = Task {
            await pause.value
            try Task.checkCancellation()
            return try await gather()
        }
    }

    /// What was gathered, where it is what is asked for.
    ///
    /// The last of a backlog is gathered anew: more may have come since, and a push that says that
    /// nothing waits behind it has to be right.
    func taken(after: Int64, chain: Digest256, limit: Int) async -> PreparedPush? {
        guard after == self.after, chain == self.chain else {
            cancel()
            return nil
        }
        pause.cancel()
        guard let prepared = try? await task.value,
            prepared.push.operations.count <= limit, prepared.push.header.condition.pending > 0
        else { return nil }
        return prepared
    }

    /// Ends the gathering.
    func cancel() {
        task.cancel()
        pause.cancel()
    }
}
