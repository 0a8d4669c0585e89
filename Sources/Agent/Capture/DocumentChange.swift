import DeviceFormats
import Foundation
import GRDB
import Shared
import Sync

/// All that one decoded document changes in the store, encoded and sealed ahead of the transaction.
struct DocumentChange: Sendable {
    private(set) var operations: [NewOperation] = []
    private(set) var readings: [SealedReading] = []
    let outcome: DocumentDecoding.Outcome

    private let job: DocumentDecoding.Job
    private let format: String?
    private let decoderVersion: Int?
    /// The operation that carries the document itself; nil where that is settled.
    private var documentOperation: Identifier?

    /// A reading's row, ready to be written.
    struct SealedReading: Sendable {
        let id: Identifier
        let revision: Int
        let body: [UInt8]
        let documents: [Digest256]
        let now: Instant

        func store(in database: Database) throws {
            try ReadingStore.put(
                id,
                revision: revision,
                sealedBody: body,
                documents: documents,
                at: now,
                in: database
            )
        }
    }

    /// Encodes the facts of a document and of the readings that it gave.
    ///
    /// Errors: `SealingError`.
    init(
        job: DocumentDecoding.Job,
        result: Result<DecodedDocument, DocumentFailure>,
        drafts: [IdentifiedReading],
        workstation: String,
        sealer: Sealer,
        clock: WallClock
    ) throws {
        self.job = job
        let decoded = try? result.get()
        format = decoded?.format
        decoderVersion = decoded?.decoderVersion
        var failure: DocumentFailure?
        if case .failure(let reason) = result { failure = reason }
        outcome = failure.map { .quarantined($0) } ?? .decoded(readings: drafts.count)
        if job.settlesDocument(isDecoded: failure == nil) {
            let fact = DocumentFact(
                job.seen,
                decoded: decoded,
                failure: failure,
                bytes: job.bytes
            )
            documentOperation = append(
                fact.payload,
                DocumentFact.kind,
                DocumentFact.version,
                clock
            )
        }
        for draft in drafts {
            let fact = ReadingFact(
                id: draft.id,
                revision: draft.revision,
                reading: draft.reading,
                decoderVersion: decoded?.decoderVersion ?? 0,
                source: job.seen.source,
                workstation: workstation,
                capturedAt: job.document.capturedAt
            )
            let payload = fact.payload
            append(payload, ReadingFact.kind, ReadingFact.version, clock)
            let place = Sealer.Place.body(of: draft.id, revision: draft.revision)
            readings.append(
                SealedReading(
                    id: draft.id,
                    revision: draft.revision,
                    body: try sealer.seal(payload, at: place),
                    documents: draft.reading.documents.map(\.sha256),
                    now: clock.now()
                )
            )
        }
    }

    /// Notes the file, and moves the document to its new state where this change does that.
    ///
    /// False, and nothing written, where the document has left the state that this change began
    /// from.
    func claim(in database: Database) throws -> Bool {
        if documentOperation != nil, try !moveDocument(in: database) { return false }
        if let file = job.file {
            try SightingStore.record(file, document: job.document.number, in: database)
        }
        return true
    }

    private func moveDocument(in database: Database) throws -> Bool {
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
            failure?.at, documentOperation, job.document.number, job.document.state.rawValue,
        ])
        return database.changesCount == 1
    }

    @discardableResult
    private mutating func append(
        _ payload: [UInt8],
        _ kind: String,
        _ version: Int,
        _ clock: WallClock
    ) -> Identifier {
        let id = clock.identifier()
        operations.append(NewOperation(id: id, kind: kind, version: version, payload: payload))
        return id
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
