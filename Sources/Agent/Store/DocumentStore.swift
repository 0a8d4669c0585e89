import Folders
import Foundation
import GRDB
package import Shared

/// The documents of the store: their bytes, and what became of them.
package struct DocumentStore: Sendable {
    private let store: AgentStore
    private var sealer: Sealer { store.sealer }

    package init(_ store: AgentStore) {
        self.store = store
    }

    /// What became of a file's bytes.
    package enum Capture: Equatable, Sendable {
        /// They are stored and are to be decoded.
        case new(StoredDocument)
        /// They were stored before.
        case known(StoredDocument)
    }

    /// Stores the bytes and that the file was seen, in one transaction.
    ///
    /// Where the bytes are known, nothing is written yet: the same bytes under another name can
    /// say something else (a Visionix file's name alone says which eye it is), and the file may
    /// only be forgotten together with that.
    /// Errors: `StoreError`, `SealingError`.
    @concurrent
    package func capture(_ file: CapturedFile) async throws -> Capture {
        let (sealer, sha256) = (sealer, Digest256(of: file.bytes))
        let content = try sealer.seal(file.bytes, at: .content(of: sha256))
        let name = try sealer.seal(Array(file.name.utf8), at: .name(of: sha256))
        let now = store.clock.now()
        return try await store.write { database in
            let known = try Row.fetchOne(
                database.cachedStatement(sql: "SELECT * FROM document WHERE sha256 = ?"),
                arguments: [sha256]
            )
            if let known { return .known(try StoredDocument(known, sealer)) }
            let modifiedAt = Instant(milliseconds: file.state.modified / 1_000_000)
            try database.cachedStatement(
                sql: """
                    INSERT INTO document (sha256, source, sealed_name, byte_count, is_partial,
                        captured_at, modified_at, state)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 'captured')
                    """
            ).execute(arguments: [
                sha256, file.source, Data(name), file.state.size, file.isPartial, now,
                modifiedAt,
            ])
            let number = database.lastInsertedRowID
            try database.cachedStatement(
                sql: "INSERT INTO content (document, sealed_bytes) VALUES (?, ?)"
            ).execute(arguments: [number, Data(content)])
            try SightingStore.record(file, document: number, in: database)
            return .new(
                StoredDocument(
                    number: number,
                    sha256: sha256,
                    source: file.source,
                    name: file.name,
                    byteCount: file.state.size,
                    isPartial: file.isPartial,
                    capturedAt: now,
                    modifiedAt: modifiedAt,
                    state: .captured,
                    failure: nil
                )
            )
        }
    }

    /// The bytes of a document; nil where it is not known or retention has removed them.
    ///
    /// Errors: `SealingError.damaged`, also where the bytes are not those of the digest.
    package func content(_ sha256: Digest256) async throws -> [UInt8]? {
        let sealed = try await store.read { database in
            try Data.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT sealed_bytes FROM content
                        JOIN document ON document.number = content.document
                        WHERE document.sha256 = ?
                        """
                ),
                arguments: [sha256]
            )
        }
        guard let sealed else { return nil }
        let bytes = try sealer.open(sealed, at: .content(of: sha256))
        guard Digest256(of: bytes) == sha256 else {
            throw SealingError.damaged(table: "content", column: "sealed_bytes")
        }
        return bytes
    }

    /// Documents in `state` behind `number`, the oldest first.
    package func documents(
        in state: StoredDocument.State,
        after number: Int64 = 0,
        limit: Int
    ) async throws -> [StoredDocument] {
        let sealer = sealer
        return try await store.read { database in
            try Row.fetchAll(
                database,
                // The state stands in the text: a partial index serves no bound one.
                sql: """
                    SELECT * FROM document WHERE state = '\(state.rawValue)' AND number > ?
                    ORDER BY number LIMIT ?
                    """,
                arguments: [number, limit]
            ).map { try StoredDocument($0, sealer) }
        }
    }

    /// The document whose digest begins with `prefix`; nil where there is none or several.
    package func document(digestPrefix prefix: String) async throws -> StoredDocument? {
        let missing = 64 - prefix.utf8.count
        guard (0...56).contains(missing),
            let first = Digest256(hexadecimal: prefix + String(repeating: "0", count: missing)),
            let last = Digest256(hexadecimal: prefix + String(repeating: "f", count: missing))
        else { return nil }
        let sealer = sealer
        return try await store.read { database in
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT * FROM document WHERE sha256 BETWEEN ? AND ? LIMIT 2",
                arguments: [first, last]
            )
            return rows.count == 1 ? try StoredDocument(rows[0], sealer) : nil
        }
    }

    /// How many documents are in `state`.
    package func count(in state: StoredDocument.State) async throws -> Int {
        try await store.read { database in
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM document WHERE state = '\(state.rawValue)'"
            ) ?? 0
        }
    }
}

extension StoredDocument {
    init(_ row: Row, _ sealer: Sealer) throws {
        let sha256: Digest256 = row["sha256"]
        let sealedName: Data = row["sealed_name"]
        let code: String? = row["failure_code"]
        self.init(
            number: row["number"],
            sha256: sha256,
            source: row["source"],
            name: String(
                decoding: try sealer.open(sealedName, at: .name(of: sha256)),
                as: UTF8.self
            ),
            byteCount: row["byte_count"],
            isPartial: row["is_partial"],
            capturedAt: row["captured_at"],
            modifiedAt: row["modified_at"],
            state: State(rawValue: row["state"]) ?? .captured,
            failure: code.map {
                DocumentFailure(
                    DocumentFailure.Code(rawValue: $0),
                    row["failure_detail"] ?? "",
                    at: row["failure_at"]
                )
            }
        )
    }
}

extension Sealer.Place {
    static func content(of sha256: Digest256) -> Self {
        Self("content", "sealed_bytes", row: sha256.bytes)
    }

    static func name(of sha256: Digest256) -> Self {
        Self("document", "sealed_name", row: sha256.bytes)
    }
}
