import Sync

/// What `PullReplica` keeps of one class: rows, and beside them a snapshot that is being fetched.
struct SimReplica {
    struct Row {
        var version: Int64
        var payload: String
    }

    private(set) var rows: [String: Row] = [:]
    private var shadow: [String: Row] = [:]

    /// The rows by key.
    var payloads: [String: String] { rows.mapValues(\.payload) }

    /// What is held, counted from the rows themselves.
    var checkpoint: Checkpoint { Checkpoint(rows.lazy.map { ($0, $1.version, $1.payload) }) }

    mutating func put(_ key: String, _ row: Row) { rows[key] = row }

    mutating func remove(_ key: String) { rows[key] = nil }

    /// A snapshot's page; the first one forgets what another has left.
    mutating func take(_ page: [SnapshotReply.Row], isFirst: Bool) {
        if isFirst { shadow = [:] }
        for row in page { shadow[row.key] = Row(version: row.rowVersion, payload: row.payload) }
    }

    /// The snapshot takes the rows' place; answers what is gone.
    mutating func swap(keepsOld: Bool) -> [String] {
        let gone = rows.keys.filter { shadow[$0] == nil }.sorted()
        rows = keepsOld ? rows.merging(shadow) { $1 } : shadow
        shadow = [:]
        return gone
    }
}

extension Checkpoint {
    /// Of rows with key, version and payload.
    init(_ rows: some Sequence<(String, Int64, String)>) {
        self.init()
        for (key, version, payload) in rows {
            add(Checkpoint.mark(key: key, rowVersion: version, payload: Array(payload.utf8)))
        }
    }
}
