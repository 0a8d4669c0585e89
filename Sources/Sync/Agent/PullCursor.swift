package import Shared

/// Where the Agent stands in one class of the Hub's changes.
package struct PullCursor: Equatable, Sendable, Codable {
    /// The Hub that the position belongs to; another one's positions mean other rows.
    package var hub: Identifier?
    package var position: Int64

    /// The beginning.
    package init(hub: Identifier? = nil, position: Int64 = 0) {
        self.hub = hub
        self.position = position
    }

    /// Checks a page against the cursor and answers the cursor behind it.
    ///
    /// Positions have no gaps, but a change that a later one of the same key has replaced may be
    /// left out; so they rise, and the page's own position is never behind its last change.
    ///
    /// - Throws: `garbage` for a page that does not follow the cursor.
    package func advanced(by reply: PullReply) throws(SyncError) -> PullCursor {
        guard hub == nil || hub == reply.hub else { throw .fork(at: position) }
        var last = position
        for change in reply.changes {
            guard change.position > last else { throw .garbage }
            last = change.position
        }
        guard reply.position >= last else { throw .garbage }
        return PullCursor(hub: reply.hub, position: reply.position)
    }
}
