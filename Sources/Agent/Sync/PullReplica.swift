import Foundation
import GRDB
import Shared
import Sync

/// The Agent's replica of one class: rows with their marks, the cursor behind them, and a snapshot
/// that is being fetched beside them.
///
/// Every method runs inside the caller's transaction, so that rows, cursor and checkpoint are of one
/// state.
struct PullReplica: Sendable {
    let pulled: any PulledClass

    private var name: String { pulled.name }

    /// Whether a page without changes leaves everything as it is.
    func agrees(with reply: PullReply) async throws -> Bool {
        try await pulled.store.read { database in
            let cursor = try PullCursor.stored(for: name, in: database)
            guard try cursor.advanced(by: reply) == cursor else { return false }
            return try reply.checkpoint.map { try $0 == checkpoint(in: database) } ?? true
        }
    }

    /// Applies a page; answers false where the replica is another one than the Hub's afterwards.
    func apply(_ reply: PullReply, in database: Database) throws -> Bool {
        var next = try PullCursor.stored(for: name, in: database).advanced(by: reply)
        for change in reply.changes {
            switch (change.kind, change.payload) {
            case (.put, let payload?):
                let row = PulledRow(
                    key: change.key,
                    rowVersion: change.rowVersion,
                    position: change.position,
                    payload: Array(payload.utf8)
                )
                try put(row, shadow: false, in: database)
                try pulled.receive(row, reply.serverTime, in: database)
            case (.put, nil): throw SyncError.garbage
            case (.remove, _): try remove(change.key, in: database)
            }
        }
        var agrees = true
        if let expected = reply.checkpoint {
            agrees = try checkpoint(in: database) == expected
        }
        if !agrees { next = next.wanting(.digest) }
        try next.store(for: name, in: database)
        return agrees
    }

    /// Takes a page of a snapshot; with the last one the shadow takes the rows' place.
    func apply(_ reply: SnapshotReply, in database: Database) throws {
        let cursor = try PullCursor.stored(for: name, in: database)
        let next = try cursor.advanced(by: reply)
        if cursor.snapshot?.hub == nil { try clearShadow(in: database) }
        for row in reply.rows {
            let row = PulledRow(
                key: row.key,
                rowVersion: row.rowVersion,
                position: next.snapshot?.position ?? next.position,
                payload: Array(row.payload.utf8)
            )
            try put(row, shadow: true, in: database)
            // A class with a place of its own takes a row as often as it comes.
            if !pulled.keepsPayloads {
                try pulled.receive(row, reply.serverTime, in: database)
            }
        }
        if !reply.more { try swap(reply.serverTime, at: next.position, in: database) }
        try next.store(for: name, in: database)
    }

    /// Asks for every row from now on; `restart` begins a snapshot that is under way anew.
    func refetch(_ reason: SnapshotReason, restart: Bool, in database: Database) throws {
        var cursor = try PullCursor.stored(for: name, in: database)
        if restart { cursor.snapshot = nil }
        try cursor.wanting(reason).store(for: name, in: database)
    }

    /// What the replica holds, counted anew from what is on the disk.
    func checkpoint(in database: Database) throws -> Checkpoint {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT key, row_version, mark, payload FROM pulled_row
                WHERE class = ? AND is_shadow = 0
                """,
            arguments: [name]
        )
        var counted = Checkpoint()
        while let row = try rows.next() {
            if let payload: Data = row["payload"] {
                let key: String = row["key"]
                counted.add(
                    Checkpoint.mark(key: key, rowVersion: row["row_version"], payload: payload)
                )
            } else {
                counted.add(UInt64(bitPattern: row["mark"]))
            }
        }
        return counted
    }

    private func put(_ row: PulledRow, shadow: Bool, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO pulled_row (class, is_shadow, key, row_version, mark, payload)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET row_version = excluded.row_version,
                    mark = excluded.mark, payload = excluded.payload
                """
        ).execute(arguments: [
            name, shadow ? 1 : 0, row.key, row.rowVersion, Int64(bitPattern: row.mark),
            pulled.keepsPayloads ? Data(row.payload) : nil,
        ])
    }

    private func remove(_ key: String, in database: Database) throws {
        try database.cachedStatement(
            sql: "DELETE FROM pulled_row WHERE class = ? AND is_shadow = 0 AND key = ?"
        ).execute(arguments: [name, key])
        try pulled.forget(key, in: database)
    }

    private func clearShadow(in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM pulled_row WHERE class = ? AND is_shadow = 1",
            arguments: [name]
        )
    }

    /// Forgets what the Hub no longer has, and puts the shadow in the rows' place.
    private func swap(_ serverTime: Instant, at position: Int64, in database: Database) throws {
        let gone = try String.fetchAll(
            database,
            sql: """
                SELECT key FROM pulled_row AS old WHERE class = ?1 AND is_shadow = 0
                    AND NOT EXISTS (SELECT 1 FROM pulled_row AS new
                        WHERE new.class = ?1 AND new.is_shadow = 1 AND new.key = old.key)
                """,
            arguments: [name]
        )
        for key in gone { try pulled.forget(key, in: database) }
        try database.execute(
            sql: "DELETE FROM pulled_row WHERE class = ? AND is_shadow = 0",
            arguments: [name]
        )
        try database.execute(
            sql: "UPDATE pulled_row SET is_shadow = 0 WHERE class = ? AND is_shadow = 1",
            arguments: [name]
        )
    }
}
