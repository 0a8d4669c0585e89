package import Shared

/// Where the Agent stands in one class of the Hub's changes, and what it asks for next.
///
/// Pure: the driver stores it in the transaction that applies a page, and asks as it says.
package struct PullCursor: Equatable, Sendable, Codable {
    /// The Hub that the position belongs to; another one's positions mean other rows.
    package var hub: Identifier?
    package var position: Int64
    /// The snapshot that is under way; absent while changes are pulled.
    package var snapshot: Snapshot?

    /// The beginning.
    package init(hub: Identifier? = nil, position: Int64 = 0, snapshot: Snapshot? = nil) {
        self.hub = hub
        self.position = position
        self.snapshot = snapshot
    }

    /// How far a snapshot has come.
    package struct Snapshot: Equatable, Sendable, Codable {
        package var reason: SnapshotReason
        /// Whose rows they are; nil before the first page.
        package var hub: Identifier?
        /// Where the class stood at the first page.
        package var position: Int64?
        /// The last key that came.
        package var after: String?

        /// Takes the parts as they are.
        package init(
            _ reason: SnapshotReason,
            hub: Identifier? = nil,
            position: Int64? = nil,
            after: String? = nil
        ) {
            self.reason = reason
            self.hub = hub
            self.position = position
            self.after = after
        }
    }

    /// Checks a page against the cursor and answers the cursor behind it.
    ///
    /// Positions have no gaps, but a change that a later one of the same key has replaced may be
    /// left out; so they rise, and the page's own position is never behind its last change.
    ///
    /// - Throws: `snapshotRequired` where another Hub answers, `garbage` for a page that does not
    ///   follow the cursor.
    package func advanced(by reply: PullReply) throws(SyncError) -> PullCursor {
        guard hub == nil || hub == reply.hub else { throw .snapshotRequired }
        var last = position
        for change in reply.changes {
            guard change.position > last else { throw .garbage }
            last = change.position
        }
        guard reply.position >= last else { throw .garbage }
        return PullCursor(hub: reply.hub, position: reply.position)
    }

    /// The same cursor with a snapshot to fetch; one that is under way goes on.
    package func wanting(_ reason: SnapshotReason) -> PullCursor {
        PullCursor(hub: hub, position: position, snapshot: snapshot ?? Snapshot(reason))
    }

    /// Checks a snapshot's page and answers the cursor behind it: without a snapshot when it was
    /// the last one.
    ///
    /// - Throws: `snapshotRequired` where the pages are of two Hubs, `garbage` for a page that
    ///   does not follow the one before.
    package func advanced(by reply: SnapshotReply) throws(SyncError) -> PullCursor {
        guard var progress = snapshot else { throw .garbage }
        guard progress.hub == nil || progress.hub == reply.hub else { throw .snapshotRequired }
        var last = progress.after.map { Array($0.utf8) }
        for row in reply.rows {
            let key = Array(row.key.utf8)
            guard last?.lexicographicallyPrecedes(key) ?? true else { throw .garbage }
            last = key
        }
        guard !reply.more || !reply.rows.isEmpty else { throw .garbage }
        progress.hub = reply.hub
        progress.position = progress.position ?? reply.position
        progress.after = reply.rows.last?.key ?? progress.after
        if reply.more { return PullCursor(hub: hub, position: position, snapshot: progress) }
        return PullCursor(hub: reply.hub, position: progress.position ?? reply.position)
    }
}
