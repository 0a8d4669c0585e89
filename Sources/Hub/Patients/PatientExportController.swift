import HTTPTypes
import Hummingbird
import Postgres
import Shared

/// One patient's whole record, for the patient: to print, and as a file.
struct PatientExportController: Sendable {
    let exporter: PatientExporter
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/patients/{id}/export", .exportRecords, use: show)
        routes.get("/patients/{id}/export.json", .exportRecords, use: download)
    }

    private func show(_ visit: Visit) async throws -> Response {
        let (site, patient) = try await patient(visit)
        guard try await isAgreed(patient, visit) else {
            let parameter = visit.person.siteParameter(site)
            return templates.response(
                PatientConsentPage(
                    frame: Frame(
                        patient.name.listed,
                        place: .patients,
                        visit: visit,
                        site: site,
                        assets: templates.assets,
                        isBelow: true
                    ),
                    go: Address(
                        "/patients/\(patient.id)/export",
                        ["site": parameter, "consent": "yes"]
                    ).text,
                    back: Address("/patients/\(patient.id)", ["site": parameter]).text
                )
            )
        }
        let shown = try await shown(patient, visit)
        let export = try await exporter.export(patient, sites: visit.person.sites, shown: shown)
        return templates.response(
            PatientExportPage(
                frame: Frame(
                    patient.name.listed,
                    place: .patients,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                patient,
                export,
                shown,
                site: site,
                siteParameter: visit.person.siteParameter(site),
                now: clock.now()
            )
        )
    }

    private func download(_ visit: Visit) async throws -> Response {
        let (_, patient) = try await patient(visit)
        guard try await isAgreed(patient, visit) else { throw PageError.recordRestricted }
        let export = try await exporter.export(
            patient,
            sites: visit.person.sites,
            shown: try await shown(patient, visit)
        )
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/json; charset=utf-8",
                .contentDisposition: "attachment; filename=\"patient-\(patient.number).json\"",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSON.encodePretty(export)))
        )
    }

    /// Whether the record may go out: a restricted one does where the patient agrees (article 18,
    /// paragraph 2), which is recorded.
    private func isAgreed(_ patient: Patient, _ visit: Visit) async throws -> Bool {
        guard patient.isRestricted else { return true }
        guard visit.query["consent"] == "yes" else { return false }
        let record = AuditRecord(
            at: clock.now(),
            action: "exportRestricted",
            account: visit.person.account.id,
            session: visit.person.sessionID,
            subject: patient.id
        )
        try await exporter.patients.database.withTransaction { connection in
            try await AuditWriter.append([record], connection)
        }
        return true
    }

    /// The readings of every site that the person sees.
    private func shown(_ patient: Patient, _ visit: Visit) async throws -> [PatientExport.Shown] {
        var parts: [PatientExport.Shown] = []
        for site in visit.person.sites {
            parts.append(
                PatientExport.Shown(
                    site: site,
                    records: try await exporter.records(of: patient.id, at: site)
                )
            )
        }
        return parts
    }

    private func patient(_ visit: Visit) async throws -> (Site, Patient) {
        let site = try visit.person.site(named: visit.query["site"])
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let patient = try await exporter.patients.patient(id, site: site.id)
        else { throw PageError.notFound }
        return (site, patient)
    }
}

/// Asks whether the patient agrees, before a restricted record goes out.
struct PatientConsentPage: Page {
    static let template = "patient-consent"

    let frame: Frame
    let go: String
    let back: String
}

/// The record as the patient takes it home on paper.
struct PatientExportPage: Page {
    static let template = "patient-export"

    struct Part: Sendable {
        let site: String
        let rows: [ReadingRow]
        let hasRows: Bool
    }
    struct Line: Sendable {
        let name: String
        let value: String
    }

    let frame: Frame
    let facts: [Line]
    let history: [Line]
    let parts: [Part]
    let documents: [Line]
    let hasDocuments: Bool
    let sent: [Line]
    let hasSent: Bool
    let isComplete: Bool
    let made: String
    let download: String
    let back: String

    init(
        frame: Frame,
        _ patient: Patient,
        _ export: PatientExport,
        _ shown: [PatientExport.Shown],
        site: Site,
        siteParameter: String?,
        now: Instant
    ) {
        let time = SiteTime(site)
        self.frame = frame
        var facts = [
            Line(name: "Name", value: patient.name.listed),
            Line(name: "Patient number", value: export.number),
            Line(name: "Born", value: PatientText.born(patient.birthDate)),
            Line(name: "Sex", value: PatientWords.sex(patient.sex)),
            Line(name: "Record", value: PatientWords.state(patient.state).word),
            Line(name: "Registered", value: time.full(export.registeredAt)),
            Line(name: "Sites", value: export.sites.joined(separator: ", ")),
        ]
        if let number = export.nationalNumber {
            facts.append(Line(name: "National number", value: number))
        }
        if !export.otherNumbers.isEmpty {
            facts.append(
                Line(name: "Also as", value: export.otherNumbers.joined(separator: ", "))
            )
        }
        facts += export.addresses.map { address in
            Line(
                name: "Address since \(time.full(address.since))",
                value: "\(address.street), \(address.postalCode) \(address.municipality)"
            )
        }
        self.facts = facts
        history = export.history.map { version in
            Line(
                name: time.full(version.changedAt),
                value: [
                    "\(version.familyName), \(version.givenNames)", version.birthDate ?? "\u{2014}",
                    version.sex, version.state,
                ].joined(separator: " · ")
            )
        }
        parts = shown.map { part in
            let local = SiteTime(part.site)
            return Part(
                site: part.site.name,
                rows: part.records.map {
                    ReadingRow($0, at: local, siteParameter: siteParameter, now: now)
                },
                hasRows: !part.records.isEmpty
            )
        }
        documents = export.documents.map {
            Line(
                name: time.full($0.capturedAt),
                value: "\(PathText.name($0.name)), \($0.workstation)"
            )
        }
        hasDocuments = !documents.isEmpty
        sent = export.sent.map {
            Line(name: time.full($0.at), value: "\($0.device), \($0.workstation): \($0.outcome)")
        }
        hasSent = !sent.isEmpty
        isComplete = export.isComplete
        made = time.full(now)
        download =
            Address(
                "/patients/\(patient.id)/export.json",
                ["site": siteParameter, "consent": patient.isRestricted ? "yes" : nil]
            ).text
        back = Address("/patients/\(patient.id)", ["site": siteParameter]).text
    }
}
