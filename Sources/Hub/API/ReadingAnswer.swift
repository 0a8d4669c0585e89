import Shared

/// A reading as programs get it: what the device measured, and whose it is as far as that is known.
///
/// Names and numbers that the device wrote, and the names of its files, which may hold them, are
/// left out: a reading is a patient's by `match` alone, and a program that may not see patients gets
/// no more of them than an identifier.
struct ReadingAnswer: Encodable, Sendable {
    struct Problem: Encodable, Sendable {
        let code: String
        let severity: ReadingProblem.Severity
        let eye: Eye?
        let quantity: Quantity?
    }
    struct Document: Encodable, Sendable {
        let sha256: Digest256
        let format: String?
    }
    struct Match: Encodable, Sendable {
        /// `matched`; anything else is nobody's, whoever is named elsewhere.
        let state: String
        /// True where a person of the clinic said so, not the Hub.
        let isByPerson: Bool
        let patient: Identifier?
        /// Nil also where the program may not see patients.
        let patientNumber: String?
    }

    let id: Identifier
    /// One more for each time that it was decoded anew; an older one does not count any more.
    let revision: Int
    let site: Identifier
    let workstation: String
    let source: String
    let kind: String
    let label: String
    let role: String
    /// True where it must not be used until a person of the clinic has decided.
    let isRejected: Bool
    /// False where the Hub cannot read its values: there are none then, which is not "nothing".
    let isReadable: Bool
    let device: DeviceIdentity?
    /// The device's own clock, without a zone.
    let measuredAt: LocalTime?
    /// The PC's clock; `clockCorrectionMilliseconds` has to be added where it is given.
    let capturedAt: Instant
    let clockCorrectionMilliseconds: Int64?
    let receivedAt: Instant
    let values: [ReadingValue]
    let problems: [Problem]
    let documents: [Document]
    /// Nil where nobody has weighed it yet.
    let match: Match?

    init(_ record: ReadingRecord, maySeePatients: Bool) {
        id = record.id
        revision = record.revision
        site = record.site
        workstation = record.workstation
        source = record.source
        kind = record.kind.rawValue
        label = record.label
        role = record.role.rawValue
        isRejected = record.isRejected
        isReadable = record.reading != nil
        device = record.reading?.device
        measuredAt = record.reading?.measuredAt
        capturedAt = record.capturedAt
        clockCorrectionMilliseconds = record.correction
        receivedAt = record.receivedAt
        values = record.reading?.values ?? []
        problems =
            record.reading?.problems.map {
                Problem(
                    code: $0.code.rawValue,
                    severity: $0.severity,
                    eye: $0.eye,
                    quantity: $0.quantity
                )
            } ?? []
        documents =
            record.reading?.documents.map { Document(sha256: $0.sha256, format: $0.format) } ?? []
        match = record.match.map { match in
            let patient = match.state == .matched ? match.patient : nil
            return Match(
                state: match.state.rawValue,
                isByPerson: match.isByPerson,
                patient: patient?.id,
                patientNumber: maySeePatients ? patient?.number : nil
            )
        }
    }
}

/// A run of readings, and where the next one begins.
struct ReadingsAnswer: Encodable, Sendable {
    let readings: [ReadingAnswer]
    /// For `after` of the next request; nil where the list has an end and this is it.
    let next: String?
    /// True where there is more already.
    let hasMore: Bool
}

/// Where a program stands in the changes of a site: of which history, and how far.
///
/// A Hub that was restored from a backup counts from an earlier place, under another history; a
/// program that went on there would miss what comes under numbers that it has seen.
struct ChangeCursor: Sendable, Equatable {
    let history: Identifier
    let position: Int64

    init(history: Identifier, position: Int64) {
        self.history = history
        self.position = position
    }

    /// Reads `<identifier>.42`; nil for any other text.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let history = Identifier(String(parts[0])),
            let position = Int64(parts[1]), position >= 0
        else { return nil }
        self.init(history: history, position: position)
    }

    var text: String { "\(history).\(position)" }
}
