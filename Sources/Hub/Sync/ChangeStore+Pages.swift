import Postgres
import Shared
import Sync

extension ChangeStore {
    /// The changes behind a position, as one page.
    ///
    /// Page and checkpoint are read by one statement, so they are of one instant.
    ///
    /// - Throws: `SyncError.snapshotRequired` where a removal behind `position` is no longer kept,
    ///   or where the class is not that far: then this Hub is older than what the agent has seen.
    func page(
        site: Identifier,
        class name: String,
        after position: Int64,
        hub: Identifier,
        now: Instant
    ) async throws -> PullReply {
        let limit = SyncLimits.changesPerPull
        let rows = try await database.query(
            """
            SELECT stream.position AS head, stream.row_count, stream.digest, stream.floor,
                change.position, change.key, change.kind, change.row_version, change.payload,
                change.available
            FROM site_position AS stream LEFT JOIN LATERAL (
                SELECT *, row_number() OVER by_position AS number, count(*) OVER () AS available,
                    sum(octet_length(key) + coalesce(octet_length(payload), 0))
                        OVER by_position AS bytes
                FROM (
                    SELECT position, key, kind, row_version, payload FROM site_change
                    WHERE site_id = \(site) AND class = \(name) AND position > \(position)
                    ORDER BY position LIMIT \(limit + 1)
                ) AS newest
                WINDOW by_position AS (ORDER BY position)
            ) AS change ON change.number = 1
                OR change.number <= \(limit) AND change.bytes <= \(SyncLimits.pageBytes)
            WHERE stream.site_id = \(site) AND stream.class = \(name)
            ORDER BY change.position
            """
        )
        guard let first = rows.first else {
            // Nothing was ever put: a position there is another database's.
            guard position == 0 else { throw SyncError.snapshotRequired }
            return PullReply(
                changes: [],
                position: 0,
                more: false,
                hub: hub,
                serverTime: now,
                checkpoint: Checkpoint()
            )
        }
        let head: Int64 = try first.decode("head")
        let floor: Int64 = try first.decode("floor")
        guard position <= head, position == 0 || position >= floor else {
            throw SyncError.snapshotRequired
        }
        let available = try first.decode("available", as: Int?.self) ?? 0
        let changes = available == 0 ? [] : try rows.map(PullReply.Change.init)
        let more = changes.count < available
        return PullReply(
            changes: changes,
            position: more ? changes.last?.position ?? position : head,
            more: more,
            hub: hub,
            serverTime: now,
            checkpoint: more ? nil : try Checkpoint(first)
        )
    }

    /// The rows of a class behind a key, as one page of a snapshot.
    func snapshot(
        site: Identifier,
        class name: String,
        after key: String?,
        hub: Identifier,
        now: Instant
    ) async throws -> SnapshotReply {
        let limit = SyncLimits.rowsPerSnapshot
        let start: PostgresQuery = key.map { "AND key COLLATE \"C\" > \($0)" } ?? ""
        let rows = try await database.query(
            """
            SELECT stream.position AS head, item.key, item.row_version, item.payload, item.available
            FROM site_position AS stream LEFT JOIN LATERAL (
                SELECT *, row_number() OVER by_key AS number, count(*) OVER () AS available,
                    sum(octet_length(key) + octet_length(payload)) OVER by_key AS bytes
                FROM (
                    SELECT key, row_version, payload FROM site_change
                    WHERE site_id = \(site) AND class = \(name) AND kind = 'put' \(start)
                    ORDER BY key COLLATE "C" LIMIT \(limit + 1)
                ) AS present
                WINDOW by_key AS (ORDER BY key COLLATE "C")
            ) AS item ON item.number = 1
                OR item.number <= \(limit) AND item.bytes <= \(SyncLimits.pageBytes)
            WHERE stream.site_id = \(site) AND stream.class = \(name)
            ORDER BY item.key COLLATE "C"
            """
        )
        let available = try rows.first?.decode("available", as: Int?.self) ?? 0
        let present = available == 0 ? [] : try rows.map(SnapshotReply.Row.init)
        return SnapshotReply(
            rows: present,
            position: try rows.first?.decode("head") ?? 0,
            more: present.count < available,
            hub: hub,
            serverTime: now
        )
    }
}

extension PullReply.Change {
    fileprivate init(_ row: PostgresRow) throws {
        let payload: [UInt8]? = try row.decode("payload")
        self.init(
            position: try row.decode("position"),
            key: try row.decode("key"),
            kind: try row.decode("kind", as: String.self) == "put" ? .put : .remove,
            rowVersion: try row.decode("row_version"),
            payload: payload.map { String(decoding: $0, as: UTF8.self) }
        )
    }
}

extension SnapshotReply.Row {
    fileprivate init(_ row: PostgresRow) throws {
        self.init(
            key: try row.decode("key"),
            rowVersion: try row.decode("row_version"),
            payload: String(decoding: try row.decode("payload", as: [UInt8].self), as: UTF8.self)
        )
    }
}
