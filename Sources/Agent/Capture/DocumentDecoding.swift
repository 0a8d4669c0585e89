import DeviceFormats
import GRDB
package import Shared

/// Turns captured bytes into readings and into the operations that tell the Hub: the second of the
/// two transactions of a capture.
///
/// A document that was captured and not decoded, because the process ended in between, is given
/// here again at the next start.
package struct DocumentDecoding: Sendable {
    private let store: AgentStore
    private let outbox: Outbox
    private let readings: ReadingStore
    private let workstation: String
    private let clocks: [String: DeviceClock]
    private let settings: DeviceSettingsLookup?
    private let workbench = Workbench()
    /// Who works on which bytes, over all sources.
    let turns = Turns()

    /// How often a change that met another one is prepared again.
    private static let maximumAttempts = 64

    /// What became of a document.
    package enum Outcome: Equatable, Sendable {
        case decoded(readings: Int)
        case quarantined(DocumentFailure)
        /// Someone else has decoded it in the meantime.
        case alreadyDone
    }

    package init(
        store: AgentStore,
        outbox: Outbox,
        workstation: String,
        sources: [SourceConfiguration],
        settings: DeviceSettingsLookup? = nil
    ) {
        self.store = store
        self.outbox = outbox
        self.settings = settings
        self.workstation = workstation
        readings = ReadingStore(store)
        clocks = sources.reduce(into: [:]) { $0[$1.name] = DeviceClock(zone: $1.timeZone) }
    }

    /// Decodes a document and stores what it gives, in one transaction with its operations.
    ///
    /// Errors: `StoreError`, `SealingError`.
    package func decode(_ document: StoredDocument, bytes: [UInt8]) async throws -> Outcome {
        try await decode(Job(document: document, seen: document, bytes: bytes, file: nil))
    }

    /// Decodes bytes that are known, as they stand under the name of another file, and notes that
    /// this was taken too.
    ///
    /// Errors: `StoreError`, `SealingError`.
    package func decode(
        _ document: StoredDocument,
        seenAs file: CapturedFile
    ) async throws -> Outcome {
        var seen = document
        seen.source = file.source
        seen.name = file.name
        return try await decode(
            Job(document: document, seen: seen, bytes: file.bytes, file: file)
        )
    }

    /// One decoding in hand.
    struct Job: Sendable {
        /// The document as the store has it.
        let document: StoredDocument
        /// The same under the file's own name and source.
        let seen: StoredDocument
        let bytes: [UInt8]
        /// The file, where the document was stored before.
        let file: CapturedFile?

        /// False for a copy of a document that has its state and its operation already.
        func settlesDocument(isDecoded: Bool) -> Bool {
            file == nil || document.state == .quarantined && isDecoded
        }
    }

    private func decode(_ job: Job) async throws -> Outcome {
        let accepts =
            try await settings?.acceptsUnterminatedLines(source: job.seen.source) ?? false
        let result = await workbench.run {
            Self.decode(job.seen, job.bytes, acceptsUnterminatedLine: accepts)
        }
        var attempts = 0
        while true {
            do {
                return try await finish(job, result)
            } catch is StaleRevision where attempts < Self.maximumAttempts {
                attempts += 1
            }
        }
    }

    private static func decode(
        _ document: StoredDocument,
        _ bytes: [UInt8],
        acceptsUnterminatedLine: Bool
    ) -> Result<DecodedDocument, DocumentFailure> {
        guard !document.isPartial else {
            return .failure(
                DocumentFailure(
                    .tooLarge,
                    "The file is larger than a document may be; its beginning is kept, and the "
                        + "file was left where it is."
                )
            )
        }
        let input = DeviceDocument(
            bytes: bytes,
            name: document.fileName,
            folders: document.folders,
            acceptsUnterminatedLine: acceptsUnterminatedLine
        )
        do throws(DocumentFailure) {
            let decoded = try DeviceFormats.decode(input)
            guard decoded.readings.count <= Limits.readingsPerDocument else {
                throw DocumentFailure(.tooLarge, "The document holds more readings than one may.")
            }
            return .success(decoded)
        } catch {
            return .failure(error)
        }
    }

    private func finish(
        _ job: Job,
        _ result: Result<DecodedDocument, DocumentFailure>
    ) async throws -> Outcome {
        let drafts: [IdentifiedReading]
        switch result {
        case .success(let decoded): drafts = try await draft(decoded, job)
        case .failure(let failure) where job.file == nil && failure == job.document.failure:
            return .quarantined(failure)
        case .failure: drafts = []
        }
        let change = try await prepare(job, result, drafts)
        return try await store.write { [outbox] database in
            guard try change.claim(in: database) else { return .alreadyDone }
            for reading in change.readings { try reading.store(in: database) }
            try outbox.append(change.operations, in: database)
            return change.outcome
        }
    }

    /// Gives each reading its identifier and revision, joined with the eye that is there already.
    private func draft(_ decoded: DecodedDocument, _ job: Job) async throws -> [IdentifiedReading] {
        let told = try await told(of: job)
        var drafting = ReadingDrafting(
            document: DocumentOrigin(
                sha256: job.seen.sha256,
                source: job.seen.source,
                name: job.seen.name,
                capturedAt: job.seen.capturedAt
            ),
            clock: clocks[job.seen.source],
            told: told
        )
        for (index, item) in decoded.readings.enumerated() {
            // What no other file shares is looked up only where these bytes were decoded before.
            let isShared = item.pairing != nil || job.file != nil
            try await drafting.add(item, index: index) { id in
                isShared ? try await readings.reading(id) : nil
            }
        }
        return drafting.drafts
    }

    /// What the store has of the same bytes: nothing yet, where they are decoded the first time.
    private func told(of job: Job) async throws -> ReadingDrafting.Told {
        guard job.file != nil else { return ReadingDrafting.Told() }
        let earlier = try await readings.readings(of: job.document.sha256)
        return ReadingDrafting.Told(
            readings: earlier.readings,
            emptied: earlier.emptied,
            isFirstPath: job.seen == job.document
        )
    }

    private func prepare(
        _ job: Job,
        _ result: Result<DecodedDocument, DocumentFailure>,
        _ drafts: [IdentifiedReading]
    ) async throws -> DocumentChange {
        let (store, workstation) = (store, workstation)
        return try await workbench.run {
            try DocumentChange(
                job: job,
                result: result,
                drafts: drafts,
                workstation: workstation,
                sealer: store.sealer,
                clock: store.clock
            )
        }
    }
}
