import Foundation
import GRDB
import Shared
import Sync

extension Outbox {
    /// The link behind an operation of the present epoch; nil where the store has no such operation any more.
    func chain(at sequence: Int64, in database: Database) throws -> Digest256? {
        if sequence == 0 { return Chain.start }
        return try Digest256.fetchOne(
            database,
            sql: """
                SELECT chain FROM operation
                WHERE epoch = (SELECT epoch FROM outbox_head) AND sequence = ?
                """,
            arguments: [sequence]
        )
    }

    /// Whether there are operations of epochs before the present one.
    func holdsOthers(in database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: """
                SELECT EXISTS
                    (SELECT 1 FROM operation WHERE epoch < (SELECT epoch FROM outbox_head))
                """
        ) ?? false
    }

    /// Whether every operation of the present epoch behind `sequence` is still there.
    func holdsAll(after sequence: Int64, in database: Database) throws -> Bool {
        let count = try Int64.fetchOne(
            database,
            sql: """
                SELECT count(*) FROM operation
                WHERE epoch = (SELECT epoch FROM outbox_head) AND sequence > ?
                """,
            arguments: [sequence]
        )
        return try count == head(in: database).sequence - sequence
    }
}
