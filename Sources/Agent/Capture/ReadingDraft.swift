import DeviceFormats
import Shared

/// A reading with the identifier and revision that it is to be stored under.
struct ReadingDraft: Sendable {
    var id: Identifier
    /// One more than the stored revision, or 1.
    var revision: Int
    var reading: Reading
}

/// Decides for the readings of one document which of them complete another document's reading.
struct ReadingDrafting: Sendable {
    private let document: StoredDocument
    private let clock: DeviceClock?
    private(set) var drafts: [ReadingDraft] = []

    /// `clock` judges the device's time; nil where the source is not configured any more.
    init(document: StoredDocument, clock: DeviceClock?) {
        self.document = document
        self.clock = clock
    }

    /// Adds a draft, or nothing where the very same reading is stored already.
    ///
    /// `stored` looks an earlier reading up. A reading that names a pair and must not be joined
    /// with what is stored for it stays a reading of its own.
    mutating func add(
        _ item: DecodedReading,
        index: Int,
        stored: (Identifier) async throws -> ReadingStore.Stored?
    ) async throws {
        if let pairing = item.pairing {
            let id = Self.identifier(of: pairing, source: document.source)
            if try await join(item.reading, id, stored) { return }
        }
        let id = Identifier(derivedFrom: [document.sha256.bytes, Array(String(index).utf8)])
        let earlier = try await stored(id)
        let reading = judged(item.reading)
        guard earlier == nil || earlier?.reading != reading else { return }
        drafts.append(
            ReadingDraft(id: id, revision: (earlier?.revision ?? 0) + 1, reading: reading)
        )
    }

    private func judged(_ reading: Reading) -> Reading {
        clock?.judge(reading, capturedAt: document.capturedAt) ?? reading
    }

    /// False where the reading must not be joined with what is there.
    private mutating func join(
        _ reading: Reading,
        _ id: Identifier,
        _ stored: (Identifier) async throws -> ReadingStore.Stored?
    ) async throws -> Bool {
        if let position = drafts.firstIndex(where: { $0.id == id }) {
            guard let joined = DeviceFormats.joined(drafts[position].reading, with: reading) else {
                return false
            }
            drafts[position].reading = judged(joined)
            return true
        }
        guard let earlier = try await stored(id) else {
            drafts.append(ReadingDraft(id: id, revision: 1, reading: judged(reading)))
            return true
        }
        guard let body = earlier.reading,
            let joined = DeviceFormats.joined(body, with: reading).map(judged)
        else { return false }
        if joined != body {
            drafts.append(ReadingDraft(id: id, revision: earlier.revision + 1, reading: joined))
        }
        return true
    }

    private static func identifier(of pairing: ReadingPairing, source: String) -> Identifier {
        Identifier(
            derivedFrom: [
                source, pairing.folder, pairing.exam, String(pairing.number),
                pairing.kind.rawValue,
            ].map { Array($0.utf8) }
        )
    }
}
