import Shared
import Sync

/// Where what goes down comes from: the Hub, or a test's own.
protocol Downstream: Sendable {
    /// The changes of a class behind a position.
    func changes(of name: String, after position: Int64) async throws(SyncError) -> PullReply
    /// The rows of a class behind a key.
    func snapshot(
        of name: String,
        because reason: SnapshotReason,
        after key: String?
    ) async throws(SyncError) -> SnapshotReply
}

extension HubClient: Downstream {
    func changes(of name: String, after position: Int64) async throws(SyncError) -> PullReply {
        try await get(SyncPaths.pull(class: name, after: position), reply: PullReply.self)
    }

    func snapshot(
        of name: String,
        because reason: SnapshotReason,
        after key: String?
    ) async throws(SyncError) -> SnapshotReply {
        try await get(
            SyncPaths.snapshot(class: name, reason: reason, after: key),
            read: SnapshotReply.init(text:)
        )
    }
}
