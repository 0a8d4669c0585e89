import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Registering patients and changing their records.
struct PatientEditController: Sendable {
    let patients: PatientStore
    let readings: ReadingStore
    let matches: MatchStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/patients/new", .managePatients, use: begin)
        routes.post("/patients", .managePatients, use: register)
        routes.post("/patients/alike", .managePatients, use: alike)
        routes.get("/patients/{id}/edit", .managePatients, use: edit)
        routes.post("/patients/{id}", .managePatients, use: change)
    }

    private func begin(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        var content = PatientFormPage.Content(form: PatientForm())
        if let (record, purpose) = try await purpose(visit.query["reading"], site, visit) {
            content.purpose = purpose
            if let file = record.reading?.patient { content.form = PatientForm(file) }
            content.alike = try await duplicates(content.form, site)
        }
        return page(content, site, visit, status: .ok)
    }

    private func register(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        var content = PatientFormPage.Content(form: PatientForm(visit.form))
        let purpose = try await purpose(visit.form["reading"], site, visit)
        content.purpose = purpose?.1
        let draft: PatientDraft
        switch content.form.draft(today: today(site)) {
        case .success(let right): draft = right
        case .failure(let fault):
            content.fault = fault
            return page(content, site, visit, status: .unprocessableContent)
        }
        content.alike = try await duplicates(content.form, site)
        guard AlikePart.isAgreed(visit.form["anyway"], content.alike) else {
            return page(content, site, visit, status: .conflict)
        }
        let patient = try await patients.register(
            draft,
            site: site.id,
            by: visit.person.account.id
        )
        log("patient registered", patient.id, visit)
        let address = Address(
            "/patients/\(patient.id)",
            ["site": visit.person.siteParameter(site), "done": "registered"]
        )
        guard let record = purpose?.0 else {
            return .redirect(to: address.text, type: .normal)
        }
        return try await assign(record, to: patient, site, visit)
    }

    /// The reading for which somebody was registered is theirs, unless it was decided meanwhile.
    private func assign(
        _ record: ReadingRecord,
        to patient: Patient,
        _ site: Site,
        _ visit: Visit
    ) async throws -> Response {
        let page = "/readings/\(record.id)"
        let siteParameter = visit.person.siteParameter(site)
        do {
            try await matches.decide(
                .assign(patient.id),
                reading: record.id,
                site: site.id,
                version: visit.form["matchVersion"].flatMap { Int($0) } ?? -1,
                by: visit.person.account.id
            )
        } catch is MatchStore.Refusal {
            let address = Address("\(page)/match", ["site": siteParameter])
            return .redirect(to: address.text, type: .normal)
        }
        return .redirect(to: Address(page, ["site": siteParameter]).text, type: .normal)
    }

    private func alike(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        return templates.response(
            AlikePart(
                try await duplicates(PatientForm(visit.form), site),
                isNew: true,
                siteParameter: visit.person.siteParameter(site),
                today: today(site)
            )
        )
    }

    private func edit(_ visit: Visit) async throws -> Response {
        let (patient, site) = try await patient(visit)
        let content = PatientFormPage.Content(form: PatientForm(patient), patient: patient)
        return page(content, site, visit, status: .ok)
    }

    private func change(_ visit: Visit) async throws -> Response {
        let (patient, site) = try await patient(visit)
        guard let version = visit.form["version"].flatMap({ Int32($0) }).map(Int.init) else {
            throw PageError.badRequest
        }
        var content = PatientFormPage.Content(
            form: PatientForm(visit.form),
            patient: patient,
            version: version
        )
        let draft: PatientDraft
        switch content.form.draft(patient, today: today(site)) {
        case .success(let right): draft = right
        case .failure(let fault):
            content.fault = fault
            return page(content, site, visit, status: .unprocessableContent)
        }
        do {
            _ = try await patients.change(
                patient.id,
                to: draft,
                version: version,
                site: site.id,
                by: visit.person.account.id
            )
        } catch PatientFault.stale {
            // What was typed is not put over what somebody else saved: the present record is shown.
            guard let newer = try await patients.patient(patient.id, site: site.id) else {
                throw PageError.notFound
            }
            return page(
                PatientFormPage.Content(
                    form: PatientForm(newer),
                    patient: newer,
                    notice:
                        "Somebody changed this record while you were typing. This is how it is now; nothing of yours was saved."
                ),
                site,
                visit,
                status: .conflict
            )
        }
        log("patient changed", patient.id, visit)
        let address = Address(
            "/patients/\(patient.id)",
            ["site": visit.person.siteParameter(site), "done": "changed"]
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

    /// The reading that somebody is registered for.
    private func purpose(
        _ text: String?,
        _ site: Site,
        _ visit: Visit
    ) async throws -> (ReadingRecord, PatientFormPage.Purpose)? {
        guard let text else { return nil }
        guard let id = Identifier(text),
            let record = try await readings.reading(id, site: site.id)
        else { throw PageError.notFound }
        return (
            record,
            PatientFormPage.Purpose(
                reading: id.description,
                version: visit.form["matchVersion"] ?? String(record.match?.version ?? 0),
                summary: [
                    KindName.text(record.kind), record.workstation,
                    record.deviceModel ?? record.source, SiteTime(site).full(record.capturedAt),
                ],
                address: Address(
                    "/readings/\(id)/match",
                    ["site": visit.person.siteParameter(site)]
                ).text
            )
        )
    }

    private func duplicates(_ form: PatientForm, _ site: Site) async throws -> [LikelyDuplicate] {
        guard form.family.utf8.count <= WebLimits.queryBytes else { return [] }
        return try await patients.duplicates(of: form.name, form.birthDate, site: site.id)
    }

    private func today(_ site: Site) -> CalendarDate { SiteTime(site).local(clock.now()).date }

    private func log(_ message: Logger.Message, _ patient: Identifier, _ visit: Visit) {
        visit.context.logger.info(
            message,
            metadata: ["patient": "\(patient)", "account": "\(visit.person.account.id)"]
        )
    }

    private func page(
        _ content: PatientFormPage.Content,
        _ site: Site,
        _ visit: Visit,
        status: HTTPResponse.Status
    ) -> Response {
        templates.response(
            PatientFormPage(
                frame: Frame(
                    content.patient.map { "Change \($0.name.listed)" } ?? "New patient",
                    place: .patients,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                content: content,
                token: visit.person.formToken,
                siteParameter: visit.person.siteParameter(site),
                today: today(site)
            ),
            status: status
        )
    }
}
