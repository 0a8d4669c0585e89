import Foundation
package import GRDB
package import Shared
import Sync
import Synchronization

/// The operations that carry facts to the Hub, numbered without gaps and chained by hash.
///
/// Every method runs inside the caller's transaction, so that a fact and the operation that
/// carries it are durable together or not at all.
package final class Outbox: Sendable {
    private let sealer: Sealer
    private let clock: WallClock
    private let listeners = Mutex<[AsyncStream<Void>.Continuation]>([])

    package init(sealer: Sealer, clock: WallClock) {
        self.sealer = sealer
        self.clock = clock
    }

    /// Yields after each commit that appended; several that nobody waited for become one.
    ///
    /// A hint only: what is pending is read from the table.
    package func appends() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(
            bufferingPolicy: .bufferingNewest(1)
        )
        listeners.withLock { $0.append(continuation) }
        return stream
    }

    /// Gives each operation the next sequence and link, and stores it as pending.
    ///
    /// Their time is the present one, unless they are older than their place in the log.
    /// Errors: `SealingError`, `DatabaseError`.
    package func append(
        _ operations: [NewOperation],
        createdAt: Instant? = nil,
        in database: Database
    ) throws {
        guard !operations.isEmpty else { return }
        var head = try head(in: database)
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO operation (sequence, epoch, id, kind, version, created_at,
                    sealed_payload, chain, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending')
                """
        )
        for operation in operations {
            head.advance(over: operation)
            let sealed = try sealer.seal(operation.payload, at: .payload(of: operation.id))
            try insert.execute(arguments: [
                head.sequence, head.epoch, operation.id, operation.kind, operation.version,
                createdAt ?? clock.now(), Data(sealed), head.chain,
            ])
        }
        try setHead(head, in: database)
        database.afterNextTransaction { [weak self] _ in self?.tell() }
    }

    /// Where the chain ends.
    package func head(in database: Database) throws -> Head {
        let statement = try database.cachedStatement(
            sql: "SELECT epoch, sequence, chain FROM outbox_head"
        )
        guard let row = try Row.fetchOne(statement) else { throw StoreError.damaged }
        return Head(epoch: row["epoch"], sequence: row["sequence"], chain: row["chain"])
    }

    /// Puts the end of the chain elsewhere: for a new epoch.
    package func setHead(_ head: Head, in database: Database) throws {
        try database.cachedStatement(
            sql: "UPDATE outbox_head SET epoch = ?, sequence = ?, chain = ?"
        ).execute(arguments: [head.epoch, head.sequence, head.chain])
    }

    /// Pending operations after `sequence` in their order, as many as both limits allow.
    ///
    /// One is given even where it alone exceeds `maximumBytes`.
    /// Errors: `SealingError.damaged`, `DatabaseError`.
    package func pending(
        after sequence: Int64,
        maximumCount: Int,
        maximumBytes: Int,
        in database: Database
    ) throws -> [StoredOperation] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT sequence, epoch, id, kind, version, created_at, sealed_payload, chain
                FROM operation
                WHERE state = 'pending' AND epoch = (SELECT epoch FROM outbox_head)
                    AND sequence > ?
                ORDER BY sequence LIMIT ?
                """
        )
        var operations: [StoredOperation] = []
        var bytes = 0
        let rows = try Row.fetchCursor(statement, arguments: [sequence, maximumCount])
        while let row = try rows.next() {
            let operation = try open(row)
            bytes += operation.payload.count
            guard bytes <= maximumBytes || operations.isEmpty else { break }
            operations.append(operation)
        }
        return operations
    }

    /// Writes the Hub's verdict on one pending operation; another state is left as it is.
    package func settle(
        _ sequence: Int64,
        as state: StoredOperation.State,
        code: String?,
        in database: Database
    ) throws {
        try database.cachedStatement(
            sql: """
                UPDATE operation SET state = ?, verdict_code = ?, settled_at = ?
                WHERE epoch = (SELECT epoch FROM outbox_head) AND sequence = ?
                    AND state = 'pending'
                """
        ).execute(arguments: [state.rawValue, code, clock.now(), sequence])
    }

    private func open(_ row: Row) throws -> StoredOperation {
        let id: Identifier = row["id"]
        let sealed: Data = row["sealed_payload"]
        return StoredOperation(
            sequence: row["sequence"],
            epoch: row["epoch"],
            id: id,
            kind: row["kind"],
            version: row["version"],
            createdAt: row["created_at"],
            payload: try sealer.open(sealed, at: .payload(of: id)),
            chain: row["chain"]
        )
    }

    /// An operation as it was before it was numbered.
    func opened(_ row: Row) throws(SealingError) -> NewOperation {
        try opened(
            id: row["id"],
            kind: row["kind"],
            version: row["version"],
            sealed: row["sealed_payload"]
        )
    }

    /// An operation of which only the payload is sealed.
    func opened(
        id: Identifier,
        kind: String,
        version: Int,
        sealed: Data
    ) throws(SealingError) -> NewOperation {
        NewOperation(
            id: id,
            kind: kind,
            version: version,
            payload: try sealer.open(sealed, at: .payload(of: id))
        )
    }

    private func tell() {
        for listener in listeners.withLock({ $0 }) { listener.yield() }
    }
}

extension Outbox {
    /// The end of the chain: the last sequence that was given out, and its link.
    package struct Head: Equatable, Sendable {
        package var epoch: Int
        package var sequence: Int64
        package var chain: Digest256

        package init(epoch: Int, sequence: Int64, chain: Digest256) {
            self.epoch = epoch
            self.sequence = sequence
            self.chain = chain
        }

        /// Moves over `operation`.
        package mutating func advance(over operation: NewOperation) {
            sequence += 1
            chain = Chain.next(
                after: chain,
                sequence: sequence,
                id: operation.id,
                payload: operation.payload
            )
        }
    }
}

extension Sealer.Place {
    fileprivate static func payload(of id: Identifier) -> Self {
        Self("operation", "sealed_payload", row: id.bytes)
    }
}
