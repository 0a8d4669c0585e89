import Foundation
import GRDB
import Shared
import Sync

extension Outbox {
    /// How many operations are opened at once while they are numbered anew.
    private static let renumberedAtOnce = 500

    /// Numbers everything but what stands in `compared` from 1 in a new epoch, as pending.
    ///
    /// - Parameters:
    ///   - epoch: the new one.
    ///   - isOwn: whether the numbers until now were this Agent's at its Hub; others are nobody's from
    ///     now on, so that no hole is told by them.
    ///   - database: the store, in a transaction.
    /// - Returns: how many could not be opened; those keep their numbers and wait for a person.
    /// - Throws: what the database throws.
    func renumber(epoch: Int, isOwn: Bool, in database: Database) throws -> Int {
        if !isOwn { try giveUpNumbers(in: database) }
        var head = Head(epoch: epoch, sequence: 0, chain: Chain.start)
        var (last, damaged) = (Int64(0), 0)
        while true {
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT number, id, kind, version, sealed FROM whole_operation
                    WHERE number > ? AND number NOT IN (SELECT number FROM compared)
                    ORDER BY number LIMIT ?
                    """,
                arguments: [last, Self.renumberedAtOnce]
            )
            for row in rows {
                last = row["number"]
                if try !renumber(row, &head, in: database) { damaged += 1 }
            }
            guard rows.count == Self.renumberedAtOnce else { break }
        }
        try setHead(head, in: database)
        return damaged
    }

    /// Moves the epochs of another Agent, or of a lost store, below all numbers, and forgets what was
    /// removed of them: a new Agent's begin at 1 as theirs did.
    private func giveUpNumbers(in database: Database) throws {
        try database.execute(sql: "DELETE FROM removed")
        let range = try Row.fetchOne(
            database,
            sql: "SELECT min(epoch) AS low, max(epoch) AS high FROM operation"
        )
        guard let low = range?["low"] as Int?, let high = range?["high"] as Int?
        else { return }
        try database.execute(
            sql: "UPDATE operation SET epoch = epoch - ?",
            arguments: [max(high - low, high) + 1]
        )
    }

    private func renumber(_ row: Row, _ head: inout Head, in database: Database) throws -> Bool {
        let number: Int64 = row["number"]
        let operation: NewOperation
        do throws(SealingError) {
            operation = try opened(row)
        } catch {
            try database.cachedStatement(
                sql: """
                    UPDATE operation SET state = 'quarantined', verdict_code = 'payloadDamaged',
                        settled_at = NULL WHERE number = ?
                    """
            ).execute(arguments: [number])
            return false
        }
        head.advance(over: operation)
        try database.cachedStatement(
            sql: """
                UPDATE operation SET epoch = ?, sequence = ?, chain = ?, state = 'pending',
                    verdict_code = NULL, settled_at = NULL WHERE number = ?
                """
        ).execute(arguments: [head.epoch, head.sequence, head.chain, number])
        return true
    }
}
