import Foundation
import GRDB
import Shared

/// A table whose rows go over as they are.
///
/// Sealed columns stay sealed: they open under the same key at the same table, column and row.
struct SalvagedTable: Sendable {
    let name: String
    let isRowless: Bool
    private let columns: [String]

    static let commands = SalvagedTable(
        name: "command",
        isRowless: false,
        columns: [
            "id", "device", "kind", "position", "fence", "issued_at", "expires_at", "received_at",
            "clock_offset", "state", "code", "is_cancelled", "settled_at", "sealed_payload",
            "written_sha256",
        ]
    )
    static let readings = SalvagedTable(
        name: "reading",
        isRowless: false,
        columns: ["id", "revision", "changed_at", "sealed_body"]
    )
    static let readingDocuments = SalvagedTable(
        name: "reading_document",
        isRowless: true,
        columns: ["sha256", "reading"]
    )

    /// Puts a row in; false where it is there already or is not what the table takes.
    func insert(_ row: SalvagedRow, in database: Database) throws -> Bool {
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        do {
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO \(name) (\(columns.joined(separator: ", ")))
                    VALUES (\(marks))
                    """,
                arguments: StatementArguments(columns.map { row[$0] })
            )
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            return false
        }
        return database.changesCount > 0
    }
}

/// A document of a damaged store: its bytes, and where it stood.
struct SalvagedDocument {
    private let row: SalvagedRow
    private let content: Data

    init(_ row: SalvagedRow, _ content: Data) {
        self.row = row
        self.content = content
    }

    /// Puts it in as it was; false where the bytes are known.
    ///
    /// One that was not decoded yet, or could not be, is decoded at the next start.
    func insert(in database: Database) throws -> Bool {
        let isDecoded = String.fromDatabaseValue(row["state"]) == "decoded"
        try database.execute(
            sql: """
                INSERT OR IGNORE INTO document (sha256, source, sealed_name, byte_count,
                    is_partial, captured_at, modified_at, state, format, decoder_version, operation)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                row["sha256"], row["source"],
                row["sealed_name"], row["byte_count"],
                row["is_partial"], row["captured_at"],
                row["modified_at"], isDecoded ? "decoded" : "captured",
                isDecoded ? row["format"] : .null,
                isDecoded ? row["decoder_version"] : .null,
                isDecoded ? row["operation"] : .null,
            ]
        )
        guard database.changesCount > 0 else { return false }
        try database.execute(
            sql: "INSERT INTO content (document, sealed_bytes) VALUES (?, ?)",
            arguments: [database.lastInsertedRowID, content]
        )
        return true
    }
}

extension Outbox {
    /// Puts an operation of a damaged store behind the others, as pending and under its own
    /// identifier; false where it is there already, or does not open.
    func requeue(
        _ row: SalvagedRow,
        sealed: Data?,
        in database: Database
    ) throws -> Bool {
        guard let id = Identifier.fromDatabaseValue(row["id"]),
            let kind = String.fromDatabaseValue(row["kind"]),
            let version = Int.fromDatabaseValue(row["version"]),
            let createdAt = Instant.fromDatabaseValue(row["created_at"]),
            let sealed,
            let operation = try? opened(id: id, kind: kind, version: version, sealed: sealed)
        else { return false }
        let isKnown = try Bool.fetchOne(
            database,
            sql: "SELECT EXISTS (SELECT 1 FROM operation WHERE id = ?)",
            arguments: [id]
        )
        guard isKnown == false else { return false }
        try append([operation], createdAt: createdAt, in: database)
        return true
    }
}
