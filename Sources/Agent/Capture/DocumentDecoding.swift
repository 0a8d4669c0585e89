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
    private let workbench = Workbench()

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
        sources: [SourceConfiguration]
    ) {
        self.store = store
        self.outbox = outbox
        self.workstation = workstation
        readings = ReadingStore(store)
        clocks = sources.reduce(into: [:]) { $0[$1.name] = DeviceClock(zone: $1.timeZone) }
    }

    /// Decodes `bytes` and stores what they give, in one transaction with its operations.
    ///
    /// Errors: `StoreError`, `SealingError`.
    package func decode(_ document: StoredDocument, bytes: [UInt8]) async throws -> Outcome {
        let result = await workbench.run { Self.decode(document, bytes) }
        var attempts = 0
        while true {
            do {
                return try await finish(document, bytes, result)
            } catch is StaleRevision where attempts < Self.maximumAttempts {
                attempts += 1
            }
        }
    }

    private static func decode(
        _ document: StoredDocument,
        _ bytes: [UInt8]
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
            folders: document.folders
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
        _ document: StoredDocument,
        _ bytes: [UInt8],
        _ result: Result<DecodedDocument, DocumentFailure>
    ) async throws -> Outcome {
        let drafts: [ReadingDraft]
        switch result {
        case .success(let decoded): drafts = try await draft(decoded, of: document)
        case .failure(let failure) where failure == document.failure:
            return .quarantined(failure)
        case .failure: drafts = []
        }
        let change = try await prepare(document, bytes, result, drafts)
        return try await store.write { [outbox] database in
            guard try change.claim(in: database) else { return .alreadyDone }
            for reading in change.readings { try reading.store(in: database) }
            try outbox.append(change.operations, in: database)
            return change.outcome
        }
    }

    /// Gives each reading its identifier and revision, joined with the eye that is there already.
    private func draft(
        _ decoded: DecodedDocument,
        of document: StoredDocument
    ) async throws -> [ReadingDraft] {
        var drafting = ReadingDrafting(document: document, clock: clocks[document.source])
        for (index, item) in decoded.readings.enumerated() {
            try await drafting.add(item, index: index) { try await readings.reading($0) }
        }
        return drafting.drafts
    }

    private func prepare(
        _ document: StoredDocument,
        _ bytes: [UInt8],
        _ result: Result<DecodedDocument, DocumentFailure>,
        _ drafts: [ReadingDraft]
    ) async throws -> DocumentChange {
        let (store, workstation) = (store, workstation)
        return try await workbench.run {
            try DocumentChange(
                document: document,
                bytes: bytes,
                result: result,
                drafts: drafts,
                workstation: workstation,
                sealer: store.sealer,
                clock: store.clock
            )
        }
    }
}
