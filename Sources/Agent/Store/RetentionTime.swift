import Foundation
import GRDB
import Shared
import Sync

/// Where the store keeps what retention counts by.
enum RetentionTime {
    private static let key = "retentionClock"

    /// The clock; nil where Agent and Hub have never met.
    static func stored(in database: Database) throws -> RetentionClock? {
        try Data.fetchOne(
            database,
            sql: "SELECT value FROM sync_state WHERE key = ?",
            arguments: [key]
        ).map { try JSON.decode(RetentionClock.self, from: $0) }
    }

    /// They agree how far the Hub is, while their clocks say these.
    static func hear(hub: Instant, own: Instant, in database: Database) throws {
        var clock = try stored(in: database) ?? RetentionClock(hub: hub, own: own)
        clock.hear(hub: hub, own: own)
        try store(clock, in: database)
    }

    /// They do not agree: until they do again, nothing is removed.
    static func suspend(in database: Database) throws {
        guard var clock = try stored(in: database) else { return }
        clock.isInStep = false
        try store(clock, in: database)
    }

    /// When, for retention, something is acknowledged while the two clocks say these.
    static func mark(hub: Instant, own: Instant, in database: Database) throws -> Instant {
        let before = try stored(in: database)
        var clock = before ?? RetentionClock(hub: hub, own: own, isInStep: false)
        let time = clock.mark(hub: hub, own: own)
        if clock != before { try store(clock, in: database) }
        return time
    }

    private static func store(_ clock: RetentionClock, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO sync_state (key, value) VALUES (?, ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value
                """,
            arguments: [key, Data(try JSON.encode(clock))]
        )
    }
}
