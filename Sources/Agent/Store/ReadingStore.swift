package import DeviceFormats
import Foundation
import GRDB
package import Shared
import Sync

/// The readings of the store, so that a second eye's file completes what the first one began.
package struct ReadingStore: Sendable {
    private let store: AgentStore

    package init(_ store: AgentStore) {
        self.store = store
    }

    /// The reading `id`; nil where there is none.
    ///
    /// Errors: `StoreError`, `SealingError.damaged`.
    package func reading(_ id: Identifier) async throws -> EarlierReading? {
        let stored = try await store.read { database -> (revision: Int, sealed: Data?)? in
            try Row.fetchOne(
                database.cachedStatement(
                    sql: "SELECT revision, sealed_body FROM reading WHERE id = ?"
                ),
                arguments: [id]
            ).map { ($0["revision"], $0["sealed_body"]) }
        }
        guard let (revision, sealed) = stored else { return nil }
        let reading = try sealed.map { sealed in
            let body = try store.sealer.open(sealed, at: .body(of: id, revision: revision))
            return try JSON.decode(ReadingFact.self, from: body).reading
        }
        return EarlierReading(revision: revision, reading: reading)
    }

    /// The readings that were made of these bytes, without those that retention has emptied.
    ///
    /// `emptied` tells how many of those there are.
    /// Errors: `StoreError`, `SealingError.damaged`.
    package func readings(
        of sha256: Digest256
    ) async throws -> (readings: [Reading], emptied: Int) {
        let ids = try await store.read { database in
            try Identifier.fetchAll(
                database.cachedStatement(
                    sql: "SELECT reading FROM reading_document WHERE sha256 = ?"
                ),
                arguments: [sha256]
            )
        }
        var (readings, emptied) = ([Reading](), 0)
        for id in ids {
            guard let stored = try await reading(id) else { continue }
            if let reading = stored.reading { readings.append(reading) } else { emptied += 1 }
        }
        return (readings, emptied)
    }

    /// Writes revision `revision` of a reading that was made of `documents`; the body is its fact.
    ///
    /// Errors: `StaleRevision` where the stored one is not the one before.
    static func put(
        _ id: Identifier,
        revision: Int,
        sealedBody: [UInt8],
        documents: [Digest256],
        at now: Instant,
        in database: Database
    ) throws {
        let current = try Int.fetchOne(
            database.cachedStatement(sql: "SELECT revision FROM reading WHERE id = ?"),
            arguments: [id]
        )
        guard revision == (current ?? 0) + 1 else { throw StaleRevision() }
        try database.cachedStatement(
            sql: """
                INSERT INTO reading (id, revision, changed_at, sealed_body) VALUES (?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET revision = excluded.revision,
                    changed_at = excluded.changed_at, sealed_body = excluded.sealed_body
                """
        ).execute(arguments: [id, revision, now, Data(sealedBody)])
        let link = try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO reading_document (sha256, reading) VALUES (?, ?)"
        )
        for sha256 in documents { try link.execute(arguments: [sha256, id]) }
    }
}

/// Another file changed the reading in the meantime: prepare the change again.
struct StaleRevision: Error {}

extension Sealer.Place {
    /// The revision is a part of the place: an older body does not open as a newer one.
    static func body(of id: Identifier, revision: Int) -> Self {
        Self(
            "reading",
            "sealed_body",
            row: id.bytes + withUnsafeBytes(of: Int64(revision).bigEndian) { Array($0) }
        )
    }
}
