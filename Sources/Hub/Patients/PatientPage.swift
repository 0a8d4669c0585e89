import Shared

/// One patient: who they are, and what was measured of them.
struct PatientPage: Page {
    static let template = "patient"

    struct Version: Sendable {
        let number: Int
        let time: TimeView
        let who: String
        let name: String
        let born: String
        let sex: String
        let state: String
    }
    struct Document: Sendable {
        let name: String
        let received: String
        let size: String
        let format: String
        let download: String?
    }
    struct Joined: Sendable {
        let name: String
        let number: String
        let address: String
        let part: String?
        let isTest: Bool
    }

    /// The national register number, masked unless somebody has just asked for it.
    struct Number: Sendable, Equatable {
        let text: String
        /// Where it is asked for; nil where it is shown.
        let reveal: String?
    }

    let frame: Frame
    let token: String
    let notice: String?
    /// True where the record is kept and otherwise left alone.
    let isRestricted: Bool
    /// Why and since when, where it is this very record.
    let holds: [String]
    /// Where holds are set and lifted; nil where the person may not.
    let hold: String?
    let name: String
    let number: String
    let isTest: Bool
    let born: String
    let age: String?
    let sex: String
    let stateWord: String
    let stateLevel: String
    let facts: [ReadingPage.Fact]
    /// Nil where none is known.
    let nationalNumber: Number?
    /// The patient's identifier, for the PC where the browser stands; nil where nobody may say so.
    let measure: String?
    let edit: String?
    /// Where the patient can be sent to a device.
    let send: String?
    /// Where the whole record is taken out, for the patient.
    let export: String?
    /// The record that stands for this one.
    let into: Joined?
    /// The records that this one stands for.
    let joined: [Joined]
    let hasJoined: Bool
    let join: String?
    let version: String
    let rows: [ReadingRow]
    let hasRows: Bool
    let isOlder: Bool
    let newest: String
    let older: String?
    let zone: String
    let documents: [Document]
    let hasDocuments: Bool
    let versions: [Version]

    /// What the controller found.
    struct Found: Sendable {
        let patient: Patient
        let into: Patient?
        let joined: [Patient]
        let address: PatientAddress?
        let nationalNumber: NationalNumber?
        /// One more than a page shows where there are more.
        let readings: [ReadingRecord]
        let cursor: TimelineCursor?
        let documents: [DocumentRecord]
        let versions: [PatientVersion]
        let holds: [PatientHold]
    }
    /// What the person may do here.
    struct Allowed: Sendable {
        let manage: Bool
        let send: Bool
        let station: Bool
        /// True where the person has just asked for the national number.
        let number: Bool
        let acts: MatchView.Acts?
        let token: String
        let documents: Bool
        let export: Bool
        let hold: Bool
    }

    init(
        frame: Frame,
        found: Found,
        allowed: Allowed,
        notice: String?,
        time: SiteTime,
        siteParameter: String?,
        now: Instant
    ) {
        let patient = found.patient
        func address(_ id: Identifier, _ page: String = "") -> String {
            Address("/patients/\(id)\(page)", ["site": siteParameter]).text
        }
        let mayPart = allowed.manage && !patient.isRestricted
        func joined(_ other: Patient, parting: Identifier) -> Joined {
            Joined(
                name: other.name.listed,
                number: other.number.description,
                address: address(other.id),
                part: mayPart ? address(parting, "/part") : nil,
                isTest: other.isTest
            )
        }
        self.frame = frame
        token = allowed.token
        self.notice = notice
        isRestricted = patient.isRestricted
        holds = found.holds.map { hold in
            let word = hold.kind == .restriction ? "Restricted" : "Held for a claim"
            return "\(word) since \(time.full(hold.since)), by \(hold.by): \(hold.reason)"
        }
        hold = allowed.hold ? address(patient.id, "/holds") : nil
        name = patient.name.listed
        number = patient.number.description
        isTest = patient.isTest
        born = PatientText.born(patient.birthDate)
        age = PatientText.age(patient.birthDate, today: time.local(now).date).map(String.init)
        sex = patient.sex == .unknown ? "sex not known" : PatientWords.sex(patient.sex)
        (stateWord, stateLevel) = PatientWords.state(patient.state)
        facts = Self.facts(found, time: time)
        nationalNumber = found.nationalNumber.map { number in
            Number(
                text: allowed.number ? number.formatted : number.masked,
                reveal: allowed.number ? nil : address(patient.id, "/number")
            )
        }
        measure =
            allowed.station && patient.mergedInto == nil ? patient.id.description : nil
        let mayChange = allowed.manage && patient.mergedInto == nil && !patient.isRestricted
        edit = mayChange ? address(patient.id, "/edit") : nil
        send =
            allowed.send && patient.mergedInto == nil && !patient.isRestricted
            ? address(patient.id, "/send") : nil
        export = allowed.export ? address(patient.id, "/export") : nil
        join = mayChange ? address(patient.id, "/join") : nil
        into = found.into.map { joined($0, parting: patient.id) }
        self.joined = found.joined.map { joined($0, parting: $0.id) }
        hasJoined = !found.joined.isEmpty
        version = String(patient.version)
        let shown = found.readings.prefix(WebLimits.pageRows)
        rows = shown.map {
            ReadingRow($0, at: time, siteParameter: siteParameter, acts: allowed.acts, now: now)
        }
        hasRows = !rows.isEmpty
        isOlder = found.cursor != nil
        newest = address(patient.id)
        older =
            found.readings.count > WebLimits.pageRows
            ? shown.last.map { last in
                Address(
                    "/patients/\(patient.id)",
                    ["site": siteParameter, "after": TimelineCursor(last).text]
                ).text
            } : nil
        zone = time.zone
        documents = found.documents.map { document in
            Document(
                name: PathText.name(document.name),
                received: time.full(document.capturedAt),
                size: SizeText.text(document.bytes),
                format: DocumentText.format(document),
                download: allowed.documents && document.hasContent
                    ? DocumentText.download(document.sha256, siteParameter: siteParameter) : nil
            )
        }
        hasDocuments = !documents.isEmpty
        versions = found.versions.map { Version($0, time: time, now: now) }
    }

    private static func facts(_ found: Found, time: SiteTime) -> [ReadingPage.Fact] {
        let patient = found.patient
        var facts = [
            ReadingPage.Fact(name: "Given names", value: patient.name.given),
            ReadingPage.Fact(name: "Address", value: found.address?.line ?? ""),
            ReadingPage.Fact(name: "From", value: PatientWords.source(patient.source)),
            ReadingPage.Fact(name: "Registered", value: time.full(patient.createdAt)),
        ]
        if patient.version > 1 {
            facts.append(
                ReadingPage.Fact(name: "Last changed", value: time.full(patient.changedAt))
            )
        }
        return facts.filter { !$0.value.isEmpty }
    }
}

extension PatientPage.Version {
    fileprivate init(_ version: PatientVersion, time: SiteTime, now: Instant) {
        number = version.version
        self.time = time.view(version.changedAt, now: now)
        who = version.changedBy ?? PatientWords.source(version.source)
        name = version.name.listed
        born = PatientText.born(version.birthDate)
        sex = PatientWords.sex(version.sex)
        state = PatientWords.state(version.state).word
    }
}
