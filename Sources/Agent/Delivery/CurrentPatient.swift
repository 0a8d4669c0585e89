import Foundation
import GRDB
import Shared
import Sync

/// Who is at a device now, as far as anybody can tell.
protocol CurrentPatient: Sendable {
    /// The patient of `source`'s device at `now`; nil where nothing recent says.
    func patient(at source: String, now: Instant) async throws -> DevicePatient?
}

/// Answers from the newest reading of the source: the device has just written whose it is.
///
/// A phoropter writes its document at the end of an exam, so this looks back: for some minutes after
/// a document, its patient counts as still being there.
struct NewestReadingPatient: CurrentPatient {
    let store: AgentStore

    /// How long a document says who is at the device.
    static let maximumAge = Duration.seconds(180)

    func patient(at source: String, now: Instant) async throws -> DevicePatient? {
        let sealer = store.sealer
        let earliest = now.advanced(by: .zero - Self.maximumAge)
        return try await store.read { database in
            // Of every source: a stick that is being read fills these minutes, so there is no limit.
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT id, revision, sealed_body FROM reading
                    WHERE changed_at >= ? AND sealed_body IS NOT NULL
                    ORDER BY changed_at DESC
                    """,
                arguments: [earliest]
            )
            while let row = try rows.next() {
                let id: Identifier = row["id"]
                let sealed: Data = row["sealed_body"]
                let body = try sealer.open(sealed, at: .body(of: id, revision: row["revision"]))
                let fact = try JSON.decode(ReadingFact.self, from: body)
                if fact.source == source, fact.capturedAt >= earliest {
                    return fact.reading.patient
                }
            }
            return nil
        }
    }
}

extension Command.Patient {
    /// Whether this is another person than `present`: by the number where the device has one that it
    /// did not make up, else by the name; false where the device says too little.
    func differs(from present: DevicePatient) -> Bool {
        if let number = present.number?.trimmed, !number.isEmpty, !present.numberIsCounter {
            return number != self.number
        }
        if let date = present.birthDate, let birthDate, date != birthDate { return true }
        let pairs = [(present.familyName, familyName), (present.givenName, givenName)]
        return pairs.contains { theirs, ours in
            guard let theirs = theirs?.trimmed, !theirs.isEmpty else { return false }
            return theirs.uppercased() != ours.trimmed.uppercased()
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
