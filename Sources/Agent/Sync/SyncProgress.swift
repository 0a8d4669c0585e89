import Foundation
import GRDB
import Shared
import Sync

extension SyncStore {
    /// How far the Hub is, as the Agent knows it; stored with every reply.
    struct Progress: Codable {
        var acknowledged: Int64 = 0
        var chain = Chain.start
        var nonce: String?
        var hub: Identifier?
        /// Whose numbers these are; nil before the first session.
        var agent: Identifier?

        /// What is stored; the beginning where nothing is.
        static func stored(in database: Database) throws -> Progress {
            let content = try Data.fetchOne(
                database,
                sql: "SELECT value FROM sync_state WHERE key = 'progress'"
            )
            guard let content else { return Progress() }
            return try JSON.decode(Progress.self, from: content)
        }

        /// Stores it.
        func store(in database: Database) throws {
            try database.cachedStatement(
                sql: """
                    INSERT INTO sync_state (key, value) VALUES ('progress', ?)
                    ON CONFLICT (key) DO UPDATE SET value = excluded.value
                    """
            ).execute(arguments: [Data(try JSON.encode(self))])
        }
    }
}
