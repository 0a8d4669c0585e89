import Shared

/// One reading with everything that is known of it.
struct ReadingPage: Page {
    static let template = "reading"

    struct Superseded: Sendable {
        let shown: Int
        let newest: Int
        let address: String
    }
    struct Finding: Sendable, Equatable {
        let word: String
        let level: String
        let sentence: String
        let detail: String?
    }
    struct Fact: Sendable, Equatable {
        let name: String
        let value: String
        var note: String?
    }
    struct Document: Sendable {
        let name: String
        let size: String
        let isPartial: Bool
        let format: String
        let captured: String
        let digest: String
        let download: String?
    }
    struct Revision: Sendable {
        let number: Int
        let isShown: Bool
        let address: String
        let received: String
        let decoder: Int
    }
    /// What the controller found.
    struct Found: Sendable {
        let shown: ReadingRecord
        let newestRevision: Int
        let revisions: [RevisionRecord]
        let documents: [DocumentRecord]
    }

    let frame: Frame
    let superseded: Superseded?
    let isEcho: Bool
    let isRejected: Bool
    /// `WF · Desk 1 · VX100 · 20 Nov 2026, 10:03:27`.
    let summary: [String]
    /// A sentence in the place of the values; nil where they can be read.
    let unreadable: String?
    let right: EyeLine
    let left: EyeLine
    let hasFindings: Bool
    let findings: [Finding]
    let groups: [ValueTable.Group]
    let places: [ValueTable.Place]
    let valueCount: Int
    let match: MatchView
    let saysNothing: Bool
    let patient: [Fact]
    let origin: [Fact]
    let documentsTitle: String
    let documents: [Document]
    let hasRevisions: Bool
    let revisions: [Revision]
    let identifier: String

    init(
        frame: Frame,
        found: Found,
        time: SiteTime,
        siteParameter: String?,
        acts: MatchView.Acts? = nil,
        maySeeDocuments: Bool
    ) {
        let record = found.shown
        let reading = record.reading
        func address(revision: Int?) -> String {
            Address(
                "/readings/\(record.id)",
                ["site": siteParameter, "revision": revision.map { String($0) }]
            ).text
        }
        self.frame = frame
        superseded =
            record.revision == found.newestRevision
            ? nil
            : Superseded(
                shown: record.revision,
                newest: found.newestRevision,
                address: address(revision: nil)
            )
        isEcho = record.role == .echo
        summary = [
            record.label, record.workstation, record.deviceModel ?? record.source,
            time.full(record.capturedAt),
        ]
        isRejected = record.isRejected
        unreadable =
            reading == nil
            ? "A newer Agent sent this reading, and this Hub cannot show it. Update the Hub; nothing is lost."
            : nil
        let zone = record.setting?.displayedZone
        right = reading.map { EyeLine($0, eye: .right, zone: zone, isLong: true) } ?? EyeLine()
        left = reading.map { EyeLine($0, eye: .left, zone: zone, isLong: true) } ?? EyeLine()
        findings = (reading?.problems ?? []).map { Finding($0, record.setting) }
        hasFindings = !findings.isEmpty
        let table = ValueTable(reading?.values ?? [])
        groups = table.groups
        places = table.places
        valueCount = table.places.count
        match = MatchView(record, acts: acts, siteParameter: siteParameter)
        patient = reading.map { Self.facts($0.patient) } ?? []
        saysNothing = patient.isEmpty
        origin = Self.origin(record, time)
        documents = found.documents.map { document in
            Document(
                document,
                time: time,
                siteParameter: siteParameter,
                maySee: maySeeDocuments
            )
        }
        documentsTitle = documents.count == 1 ? "Document" : "\(documents.count) documents"
        revisions = found.revisions.map { revision in
            Revision(
                number: revision.number,
                isShown: revision.number == record.revision,
                address: address(
                    revision: revision.number == found.newestRevision ? nil : revision.number
                ),
                received: time.full(revision.receivedAt),
                decoder: revision.decoderVersion
            )
        }
        hasRevisions = revisions.count > 1
        identifier = record.id.description
    }

    /// What the device says of the patient, part by part.
    static func facts(_ patient: DevicePatient) -> [Fact] {
        [
            Fact("Family name", patient.familyName),
            Fact("Given name", patient.givenName),
            Fact("Birth date", patient.birthDate.map(SiteTime.day)),
            Fact("Sex", patient.sex),
            Fact(
                "Number",
                patient.number,
                note: patient.numberIsCounter ? "made up by the device; never used to match" : nil
            ),
        ].compactMap { $0 }
    }

    static func origin(_ record: ReadingRecord, _ time: SiteTime) -> [Fact] {
        let device = record.reading?.device
        return [
            Fact("Data set", record.label),
            Fact("Workstation", record.workstation),
            Fact(
                "Device",
                [device?.manufacturer, record.deviceModel].compactMap { $0 }
                    .joined(separator: " ")
            ),
            Fact("Serial number", device?.serial),
            Fact("Its software", device?.software),
            Fact("Source", record.source, note: "as the Agent names it"),
            Fact(
                "Device's clock",
                record.reading?.measuredAt.map(SiteTime.full),
                note: "as written in the file"
            ),
            Fact("Captured", time.full(record.capturedAt), note: "by the PC's clock"),
            corrected(record, time),
            Fact("Received", time.full(record.receivedAt)),
            Fact("Decoder", "version \(record.decoderVersion)"),
            Fact("Revision", String(record.revision)),
        ].compactMap { $0 }
    }

    /// The time by this server's clock, where the PC's was wrong: beside it, never in its place.
    private static func corrected(_ record: ReadingRecord, _ time: SiteTime) -> Fact? {
        record.correction.flatMap { milliseconds in
            let size = shortSpan(.milliseconds(Int64(clamping: milliseconds.magnitude)))
            return Fact(
                "Captured, corrected",
                time.full(record.capturedAt.advanced(by: .milliseconds(milliseconds))),
                note: "by this server's clock; the PC's was \(size) "
                    + (milliseconds > 0 ? "behind" : "ahead")
            )
        }
    }
}

extension ReadingPage.Fact {
    /// Nil for nothing to say.
    fileprivate init?(_ name: String, _ value: String?, note: String? = nil) {
        guard let value, !value.isEmpty else { return nil }
        self.init(name: name, value: value, note: note)
    }
}

extension ReadingPage.Finding {
    fileprivate init(_ problem: ReadingProblem, _ setting: VerifiedSetting?) {
        let text = ProblemSentence(problem, setting)
        word = text.word
        level = text.level
        sentence = text.sentence
        detail = problem.detail
    }
}

extension ReadingPage.Document {
    fileprivate init(
        _ record: DocumentRecord,
        time: SiteTime,
        siteParameter: String?,
        maySee: Bool
    ) {
        name = PathText.name(record.name)
        size = SizeText.text(record.bytes)
        isPartial = record.isPartial
        format = DocumentText.format(record)
        captured = time.full(record.capturedAt)
        digest = record.sha256.hexadecimal
        download =
            maySee && record.hasContent
            ? DocumentText.download(record.sha256, siteParameter: siteParameter) : nil
    }
}
