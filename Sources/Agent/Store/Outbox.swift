import Foundation
package import GRDB
package import Shared
package import Sync
import Synchronization

/// The operations that carry facts to the Hub, numbered without gaps and chained by hash.
///
/// Every method runs inside the caller's transaction, so that a fact and the operation that
/// carries it are durable together or not at all.
package final class Outbox: Sendable {
    private let sealer: Sealer
    private let clock: WallClock
    private let boot: BootClock
    /// The highest time that the Hub was heard of; what this PC gave out is in the database.
    private let heard = Mutex(HybridTime(bits: 0))
    private let listeners = Mutex<[AsyncStream<Void>.Continuation]>([])
    private let paused = Mutex<Set<OperationClass>>([])

    package init(sealer: Sealer, clock: WallClock, boot: BootClock = .system) {
        self.sealer = sealer
        self.clock = clock
        self.boot = boot
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
    /// What the Hub has no time for gets its number later, so that the log has no gaps. Their time is
    /// the present one, unless they are older than their place in the log.
    /// Errors: `SealingError`, `DatabaseError`.
    package func append(
        _ operations: [NewOperation],
        createdAt: Instant? = nil,
        in database: Database
    ) throws {
        let now = try operations.filter { try !isHeld($0, in: database) }
        guard !now.isEmpty else { return }
        try number(now, createdAt: createdAt, in: database)
    }

    /// The classes that the Hub has no time for; what was measured is never one of them.
    package func pause(_ classes: Set<OperationClass>) {
        paused.withLock { $0 = classes.subtracting([.clinical]) }
    }

    /// Numbers what was held and may go now, a page at a time; answers how many.
    package func release(in database: Database) throws -> Int {
        let free = Set(OperationClass.allCases).subtracting(paused.withLock { $0 })
        let operations = try held.release(free, limit: 500, in: database)
        if !operations.isEmpty { try number(operations, createdAt: nil, in: database) }
        return operations.count
    }

    /// Hears of the Hub's clock: the hybrid time follows it, unless it is far ahead.
    package func hear(_ other: Instant, at now: Instant) {
        heard.withLock { $0 = $0.heard(other, at: now) }
    }

    private var held: HeldOperations { HeldOperations(sealer: sealer, clock: clock) }

    /// Holds an operation back where its class has to wait; also behind another of its class, which
    /// it must not overtake.
    private func isHeld(_ operation: NewOperation, in database: Database) throws -> Bool {
        let kind = OperationClass(kind: operation.kind)
        guard kind != .clinical else { return false }
        let isPaused = paused.withLock { $0.contains(kind) }
        guard try isPaused || held.holds(kind, in: database) else { return false }
        try held.hold(operation, in: database)
        return true
    }

    private func number(
        _ operations: [NewOperation],
        createdAt: Instant?,
        in database: Database
    ) throws {
        var head = try head(in: database)
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO operation (sequence, epoch, id, kind, version, created_at,
                    sealed_payload, chain, hlc, boot, mono, state)
                VALUES (?, ?, ?, ?, ?, ?, x'', ?, ?, ?, ?, 'pending')
                """
        )
        let insertPayload = try database.cachedStatement(
            sql: "INSERT INTO payload (operation, sealed) VALUES (?, ?)"
        )
        let moment = boot.now()
        var hybrid = try hybridTime(in: database)
        for operation in operations {
            hybrid = hybrid.next(at: clock.now())
            head.advance(over: operation)
            let sealed = try sealer.seal(operation.payload, at: .payload(of: operation.id))
            try insert.execute(arguments: [
                head.sequence, head.epoch, operation.id, operation.kind, operation.version,
                createdAt ?? clock.now(), head.chain,
                Int64(bitPattern: hybrid.bits), moment.boot, moment.milliseconds,
            ])
            try insertPayload.execute(arguments: [database.lastInsertedRowID, Data(sealed)])
        }
        try setHead(head, in: database)
        try database.cachedStatement(sql: "UPDATE hybrid_clock SET high = ?")
            .execute(arguments: [Int64(bitPattern: hybrid.bits)])
        database.afterNextTransaction { [weak self] _ in self?.tell() }
    }

    /// The highest time that was given out or heard of.
    private func hybridTime(in database: Database) throws -> HybridTime {
        let statement = try database.cachedStatement(sql: "SELECT high FROM hybrid_clock")
        let high = try Int64.fetchOne(statement) ?? 0
        return max(HybridTime(bits: UInt64(bitPattern: high)), heard.withLock { $0 })
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
                SELECT sequence, epoch, id, kind, version, created_at, sealed, chain, hlc, boot,
                    mono
                FROM whole_operation
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

    /// Writes the Hub's verdict on a run of pending operations; another state is left as it is.
    ///
    /// `time` is the retention clock's; this PC's where none is given.
    /// What was withheld is settled at no time, so that retention never removes the only payload.
    package func settle(
        _ sequences: ClosedRange<Int64>,
        as state: StoredOperation.State,
        code: String?,
        at time: Instant? = nil,
        in database: Database
    ) throws {
        try database.cachedStatement(
            sql: """
                UPDATE operation SET state = ?, verdict_code = ?, settled_at = ?
                WHERE epoch = (SELECT epoch FROM outbox_head) AND sequence BETWEEN ? AND ?
                    AND state = 'pending'
                """
        ).execute(arguments: [
            state.rawValue, code, code == "withheld" ? nil : time ?? clock.now(),
            sequences.lowerBound, sequences.upperBound,
        ])
    }

    /// The same of one operation.
    package func settle(
        _ sequence: Int64,
        as state: StoredOperation.State,
        code: String?,
        at time: Instant? = nil,
        in database: Database
    ) throws {
        try settle(sequence...sequence, as: state, code: code, at: time, in: database)
    }

    private func open(_ row: Row) throws -> StoredOperation {
        let id: Identifier = row["id"]
        let sealed: Data = row["sealed"]
        return StoredOperation(
            sequence: row["sequence"],
            epoch: row["epoch"],
            id: id,
            kind: row["kind"],
            version: row["version"],
            createdAt: row["created_at"],
            payload: try sealer.open(sealed, at: .payload(of: id)),
            chain: row["chain"],
            time: (row["hlc"] as Int64?).map {
                OperationTime(
                    hybrid: HybridTime(bits: UInt64(bitPattern: $0)),
                    boot: row["boot"],
                    monotonic: row["mono"]
                )
            }
        )
    }

    /// An operation as it was before it was numbered.
    func opened(_ row: Row) throws(SealingError) -> NewOperation {
        try opened(
            id: row["id"],
            kind: row["kind"],
            version: row["version"],
            sealed: row["sealed"]
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

    /// Puts another payload in the place of an operation's.
    func replacePayload(
        of id: Identifier,
        with payload: [UInt8],
        in database: Database
    ) throws {
        let sealed = Data(try sealer.seal(payload, at: .payload(of: id)))
        try database.execute(
            sql: """
                INSERT INTO payload (operation, sealed) SELECT number, ? FROM operation WHERE id = ?
                ON CONFLICT (operation) DO UPDATE SET sealed = excluded.sealed
                """,
            arguments: [sealed, id]
        )
        try database.execute(
            sql: "UPDATE operation SET sealed_payload = x'' WHERE id = ?",
            arguments: [id]
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
    // Named as the column of older stores is, which it was sealed for.
    fileprivate static func payload(of id: Identifier) -> Self {
        Self("operation", "sealed_payload", row: id.bytes)
    }
}
