import Foundation
import GRDB
import Shared
import Sync

/// Operations that have no number yet, since the Hub asked for time: sealed, in their order.
///
/// Every method runs inside the caller's transaction.
struct HeldOperations: Sendable {
    let sealer: Sealer
    let clock: WallClock

    /// Telemetry that is kept while the Hub asks for time: six weeks of it.
    static let telemetryLimit = 1000

    /// Whether operations of a class are held.
    func holds(_ kind: OperationClass, in database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM held_operation WHERE class = ?)"
            ),
            arguments: [kind.rawValue]
        ) ?? false
    }

    /// Holds an operation back; of telemetry only the newest, and the rest is counted.
    func hold(_ operation: NewOperation, in database: Database) throws {
        let kind = OperationClass(kind: operation.kind)
        precondition(kind != .clinical, "what was measured is never held back")
        let sealed = try sealer.seal(operation.payload, at: .held(operation.id))
        try database.cachedStatement(
            sql: """
                INSERT INTO held_operation (class, id, kind, version, created_at, sealed_payload)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            kind.rawValue, operation.id, operation.kind, operation.version, clock.now(),
            Data(sealed),
        ])
        if kind == .telemetry { try dropTelemetry(keeping: Self.telemetryLimit, in: database) }
    }

    /// Drops the oldest telemetry and counts it: all that may ever be dropped.
    ///
    /// - Returns: how many were dropped.
    @discardableResult
    func dropTelemetry(keeping limit: Int, in database: Database) throws -> Int {
        try database.execute(
            sql: """
                DELETE FROM held_operation WHERE class = 'telemetry' AND number NOT IN (
                    SELECT number FROM held_operation WHERE class = 'telemetry'
                    ORDER BY number DESC LIMIT ?)
                """,
            arguments: [limit]
        )
        let count = database.changesCount
        guard count > 0 else { return 0 }
        let now = clock.now()
        try database.execute(
            sql: """
                INSERT INTO dropped_count (class, count, since, until) VALUES ('telemetry', ?1, ?2, ?2)
                ON CONFLICT (class) DO UPDATE SET count = count + ?1, until = ?2
                """,
            arguments: [count, now]
        )
        return count
    }

    /// Takes the oldest held operations of the classes that may go, and what was dropped.
    func release(
        _ classes: Set<OperationClass>,
        limit: Int,
        in database: Database
    ) throws -> [NewOperation] {
        let names = classes.map(\.rawValue).sorted()
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT number, id, kind, version, sealed_payload FROM held_operation
                WHERE class IN (SELECT value FROM json_each(?)) ORDER BY number LIMIT ?
                """,
            arguments: [String(decoding: try JSON.encode(names), as: UTF8.self), limit]
        )
        var released: [NewOperation] = []
        for row in rows {
            let id: Identifier = row["id"]
            let sealed: Data = row["sealed_payload"]
            released.append(
                NewOperation(
                    id: id,
                    kind: row["kind"],
                    version: row["version"],
                    payload: try sealer.open(sealed, at: .held(id))
                )
            )
            try database.execute(
                sql: "DELETE FROM held_operation WHERE number = ?",
                arguments: [row["number"] as Int64]
            )
        }
        if classes.contains(.audit) { released += try told(in: database) }
        return released
    }

    /// The counter operation of what was dropped since the last one.
    private func told(in database: Database) throws -> [NewOperation] {
        let rows = try Row.fetchAll(database, sql: "SELECT * FROM dropped_count")
        guard !rows.isEmpty else { return [] }
        try database.execute(sql: "DELETE FROM dropped_count")
        return try rows.compactMap { row in
            guard let kind = OperationClass(rawValue: row["class"]) else { return nil }
            let fact = DroppedFact(
                class: kind,
                count: row["count"],
                since: row["since"],
                until: row["until"]
            )
            return NewOperation(
                id: clock.identifier(),
                kind: DroppedFact.kind,
                version: DroppedFact.version,
                payload: try JSON.encode(fact)
            )
        }
    }
}

extension Sealer.Place {
    fileprivate static func held(_ id: Identifier) -> Self {
        Self("held_operation", "sealed_payload", row: id.bytes)
    }
}
