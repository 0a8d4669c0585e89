import HTTPTypes
import Hummingbird
import Logging
import Shared

/// What holds a record: set and lifted by clinicians, each time with a reason.
struct HoldController: Sendable {
    let patients: PatientStore
    let holds: PatientHoldStore
    let templates: Templates

    func addRoutes(to routes: inout Routes) {
        routes.get("/patients/{id}/holds", .holdRecords, use: show)
        routes.post("/patients/{id}/holds", .holdRecords, use: change)
    }

    private func show(_ visit: Visit) async throws -> Response {
        let (patient, site) = try await patient(visit)
        return try await page(patient, site, visit, problem: nil)
    }

    private func change(_ visit: Visit) async throws -> Response {
        let (patient, site) = try await patient(visit)
        guard let kind = PatientHold.Kind(rawValue: visit.form["kind"] ?? "") else {
            throw PageError.badRequest
        }
        let reason = visit.form["reason"]?.trimmed ?? ""
        guard PatientHoldStore.reasonLength.contains(reason.unicodeScalars.count) else {
            return try await page(patient, site, visit, problem: kind)
        }
        let person = visit.person
        let isDone: Bool
        switch visit.form["act"] {
        case "set":
            isDone = try await holds.set(kind, on: patient.id, reason: reason, by: person)
        case "lift":
            isDone = try await holds.lift(kind, from: patient.id, reason: reason, by: person)
        default: throw PageError.badRequest
        }
        guard isDone else { throw PageError.recordMoved }
        let address = Address(
            "/patients/\(patient.id)",
            ["site": person.siteParameter(site), "done": "held"]
        )
        return .redirect(to: address.text, type: .normal)
    }

    private func page(
        _ patient: Patient,
        _ site: Site,
        _ visit: Visit,
        problem: PatientHold.Kind?
    ) async throws -> Response {
        templates.response(
            HoldPage(
                frame: Frame(
                    "Hold a record",
                    place: .patients,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                patient: patient,
                open: try await holds.open(of: patient.id),
                problem: problem,
                typed: visit.form["reason"],
                token: visit.person.formToken,
                time: SiteTime(site),
                siteParameter: visit.person.siteParameter(site)
            ),
            status: problem == nil ? .ok : .unprocessableContent
        )
    }

    private func patient(_ visit: Visit) async throws -> (Patient, Site) {
        let site = try visit.person.site(named: visit.query["site"])
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let patient = try await patients.patient(id, site: site.id)
        else { throw PageError.notFound }
        return (patient, site)
    }
}

/// The two ways in which a record is held, and what each does.
struct HoldPage: Page {
    static let template = "patient-holds"

    struct Section: Sendable {
        let kind: String
        let heading: String
        let effect: String
        /// Nil where it is not held so.
        let open: Open?
        let example: String
        let button: String
        /// What is wrong with the reason; nil where nothing is.
        let problem: String?
        let typed: String?
    }
    struct Open: Sendable {
        let reason: String
        let since: String
        let by: String
    }

    let frame: Frame
    let name: String
    let number: String
    let isTest: Bool
    let action: String
    let back: String
    let token: String
    let sections: [Section]

    init(
        frame: Frame,
        patient: Patient,
        open: [PatientHold],
        problem: PatientHold.Kind?,
        typed: String?,
        token: String,
        time: SiteTime,
        siteParameter: String?
    ) {
        self.frame = frame
        name = patient.name.listed
        number = patient.number.description
        isTest = patient.isTest
        action = Address("/patients/\(patient.id)/holds", ["site": siteParameter]).text
        back = Address("/patients/\(patient.id)", ["site": siteParameter]).text
        self.token = token
        sections = PatientHold.Kind.allCases.map { kind in
            let hold = open.first { $0.kind == kind }
            return Section(
                kind: kind.rawValue,
                heading: kind.heading,
                effect: kind.effect,
                open: hold.map {
                    Open(reason: $0.reason, since: time.full($0.since), by: $0.by)
                },
                example: hold == nil ? kind.example : "Why it ends, and who decided.",
                button: hold == nil ? kind.button : "Lift it",
                problem: problem == kind ? "Give the reason, in 3 to 500 characters." : nil,
                typed: problem == kind ? typed : nil
            )
        }
    }
}

extension PatientHold.Kind {
    fileprivate var heading: String {
        switch self {
        case .restriction: "Restriction"
        case .legalHold: "Legal hold"
        }
    }

    fileprivate var effect: String {
        switch self {
        case .restriction:
            "For a patient who disputes what is recorded, or objects to its use (GDPR, article "
                + "18). The record stays and takes in what devices measure. It is not changed, "
                + "joined, sent to devices, or shown to other programs; an export is made where "
                + "the patient agrees. Every page of it says so."
        case .legalHold:
            "For a claim that needs the record. It is used as always, and not disposed of, "
                + "whatever its age."
        }
    }

    fileprivate var example: String {
        switch self {
        case .restriction: "What the patient asked for, and when."
        case .legalHold: "Which claim, and until when as far as it is known."
        }
    }

    fileprivate var button: String {
        switch self {
        case .restriction: "Restrict this record"
        case .legalHold: "Hold this record"
        }
    }
}
