import Foundation
import GRDB
import Shared

/// What retention counts to: the Hub's clock when Agent and Hub last agreed how far the Hub is.
///
/// A PC's own clock may be set by a year; and while a Hub that was restored has not been asked what
/// it lacks, nothing that it may need again is removed.
enum RetentionTime {
    private static let key = "inStep"

    /// How exactly it is kept: a write for each session would be one a minute for ever.
    static let precision = Duration.seconds(600)

    /// The Hub's clock; nil where they never agreed, or do not now.
    static func stored(in database: Database) throws -> Instant? {
        try Data.fetchOne(
            database,
            sql: "SELECT value FROM sync_state WHERE key = ?",
            arguments: [key]
        ).map { try JSON.decode(Instant.self, from: $0) }
    }

    /// They agree now.
    static func store(_ time: Instant, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO sync_state (key, value) VALUES (?, ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value
                """,
            arguments: [key, Data(try JSON.encode(time))]
        )
    }

    /// They do not: until they do again, nothing is removed.
    static func forget(in database: Database) throws {
        try database.execute(sql: "DELETE FROM sync_state WHERE key = ?", arguments: [key])
    }
}
