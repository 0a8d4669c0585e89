import Foundation
import GRDB
package import Logging
import Shared

/// Reads what can be read from a database that was set aside, and puts it into the new one.
///
/// Operations come back as pending, under their own identifiers: the new epoch's comparison drops
/// those that the Hub has. Commands come back so that none is acted on twice, and documents with
/// their bytes, for those that were not decoded yet or have to be uploaded.
package struct Salvage: Sendable {
    private let store: AgentStore
    private let outbox: Outbox
    private let folder: String
    private let logger: Logger

    /// Stands beside a database that was read, with what came of it.
    static let doneSuffix = ".salvaged"
    /// Rows of one transaction.
    private static let batch = 200

    /// Takes the store to fill, and the state folder.
    package init(store: AgentStore, outbox: Outbox, folder: String, logger: Logger) {
        self.store = store
        self.outbox = outbox
        self.folder = folder
        self.logger = logger
    }

    /// What came of one database.
    package struct Outcome: Equatable, Sendable, Codable {
        package var operations = 0
        package var documents = 0
        package var commands = 0
        package var readings = 0
        /// Places that could not be read.
        package var unreadable = 0
    }

    /// Reads every database that was set aside and not read yet; one that gives nothing is marked
    /// too.
    ///
    /// Errors: `StoreError` of the new store.
    package func run() async throws {
        for path in StoreOpening.setAside(in: folder) {
            let outcome = try await salvage(path)
            let content = try JSON.encodePretty(outcome)
            _ = FileManager.default.createFile(
                atPath: path + Self.doneSuffix,
                contents: Data(content),
                attributes: [.posixPermissions: 0o600]
            )
            logger.warning(
                "a damaged store was read",
                metadata: [
                    "operations": "\(outcome.operations)", "documents": "\(outcome.documents)",
                    "commands": "\(outcome.commands)", "unreadable": "\(outcome.unreadable)",
                ]
            )
        }
    }

    /// Reads one database.
    func salvage(_ path: String) async throws -> Outcome {
        var outcome = Outcome()
        guard let source = try? DamagedDatabase(path: path) else {
            outcome.unreadable = 1
            return outcome
        }
        outcome.commands = try await copy(.commands, from: source, &outcome)
        outcome.readings = try await copy(.readings, from: source, &outcome)
        _ = try await copy(.readingDocuments, from: source, &outcome)
        outcome.documents = try await copyDocuments(from: source, &outcome)
        outcome.operations = try await copyOperations(from: source, &outcome)
        return outcome
    }

    private func copyOperations(
        from source: DamagedDatabase,
        _ outcome: inout Outcome
    ) async throws -> Int {
        var reader = DamagedTable("operation")
        var count = 0
        while let rows = source.next(Self.batch, of: &reader) {
            let whole = rows.map { ($0, source.payload(of: $0)) }
            outcome.unreadable += whole.count { $1 == nil }
            count += try await store.write { [outbox] database in
                try whole.count { try outbox.requeue($0, sealed: $1, in: database) }
            }
        }
        outcome.unreadable += reader.unreadable
        return count
    }

    private func copyDocuments(
        from source: DamagedDatabase,
        _ outcome: inout Outcome
    ) async throws -> Int {
        var reader = DamagedTable("document")
        var count = 0
        // Bytes may be megabytes: one document at a time.
        while let rows = source.next(1, of: &reader) {
            for row in rows {
                guard let content = source.content(of: row) else { continue }
                count += try await store.write { database in
                    try SalvagedDocument(row, content).insert(in: database) ? 1 : 0
                }
            }
        }
        outcome.unreadable += reader.unreadable
        return count
    }

    private func copy(
        _ table: SalvagedTable,
        from source: DamagedDatabase,
        _ outcome: inout Outcome
    ) async throws -> Int {
        var reader = DamagedTable(table.name, isRowless: table.isRowless)
        var count = 0
        while let rows = source.next(Self.batch, of: &reader) {
            count += try await store.write { database in
                try rows.reduce(0) { $0 + (try table.insert($1, in: database) ? 1 : 0) }
            }
        }
        outcome.unreadable += reader.unreadable
        return count
    }
}
