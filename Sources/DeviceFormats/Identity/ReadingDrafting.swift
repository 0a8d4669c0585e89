package import Shared

/// A reading with the identifier and revision that it is to be stored under.
package struct IdentifiedReading: Equatable, Sendable {
    package var id: Identifier
    /// One more than the stored revision, or 1.
    package var revision: Int
    package var reading: Reading
}

/// A reading that was stored before; its body is nil once retention has removed it.
package struct EarlierReading: Equatable, Sendable {
    package var revision: Int
    package var reading: Reading?

    /// Takes the parts as they are.
    package init(revision: Int, reading: Reading?) {
        self.revision = revision
        self.reading = reading
    }
}

/// What names the readings of a document: its bytes, and where its file stood.
package struct DocumentOrigin: Equatable, Sendable {
    package var sha256: Digest256
    /// The source's configured name on the Agent.
    package var source: String
    /// The path below the source's root.
    package var name: String
    /// The Agent's clock when the document was taken.
    package var capturedAt: Instant

    /// Takes the parts as they are.
    package init(sha256: Digest256, source: String, name: String, capturedAt: Instant) {
        self.sha256 = sha256
        self.source = source
        self.name = name
        self.capturedAt = capturedAt
    }

    /// The file's own name.
    package var fileName: String { name.split(separator: "/").last.map(String.init) ?? name }

    /// The folders below the source's root that enclose the file, the outermost first.
    package var folders: [String] { name.split(separator: "/").dropLast().map(String.init) }
}

/// Decides for the readings of one file which of them are new, which complete another file's
/// reading, and which were told before.
///
/// The Agent and the Hub decide with it, so that the same bytes give the same identifiers whoever
/// decodes them.
package struct ReadingDrafting: Sendable {
    private let document: DocumentOrigin
    private let clock: DeviceClock?
    private let told: Told
    package private(set) var drafts: [IdentifiedReading] = []

    /// What the store has of the same bytes, from this or another file.
    package struct Told: Sendable {
        package var readings: [Reading]
        /// Readings whose values retention has removed.
        package var emptied: Int
        /// True where these bytes have given no reading yet.
        package var isNothing: Bool { readings.isEmpty && emptied == 0 }
        /// True where the file is the one that the document was first taken from.
        package var isFirstPath: Bool

        /// Takes the parts as they are; nothing was told where there are none.
        package init(readings: [Reading] = [], emptied: Int = 0, isFirstPath: Bool = true) {
            self.readings = readings
            self.emptied = emptied
            self.isFirstPath = isFirstPath
        }
    }

    /// Looks an earlier reading up.
    package typealias Lookup = (Identifier) async throws -> EarlierReading?

    /// `clock` judges the device's time; nil where the source is not configured any more.
    package init(document: DocumentOrigin, clock: DeviceClock?, told: Told) {
        self.document = document
        self.clock = clock
        self.told = told
    }

    /// Adds a reading, or nothing where the reading was told before.
    package mutating func add(
        _ item: DecodedReading,
        index: Int,
        _ stored: Lookup
    ) async throws {
        if item.reading.namesItsAct, wasTold(item.reading) { return }
        if let pairing = item.pairing {
            let id = identifier(of: pairing)
            if try await join(item.reading, id, stored) { return }
        }
        try await addAlone(item.reading, index, stored)
    }

    private func wasTold(_ reading: Reading) -> Bool {
        told.emptied > 0 || told.readings.contains { $0.tells(reading) }
    }

    /// False where the reading must not be joined with what is there.
    private mutating func join(
        _ reading: Reading,
        _ id: Identifier,
        _ stored: Lookup
    ) async throws -> Bool {
        if let position = drafts.firstIndex(where: { $0.id == id }) {
            guard let joined = DeviceFormats.joined(drafts[position].reading, with: reading) else {
                return false
            }
            drafts[position].reading = judged(joined)
            return true
        }
        guard let earlier = try await stored(id) else {
            drafts.append(IdentifiedReading(id: id, revision: 1, reading: judged(reading)))
            return true
        }
        guard let body = earlier.reading,
            let joined = DeviceFormats.joined(body, with: reading).map(judged)
        else { return false }
        if joined != body {
            drafts.append(
                IdentifiedReading(id: id, revision: earlier.revision + 1, reading: joined)
            )
        }
        return true
    }

    /// A reading of its own: named by its bytes, and by its path too where the bytes came first
    /// under another one.
    private mutating func addAlone(
        _ reading: Reading,
        _ index: Int,
        _ stored: Lookup
    ) async throws {
        let bytes = [document.sha256.bytes, Array(String(index).utf8)]
        let path = [Array(document.source.utf8), Array(document.name.utf8)]
        let id = Identifier(derivedFrom: told.isFirstPath ? bytes : bytes + path)
        // Every stored reading is known by its bytes: where none is, there is nothing to look up.
        let earlier = told.isNothing && told.isFirstPath ? nil : try await stored(id)
        if let earlier, earlier.reading?.tells(reading) != false { return }
        drafts.append(
            IdentifiedReading(
                id: id,
                revision: (earlier?.revision ?? 0) + 1,
                reading: judged(reading)
            )
        )
    }

    private func judged(_ reading: Reading) -> Reading {
        clock?.judge(reading, capturedAt: document.capturedAt) ?? reading
    }

    private func identifier(of pairing: ReadingPairing) -> Identifier {
        Identifier(
            derivedFrom: [
                document.source, pairing.folder, pairing.exam, String(pairing.number),
                pairing.kind.rawValue,
            ].map { Array($0.utf8) }
        )
    }
}

extension Reading {
    /// True where the content says whose act it was and when: the same content is then the same
    /// act wherever it lies.
    fileprivate var namesItsAct: Bool {
        let names = [patient.number, patient.familyName, patient.givenName]
        return measuredAt != nil && names.contains { $0?.isEmpty == false }
    }

    /// True where this reading says all that `other` says.
    fileprivate func tells(_ other: Reading) -> Bool {
        kind == other.kind && label == other.label && Set(values).isSuperset(of: other.values)
    }
}
