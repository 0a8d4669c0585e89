import Hummingbird
import Logging
import Shared

/// Joining two records of one person, asked for once in words, and parting them again.
struct PatientJoinController: Sendable {
    let patients: PatientStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/patients/{id}/join", .managePatients, use: ask)
        routes.post("/patients/{id}/join", .managePatients, use: join)
        routes.post("/patients/{id}/part", .managePatients, use: part)
    }

    private func ask(_ visit: Visit) async throws -> Response {
        let (patient, site) = try await patient(visit)
        let text = visit.query["into"]?.trimmed
        var other: Patient?
        if let number = text.flatMap({ PatientNumber($0) }), number != patient.number {
            other = try await patients.patient(number: number, site: site.id)
        }
        let siteParameter = visit.person.siteParameter(site)
        return templates.response(
            PatientJoinPage(
                frame: Frame(
                    "Join two records",
                    place: .patients,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                patient: patient,
                other: other?.mergedInto == nil ? other : nil,
                typed: text,
                token: visit.person.formToken,
                siteParameter: siteParameter
            )
        )
    }

    private func join(_ visit: Visit) async throws -> Response {
        let (patient, site) = try await patient(visit)
        guard let version = visit.form["version"].flatMap({ Int32($0) }),
            let other = visit.form["into"].flatMap({ Identifier($0) })
        else { throw PageError.badRequest }
        try await refusing {
            try await patients.join(
                patient.id,
                version: Int(version),
                into: other,
                site: site.id,
                by: visit.person.account.id
            )
        }
        return done("joined", other, patient, site, visit)
    }

    private func part(_ visit: Visit) async throws -> Response {
        let (patient, site) = try await patient(visit)
        try await refusing {
            try await patients.part(patient.id, site: site.id, by: visit.person.account.id)
        }
        return done("parted", patient.id, patient, site, visit)
    }

    private func refusing(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch PatientFault.unknown {
            throw PageError.notFound
        } catch is PatientFault {
            throw PageError.recordMoved
        }
    }

    private func done(
        _ word: String,
        _ shown: Identifier,
        _ patient: Patient,
        _ site: Site,
        _ visit: Visit
    ) -> Response {
        visit.context.logger.info(
            "patients \(word)",
            metadata: ["patient": "\(patient.id)", "account": "\(visit.person.account.id)"]
        )
        let address = Address(
            "/patients/\(shown)",
            ["site": visit.person.siteParameter(site), "done": word]
        )
        return .redirect(to: address.text, type: .normal)
    }

    private func patient(_ visit: Visit) async throws -> (Patient, Site) {
        let site = try visit.person.site(named: visit.query["site"])
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let patient = try await patients.patient(id, site: site.id)
        else { throw PageError.notFound }
        return (patient, site)
    }
}

extension PageError {
    /// A record that somebody changed or joined meanwhile.
    static let recordMoved = PageError(
        status: .conflict,
        code: "recordMoved",
        heading: "The record has changed",
        happened: "Somebody changed or joined one of the two records while you were looking.",
        kept: "Nothing of yours was changed.",
        next: "Open the patient again, and look at what holds now."
    )
}

/// Two records side by side, and what joining them does.
struct PatientJoinPage: Page {
    static let template = "patient-join"

    struct Side: Sendable {
        let name: String
        let number: String
        let born: String
        let sex: String
        let state: String
        let registered: String
        let id: String
        let isTest: Bool
    }

    let frame: Frame
    let patient: Side
    let other: Side?
    let typed: String?
    /// True where what was typed leads to nobody.
    let isUnknown: Bool
    let action: String
    let site: String?
    let formAction: String
    let token: String
    let version: String
    let cancel: String

    init(
        frame: Frame,
        patient: Patient,
        other: Patient?,
        typed: String?,
        token: String,
        siteParameter: String?
    ) {
        self.frame = frame
        self.patient = Side(patient)
        self.other = other.map(Side.init)
        self.typed = typed
        isUnknown = typed != nil && other == nil
        action = "/patients/\(patient.id)/join"
        site = siteParameter
        formAction = Address(action, ["site": siteParameter]).text
        self.token = token
        version = String(patient.version)
        cancel = Address("/patients/\(patient.id)", ["site": siteParameter]).text
    }
}

extension PatientJoinPage.Side {
    fileprivate init(_ patient: Patient) {
        name = patient.name.listed
        number = patient.number.description
        born = PatientText.born(patient.birthDate)
        sex = PatientWords.sex(patient.sex)
        state = PatientWords.state(patient.state).word
        registered = SiteTime.day(LocalTime(millisecondsAsUTC: patient.createdAt.milliseconds).date)
        id = patient.id.description
        isTest = patient.isTest
    }
}
