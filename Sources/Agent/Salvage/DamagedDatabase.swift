import Foundation
import GRDB

/// A database of which parts may be unreadable: what can be read is, the rest is stepped over.
final class DamagedDatabase: Sendable {
    private let queue: DatabaseQueue

    /// Opens the file for reading.
    init(path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "salvage"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Up to `count` rows behind the table's place; nil at its end.
    func next(_ count: Int, of table: inout DamagedTable) -> [SalvagedRow]? {
        let rows = table.isRowless ? whole(&table) : rows(count, of: &table)
        return rows.isEmpty ? nil : rows
    }

    /// The sealed bytes of a document's row; nil where there are none to be read.
    func content(of document: SalvagedRow) -> Data? {
        try? queue.read { database in
            try Data.fetchOne(
                database,
                sql: "SELECT sealed_bytes FROM content WHERE document = ?",
                arguments: [document["number"]]
            )
        }
    }

    /// The sealed payload of an operation's row, which older stores have in it; nil where it cannot
    /// be read.
    func payload(of operation: SalvagedRow) -> Data? {
        if let own = Data.fromDatabaseValue(operation["sealed_payload"]), !own.isEmpty {
            return own
        }
        return try? queue.read { database in
            try Data.fetchOne(
                database,
                sql: "SELECT sealed FROM payload WHERE operation = ?",
                arguments: [operation["number"]]
            )
        }
    }

    /// Row by row: an unreadable one ends a statement, so each has its own, and behind one that
    /// cannot be read the next is looked for at growing distance.
    private func rows(_ count: Int, of table: inout DamagedTable) -> [SalvagedRow] {
        var found: [SalvagedRow] = []
        var stride: Int64 = 1
        while found.count < count, table.unreadable < DamagedTable.patience {
            do {
                let row = try queue.read { [place = table.place, name = table.name] database in
                    try Row.fetchOne(
                        database,
                        sql: """
                            SELECT rowid AS place, * FROM \(name) WHERE rowid > ?
                            ORDER BY rowid LIMIT 1
                            """,
                        arguments: [place]
                    ).map(SalvagedRow.init)
                }
                guard let row else { break }
                table.place = Int64.fromDatabaseValue(row["place"]) ?? .max
                stride = 1
                found.append(row)
            } catch {
                table.unreadable += 1
                table.place += stride
                stride = min(stride * 2, 1024)
            }
        }
        return found
    }

    /// A table without row numbers is small: all of it or nothing.
    private func whole(_ table: inout DamagedTable) -> [SalvagedRow] {
        guard table.place == 0 else { return [] }
        table.place = 1
        do {
            return try queue.read { [name = table.name] database in
                try Row.fetchAll(database, sql: "SELECT * FROM \(name)").map(SalvagedRow.init)
            }
        } catch {
            table.unreadable += 1
            return []
        }
    }
}

/// One row, as values that may travel.
struct SalvagedRow: Sendable {
    private let values: [String: DatabaseValue]

    init(_ row: Row) {
        values = Dictionary(row.map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
    }

    /// A column's value; null where the table has no such column.
    subscript(_ column: String) -> DatabaseValue { values[column] ?? .null }
}

/// How far the reading of a table is.
struct DamagedTable {
    let name: String
    let isRowless: Bool
    var place: Int64 = 0
    /// Places that could not be read.
    var unreadable = 0

    /// After so many nothing more is expected of a table.
    static let patience = 200

    init(_ name: String, isRowless: Bool = false) {
        self.name = name
        self.isRowless = isRowless
    }
}
