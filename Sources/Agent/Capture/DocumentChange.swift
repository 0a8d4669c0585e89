import DeviceFormats
import Foundation
import GRDB
import Shared
import Sync

/// All that one decoded document changes in the store, encoded and sealed ahead of the transaction.
struct DocumentChange: Sendable {
    let operations: [NewOperation]
    let readings: [SealedReading]
    let outcome: DocumentDecoding.Outcome

    private let document: StoredDocument
    private let format: String?
    private let decoderVersion: Int?

    /// A reading's row, ready to be written.
    struct SealedReading: Sendable {
        let id: Identifier
        let revision: Int
        let body: [UInt8]
        let now: Instant

        func store(in database: Database) throws {
            try ReadingStore.put(
                id,
                revision: revision,
                sealedBody: body,
                at: now,
                in: database
            )
        }
    }

    /// Encodes the facts of `document` and of the readings that it gave.
    ///
    /// Errors: `SealingError`, `EncodingError`.
    init(
        document: StoredDocument,
        bytes: [UInt8],
        result: Result<DecodedDocument, DocumentFailure>,
        drafts: [ReadingDraft],
        workstation: String,
        sealer: Sealer,
        clock: WallClock
    ) throws {
        self.document = document
        let decoded = try? result.get()
        format = decoded?.format
        decoderVersion = decoded?.decoderVersion
        var failure: DocumentFailure?
        if case .failure(let reason) = result { failure = reason }
        outcome = failure.map { .quarantined($0) } ?? .decoded(readings: drafts.count)

        let fact = DocumentFact(document, decoded: decoded, failure: failure, bytes: bytes)
        var operations = [
            NewOperation(
                id: clock.identifier(),
                kind: DocumentFact.kind,
                version: DocumentFact.version,
                payload: try JSON.encode(fact)
            )
        ]
        var readings: [SealedReading] = []
        let now = clock.now()
        for draft in drafts {
            let fact = ReadingFact(
                id: draft.id,
                revision: draft.revision,
                reading: draft.reading,
                decoderVersion: decoded?.decoderVersion ?? 0,
                source: document.source,
                workstation: workstation,
                capturedAt: document.capturedAt
            )
            operations.append(
                NewOperation(
                    id: clock.identifier(),
                    kind: ReadingFact.kind,
                    version: ReadingFact.version,
                    payload: try JSON.encode(fact)
                )
            )
            let place = Sealer.Place.body(of: draft.id, revision: draft.revision)
            let body = try sealer.seal(try JSON.encode(draft.reading), at: place)
            readings.append(
                SealedReading(id: draft.id, revision: draft.revision, body: body, now: now)
            )
        }
        self.operations = operations
        self.readings = readings
    }

    /// Moves the document to its new state; false where it has left the one that this change began
    /// from.
    func claim(in database: Database) throws -> Bool {
        var failure: DocumentFailure?
        var state = StoredDocument.State.decoded
        if case .quarantined(let reason) = outcome { (failure, state) = (reason, .quarantined) }
        try database.cachedStatement(
            sql: """
                UPDATE document SET state = ?, format = ?, decoder_version = ?, failure_code = ?,
                    failure_detail = ?, failure_at = ?, operation = ?
                WHERE number = ? AND state = ?
                """
        ).execute(arguments: [
            state.rawValue, format, decoderVersion, failure?.code.rawValue, failure?.detail,
            failure?.at, operations.first?.id, document.number, document.state.rawValue,
        ])
        return database.changesCount == 1
    }
}

extension DocumentFact {
    fileprivate init(
        _ document: StoredDocument,
        decoded: DecodedDocument?,
        failure: DocumentFailure?,
        bytes: [UInt8]
    ) {
        let isInline = !document.isPartial && bytes.count <= Self.inlineBytes
        self.init(
            sha256: document.sha256,
            bytes: Int(document.byteCount),
            name: document.name,
            format: decoded?.format,
            decoderVersion: decoded?.decoderVersion,
            source: document.source,
            capturedAt: document.capturedAt,
            modifiedAt: document.modifiedAt,
            failure: failure,
            content: isInline ? Data(bytes).base64EncodedString() : nil,
            isPartial: document.isPartial
        )
    }
}
