package import Shared

/// A page of every row of one class, in the order of their keys' bytes.
///
/// The pages of one snapshot are not of one instant: what changes meanwhile has a position behind
/// the first page's and comes with the pull that follows.
package struct SnapshotReply: Equatable, Sendable, Codable {
    package var rows: [Row]
    /// Where the class stands; the first page's is where the pull goes on.
    package var position: Int64
    /// True where rows with greater keys wait.
    package var more: Bool
    package var hub: Identifier
    package var serverTime: Instant

    /// Takes the parts as they are.
    package init(
        rows: [Row],
        position: Int64,
        more: Bool,
        hub: Identifier,
        serverTime: Instant
    ) {
        self.rows = rows
        self.position = position
        self.more = more
        self.hub = hub
        self.serverTime = serverTime
    }

    /// One row, as it is now.
    package struct Row: Equatable, Sendable, Codable {
        package var key: String
        package var rowVersion: Int64
        /// JSON text.
        package var payload: String

        /// Takes the parts as they are.
        package init(key: String, rowVersion: Int64, payload: String) {
            self.key = key
            self.rowVersion = rowVersion
            self.payload = payload
        }
    }
}

/// Why a replica is fetched whole; the Hub is told, and counts.
package enum SnapshotReason: String, Sendable, Codable {
    /// Count or digest were not the Hub's.
    case digest
    /// The Hub no longer has every change behind the cursor, or is not that far itself.
    case cursor
    /// Another database answers.
    case hub
}
