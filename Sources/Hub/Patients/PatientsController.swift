import Hummingbird
import Shared

/// The list of patients, and one of them.
struct PatientsController: Sendable {
    let patients: PatientStore
    let readings: ReadingStore
    let documents: DocumentStore
    let holds: PatientHoldStore
    let ring: SealingRing
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/search", .readPatients, use: search)
        routes.get("/patients", .readPatients, use: list)
        routes.get("/patients/{id}", .readPatients) { try await show($0, number: false) }
        routes.post("/patients/{id}/number", .revealNumbers) { try await show($0, number: true) }
    }

    /// The field on top of every page: a number leads to its patient at once.
    private func search(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let siteParameter = visit.person.siteParameter(site)
        let query = PatientQuery(visit.query["q"] ?? "")
        if let number = query.number.flatMap({ PatientNumber($0) }), query.words.isEmpty,
            let patient = try await patients.patient(number: number, site: site.id)
        {
            let address = Address("/patients/\(patient.id)", ["site": siteParameter])
            return .redirect(to: address.text, type: .normal)
        }
        let address = Address(
            "/patients",
            ["site": siteParameter, "q": query.text.isEmpty ? nil : query.text]
        )
        return .redirect(to: address.text, type: .normal)
    }

    private func list(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let query = PatientQuery(visit.query["q"] ?? "")
        let cursor = try visit.query["after"].map { text in
            guard let cursor = PatientCursor(text) else { throw PageError.badRequest }
            return cursor
        }
        let found = try await patients.list(
            query,
            site: site.id,
            after: cursor,
            limit: WebLimits.pageRows + 1
        )
        return templates.response(
            PatientsPage(
                frame: Frame(
                    "Patients",
                    place: .patients,
                    visit: visit,
                    site: site,
                    assets: templates.assets
                ),
                found: PatientsPage.Found(
                    query: query,
                    patients: found,
                    hasPatients: found.isEmpty
                        ? try await patients.hasPatients(site: site.id) : true
                ),
                mayDispose: visit.person.permissions(at: site).contains(.disposeRecords),
                mayRegister: visit.person.permissions(at: site).contains(.managePatients),
                time: SiteTime(site),
                siteParameter: visit.person.siteParameter(site),
                now: clock.now()
            )
        )
    }

    /// One patient; with `number` also the national number, which the audit has recorded by then.
    private func show(_ visit: Visit, number: Bool) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let cursor = try visit.query["after"].map { text in
            guard let cursor = TimelineCursor(text) else { throw PageError.badRequest }
            return cursor
        }
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let patient = try await patients.patient(id, site: site.id)
        else { throw PageError.notFound }
        let permissions = visit.person.permissions(at: site)
        let siteParameter = visit.person.siteParameter(site)
        let found = try await found(patient, site: site, after: cursor)
        return templates.response(
            PatientPage(
                frame: Frame(
                    patient.name.listed,
                    place: .patients,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                found: found,
                allowed: PatientPage.Allowed(
                    manage: permissions.contains(.managePatients),
                    send: permissions.contains(.sendToDevices),
                    station: permissions.contains(.useStation),
                    number: number,
                    acts: visit.person.acts(
                        at: site,
                        next: Address("/patients/\(id)", ["site": siteParameter]).text
                    ),
                    token: visit.person.formToken,
                    documents: permissions.contains(.readDocuments),
                    export: permissions.contains(.exportRecords),
                    hold: permissions.contains(.holdRecords)
                ),
                notice: Self.notices[visit.query["done"] ?? ""],
                time: SiteTime(site),
                siteParameter: siteParameter,
                now: clock.now()
            )
        )
    }

    private func found(
        _ patient: Patient,
        site: Site,
        after cursor: TimelineCursor?
    ) async throws -> PatientPage.Found {
        var into: Patient?
        if let other = patient.mergedInto {
            into = try await patients.patient(other, site: site.id)
        }
        return PatientPage.Found(
            patient: patient,
            into: into,
            joined: try await patients.joined(to: patient.id, site: site.id),
            address: try await PatientAddress.of(patient.id, patients.database),
            nationalNumber: try await PatientIdentifier.number(
                of: patient.id,
                ring,
                patients.database
            ),
            readings: try await readings.list(
                of: patient.id,
                site: site.id,
                after: cursor,
                limit: WebLimits.pageRows + 1
            ),
            cursor: cursor,
            documents: try await documents.records(of: patient.id, site: site.id, limit: 50),
            versions: try await patients.versions(of: patient.id),
            holds: try await holds.open(of: patient.id)
        )
    }

    /// What has just been done, where the address says so.
    private static let notices = [
        "registered": "Registered. This number is for devices and papers; it never changes.",
        "changed": "Saved. The earlier record is kept below.",
        "joined": "Joined. The other record is kept, and can be parted again.",
        "held": "Saved, and recorded in the audit.",
        "parted": "Parted. Each record has its own readings again.",
    ]
}
