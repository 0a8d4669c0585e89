import GRDB
package import Logging
import ServiceLifecycle
package import Shared
import Sync

/// Removes what the Hub has settled and what is older than the retention time, a little at a time.
///
/// The Hub can ask for settled operations again after a restored backup: until then they stay. The
/// bytes of a document go with the operation that carried them; a document in quarantine keeps its
/// bytes, and every document its digest, so that it is known again.
package struct Retention: Service {
    private let store: AgentStore
    private let days: Int
    private let logger: Logger

    /// How many rows one transaction removes, so that a capture never waits long behind it.
    private static let batch = 500
    private static let interval = Duration.seconds(3600)

    package init(_ store: AgentStore, days: Int, logger: Logger) {
        self.store = store
        self.days = days
        self.logger = logger
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    if let limit = try await limit() { try await removeAll(before: limit) }
                } catch let error as StoreError {
                    logger.warning("Retention is put off", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Removes everything that is settled and was so before `limit`; returns how many operations.
    @discardableResult
    package func removeAll(before limit: Instant) async throws -> Int {
        var total = 0
        var removed: Int
        repeat {
            removed = try await store.write {
                try Self.forgetReadings(before: limit, in: $0)
                return try Self.removeOperations(before: limit, limit: Self.batch, in: $0)
            }
            total += removed
        } while removed == Self.batch && !Task.isCancelled
        if total > 0 {
            logger.info("Removed settled operations", metadata: ["count": "\(total)"])
        }
        return total
    }

    /// Before what settled operations are removed, by the retention clock; nil while Agent and Hub
    /// do not agree how far the Hub is.
    func limit() async throws -> Instant? {
        let age = try await age()
        let clock = try await store.read { try RetentionTime.stored(in: $0) }
        guard let clock, clock.isInStep else { return nil }
        return clock.time.advanced(by: .zero - age)
    }

    /// How long settled operations stay: the longer of what this PC and what its Hub asks for.
    ///
    /// A Hub that is restored from a backup needs again what it had acknowledged since.
    func age() async throws -> Duration {
        let asked = try await PulledConfiguration(store: store).site()?.retentionDays ?? 0
        return .seconds(max(days, asked) * 86400)
    }

    /// Removes up to `count` operations that were settled before `limit`, the oldest first, with
    /// what they alone keep here; answers how many.
    static func removeOperations(
        before limit: Instant,
        limit count: Int,
        in database: Database
    ) throws -> Int {
        let operations = try Identifier.fetchAll(
            database,
            sql: "SELECT id FROM operation WHERE settled_at < ? ORDER BY settled_at LIMIT ?",
            arguments: [limit, count]
        )
        for operation in operations {
            try database.cachedStatement(
                sql: """
                    DELETE FROM content WHERE document IN
                        (SELECT number FROM document WHERE operation = ? AND state = 'decoded')
                    """
            ).execute(arguments: [operation])
            try database.cachedStatement(sql: "DELETE FROM operation WHERE id = ?")
                .execute(arguments: [operation])
        }
        return operations.count
    }

    /// Removes the bodies of readings that no second eye will complete any more.
    private static func forgetReadings(before limit: Instant, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                UPDATE reading SET sealed_body = NULL WHERE id IN
                    (SELECT id FROM reading WHERE changed_at < ? AND sealed_body IS NOT NULL LIMIT ?)
                """
        ).execute(arguments: [limit, batch])
    }
}
