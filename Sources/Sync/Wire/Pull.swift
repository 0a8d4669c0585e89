package import Shared

/// A page of changes of one class, behind the position that was asked for.
package struct PullReply: Equatable, Sendable, Codable {
    /// In the order of their positions, which have no gaps.
    package var changes: [Change]
    /// The Agent is up to here when it has applied them.
    package var position: Int64
    /// True where more wait.
    package var more: Bool
    package var hub: Identifier
    package var serverTime: Instant
    /// What the replica holds at `position`; absent while more wait, and from older Hubs.
    package var checkpoint: Checkpoint?

    /// Takes the parts as they are.
    package init(
        changes: [Change],
        position: Int64,
        more: Bool,
        hub: Identifier,
        serverTime: Instant,
        checkpoint: Checkpoint? = nil
    ) {
        self.changes = changes
        self.position = position
        self.more = more
        self.hub = hub
        self.serverTime = serverTime
        self.checkpoint = checkpoint
    }

    /// One row of the Hub's, as it is now.
    package struct Change: Equatable, Sendable, Codable {
        package var position: Int64
        package var key: String
        package var kind: Kind
        package var rowVersion: Int64
        /// JSON text; nil where the row is gone.
        package var payload: String?

        /// Takes the parts as they are.
        package init(
            position: Int64,
            key: String,
            kind: Kind,
            rowVersion: Int64,
            payload: String?
        ) {
            self.position = position
            self.key = key
            self.kind = kind
            self.rowVersion = rowVersion
            self.payload = payload
        }

        /// Whether the row is there or gone.
        package enum Kind: String, Sendable, Codable {
            case put, remove
        }
    }
}

/// What the event stream carries: a hint that something is new, never the news itself.
package struct Hint: Equatable, Sendable, Codable {
    /// `config`.
    package var `class`: String
    package var position: Int64

    /// Takes the parts as they are.
    package init(class: String, position: Int64) {
        self.class = `class`
        self.position = position
    }
}
