import DeviceFormats
import Postgres
import Shared
import Sync

/// Decodes a stored document again with the decoders of this Hub: shown first, then taken.
struct Redecoding: Sendable {
    let database: PostgresClient
    let ring: SealingRing
    let clock: WallClock

    /// What a document gives now.
    struct Preview: Sendable {
        let format: String
        let decoderVersion: Int
        /// What would be stored; what was told before is not among it.
        let facts: [ReadingFact]
        /// How many readings the document holds that are stored already.
        let known: Int
        /// Stands for all of it: what is taken is what was shown.
        let digest: Digest256
    }

    /// Someone has changed what the document gives since it was shown.
    struct Changed: Error {}

    /// What it would give; nothing is stored.
    ///
    /// Throws `PageError.notFound`, `DocumentFailure`.
    func preview(_ digest: Digest256, site: Site) async throws -> Preview {
        let subject = try await subject(digest, site)
        let decoded = try Self.decode(subject)
        return try await database.withConnection { connection in
            try await Self.preview(subject, decoded, site, connection)
        }
    }

    /// Stores what was shown as `shown`, in one transaction; answers how many readings that were.
    ///
    /// Throws `PageError.notFound`, `DocumentFailure`, `Changed`.
    func take(
        _ digest: Digest256,
        site: Site,
        shown: Digest256,
        by account: Identifier
    ) async throws -> Int {
        let subject = try await subject(digest, site)
        let decoded = try Self.decode(subject)
        return try await database.withTransaction { connection in
            // The agent's row stands before its documents', as in the intake of a push.
            let rows = try await connection.query(
                "SELECT epoch FROM agent WHERE id = \(subject.agent.id) FOR UPDATE"
            )
            guard let epoch = try rows.first?.decode("epoch", as: Int.self) else {
                throw PageError.notFound
            }
            let preview = try await Self.preview(subject, decoded, site, connection)
            guard preview.digest == shown else { throw Changed() }
            let projection = Projection(
                connection: connection,
                agent: subject.agent,
                epoch: epoch,
                ring: ring,
                clock: clock
            )
            try await projection.store(preview.facts, takenBy: account)
            try await connection.execute(
                """
                UPDATE document SET format = \(preview.format),
                    decoder_version = \(preview.decoderVersion), failure_code = NULL,
                    failure_detail = NULL, failure_at = NULL, dismissed = false
                WHERE site_id = \(site.id) AND sha256 = \(digest)
                """
            )
            let before = subject.failure.map { "it was \($0.rawValue) before, " } ?? ""
            try await DecisionStore.note(
                "taken",
                digest,
                site: site.id,
                reason: "\(before)\(preview.facts.count) readings by \(preview.format), decoder "
                    + "\(preview.decoderVersion)",
                by: account,
                at: clock.now(),
                in: connection
            )
            return preview.facts.count
        }
    }

    /// A document with all that its readings depend on.
    private struct Subject {
        let agent: EnrolledAgent
        let origin: DocumentOrigin
        let bytes: [UInt8]
        let isPartial: Bool
        let failure: DocumentFailure.Code?
        let acceptsUnterminatedLine: Bool
    }

    private func subject(_ digest: Digest256, _ site: Site) async throws -> Subject {
        let rows = try await database.query(
            """
            SELECT document.agent_id, agent.workstation, document.source, document.name,
                document.captured_at, document.content, document.partial, document.failure_code,
                coalesce(verified.accepts_unterminated, false) AS accepts_unterminated
            FROM document JOIN agent ON agent.id = document.agent_id
            LEFT JOIN verified_setting AS verified
                ON verified.agent_id = document.agent_id AND verified.source = document.source
            WHERE document.site_id = \(site.id) AND document.sha256 = \(digest)
            """
        )
        guard let row = rows.first else { throw PageError.notFound }
        return Subject(
            agent: EnrolledAgent(
                id: try row.decode("agent_id"),
                site: site.id,
                workstation: try row.decode("workstation"),
                isRevoked: false
            ),
            origin: DocumentOrigin(
                sha256: digest,
                source: try row.decode("source"),
                name: try row.decode("name"),
                capturedAt: try row.decode("captured_at")
            ),
            bytes: try row.decode("content"),
            isPartial: try row.decode("partial"),
            failure: try row.decode("failure_code", as: String?.self)
                .map { DocumentFailure.Code(rawValue: $0) },
            acceptsUnterminatedLine: try row.decode("accepts_unterminated")
        )
    }

    private static func decode(_ subject: Subject) throws(DocumentFailure) -> DecodedDocument {
        guard !subject.isPartial else {
            throw DocumentFailure(.tooLarge, "Only the beginning of the file was kept.")
        }
        return try DeviceFormats.decode(
            DeviceDocument(
                bytes: subject.bytes,
                name: subject.origin.fileName,
                folders: subject.origin.folders,
                acceptsUnterminatedLine: subject.acceptsUnterminatedLine
            )
        )
    }

    private static func preview(
        _ subject: Subject,
        _ decoded: DecodedDocument,
        _ site: Site,
        _ connection: PostgresConnection
    ) async throws -> Preview {
        var drafting = ReadingDrafting(
            document: subject.origin,
            clock: DeviceClock(zone: site.zone),
            told: ReadingDrafting.Told(
                readings: try await told(subject.origin.sha256, site, connection)
            )
        )
        for (index, item) in decoded.readings.enumerated() {
            try await drafting.add(item, index: index) { id in
                try await earlier(id, site, connection)
            }
        }
        let facts = drafting.drafts.map { draft in
            ReadingFact(
                id: draft.id,
                revision: draft.revision,
                reading: draft.reading,
                decoderVersion: decoded.decoderVersion,
                source: subject.origin.source,
                workstation: subject.agent.workstation,
                capturedAt: subject.origin.capturedAt
            )
        }
        return Preview(
            format: decoded.format,
            decoderVersion: decoded.decoderVersion,
            facts: facts,
            known: decoded.readings.count - facts.count,
            digest: Digest256(of: facts.flatMap(\.payload) + Array(decoded.format.utf8))
        )
    }

    private static func told(
        _ digest: Digest256,
        _ site: Site,
        _ connection: PostgresConnection
    ) async throws -> [Reading] {
        let rows = try await connection.query(
            """
            SELECT \(ReadingRecord.body)::text AS body FROM reading_document
            JOIN reading ON reading.site_id = reading_document.site_id
                AND reading.id = reading_document.reading_id
            WHERE reading_document.site_id = \(site.id) AND reading_document.sha256 = \(digest)
            """
        )
        return try rows.map(reading)
    }

    private static func earlier(
        _ id: Identifier,
        _ site: Site,
        _ connection: PostgresConnection
    ) async throws -> EarlierReading? {
        let rows = try await connection.query(
            """
            SELECT revision, \(ReadingRecord.body)::text AS body FROM reading
            WHERE site_id = \(site.id) AND id = \(id)
            """
        )
        return try rows.first.map {
            EarlierReading(revision: try $0.decode("revision"), reading: try reading($0))
        }
    }

    private static func reading(_ row: PostgresRow) throws -> Reading {
        try JSON.decode(Reading.self, from: Array(row.decode("body", as: String.self).utf8))
    }
}
