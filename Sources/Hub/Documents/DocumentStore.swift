import Postgres
import Shared

/// Reads documents for pages.
struct DocumentStore: Sendable {
    let database: PostgresClient

    /// Where a page of failures ends.
    struct Cursor: Sendable, Equatable {
        let receivedAt: Instant
        let sha256: Digest256

        init(_ record: DocumentRecord) {
            receivedAt = record.receivedAt
            sha256 = record.sha256
        }

        /// Reads `1795601677218-<64 digits>`; nil for any other text.
        init?(_ text: String) {
            let parts = text.split(separator: "-", maxSplits: 1)
            guard parts.count == 2, let milliseconds = Int64(parts[0]),
                (0...253_402_300_799_999).contains(milliseconds),
                let sha256 = Digest256(hexadecimal: parts[1])
            else { return nil }
            receivedAt = Instant(milliseconds: milliseconds)
            self.sha256 = sha256
        }

        var text: String { "\(receivedAt.milliseconds)-\(sha256.hexadecimal)" }
    }

    /// The documents with these digests, in their order.
    func records(_ digests: [Digest256], site: Identifier) async throws -> [DocumentRecord] {
        guard !digests.isEmpty else { return [] }
        let rows = try await database.query(
            """
            SELECT \(DocumentRecord.columns)
            FROM document JOIN agent ON agent.id = document.agent_id
            WHERE document.site_id = \(site)
              AND document.sha256 = ANY(\(digests.map(\.bytes))::bytea[])
            """
        )
        let records = try rows.map(DocumentRecord.init)
        return digests.compactMap { digest in records.first { $0.sha256 == digest } }
    }

    /// How many documents that gave no reading the filter shows, beside those of a page.
    func countFailures(site: Identifier, _ filter: DocumentFilter) async throws -> Int {
        let rows = try await database.query(
            """
            SELECT count(*) AS count FROM document
            WHERE site_id = \(site) AND \(filter.condition)
            """
        )
        return try rows.first?.decode("count") ?? 0
    }

    /// The newest documents that a patient's readings at the site were read from.
    func records(
        of patient: Identifier,
        site: Identifier,
        limit: Int
    ) async throws -> [DocumentRecord] {
        let rows = try await database.query(
            """
            SELECT \(DocumentRecord.columns)
            FROM document JOIN agent ON agent.id = document.agent_id
            WHERE document.site_id = \(site) AND document.sha256 IN (
                SELECT link.sha256 FROM reading_document AS link
                JOIN reading_match AS match ON match.site_id = link.site_id
                    AND match.reading_id = link.reading_id
                WHERE link.site_id = \(site)
                    AND match.patient_id IN (SELECT patient_records(\(patient))))
            ORDER BY document.captured_at DESC, document.sha256 LIMIT \(limit)
            """
        )
        return try rows.map(DocumentRecord.init)
    }

    /// The documents that gave no reading, newest first, from behind `cursor`.
    func failures(
        site: Identifier,
        _ filter: DocumentFilter = DocumentFilter(),
        after cursor: Cursor?,
        limit: Int
    ) async throws -> [DocumentRecord] {
        // A cursor holds milliseconds, so the order goes by them too.
        let bound: PostgresQuery =
            if let cursor {
                """
                AND (date_trunc('milliseconds', document.received_at), document.sha256)
                    < (\(cursor.receivedAt)::timestamptz, \(cursor.sha256)::bytea)
                """
            } else { "" }
        let rows = try await database.query(
            """
            SELECT \(DocumentRecord.columns)
            FROM document JOIN agent ON agent.id = document.agent_id
            WHERE document.site_id = \(site) AND \(filter.condition) \(bound)
            ORDER BY date_trunc('milliseconds', document.received_at) DESC, document.sha256 DESC
            LIMIT \(limit)
            """
        )
        return try rows.map(DocumentRecord.init)
    }

    /// The name and the bytes; nil where the site has no such document.
    func content(
        _ digest: Digest256,
        site: Identifier
    ) async throws -> (name: String, bytes: [UInt8])? {
        let rows = try await database.query(
            "SELECT name, content FROM document WHERE site_id = \(site) AND sha256 = \(digest)"
        )
        return try rows.first.map { row in
            (try row.decode("name"), try row.decode("content"))
        }
    }

    /// The readings that a document gave.
    func readings(
        of digest: Digest256,
        site: Identifier
    ) async throws -> [(kind: ReadingKind, label: String, id: Identifier)] {
        let rows = try await database.query(
            """
            SELECT reading.kind, reading.label, reading.id FROM reading_document
            JOIN reading ON reading.site_id = reading_document.site_id
                AND reading.id = reading_document.reading_id
            WHERE reading_document.site_id = \(site) AND reading_document.sha256 = \(digest)
            ORDER BY reading.position LIMIT \(Limits.readingsPerDocument)
            """
        )
        return try rows.map { row in
            (
                ReadingKind(rawValue: try row.decode("kind")), try row.decode("label"),
                try row.decode("id")
            )
        }
    }
}
