import HTTPTypes
import Hummingbird
import Logging
import Postgres
import Shared
import Sync

/// Sending patients to devices, and what came of it.
struct SendController: Sendable {
    let commands: DeviceCommandStore
    let patients: PatientStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/patients/{id}/send", .sendToDevices, use: choose)
        routes.post("/patients/{id}/send", .sendToDevices, use: send)
        routes.get("/sends", .sendToDevices, use: list)
        routes.post("/sends/{id}/cancel", .sendToDevices, use: cancel)
    }

    private func choose(_ visit: Visit) async throws -> Response {
        let (site, patient) = try await patient(visit)
        let notice = Self.notices[visit.query["done"] ?? ""]
        return try await page(visit, site, patient, SendPage.Message(notice: notice))
    }

    private func send(_ visit: Visit) async throws -> Response {
        let (site, patient) = try await patient(visit)
        guard patient.mergedInto == nil, patient.state != .archived else {
            return try await refuse(
                visit,
                site,
                patient,
                "Send from the record that stands for this person."
            )
        }
        let destinations = try await SendDestination.all(at: site.id, commands.database)
        guard let destination = destinations.first(where: { $0.formValue == visit.form["to"] })
        else {
            return try await refuse(
                visit,
                site,
                patient,
                "Sending to that device is not enabled any more. Nothing was sent."
            )
        }
        var chosen: [RefractionOffer] = []
        if destination.kind == .phoropterImport {
            let offers = try await RefractionOffer.all(
                of: patient.id,
                site: site.id,
                commands.database
            )
            for source in Command.Refraction.Source.allCases {
                guard let value = visit.form[source.rawValue] else { continue }
                // A reading that was changed or given to another patient since is not offered now.
                guard
                    let offer = offers.first(where: {
                        $0.source == source && $0.formValue == value
                    })
                else {
                    return try await refuse(
                        visit,
                        site,
                        patient,
                        "A chosen reading has changed since. Nothing was sent: choose again."
                    )
                }
                chosen.append(offer)
            }
            guard !chosen.isEmpty else {
                return try await refuse(
                    visit,
                    site,
                    patient,
                    "Choose what the phoropter is to get. Nothing was sent."
                )
            }
        }
        let id = try await commands.issue(
            patient,
            to: destination,
            chosen,
            site: site.id,
            by: visit.person.account.id
        )
        visit.context.logger.info(
            "patient sent to a device",
            metadata: [
                "command": "\(id)", "kind": "\(destination.kind.rawValue)",
                "account": "\(visit.person.account.id)",
            ]
        )
        let address = Address(
            "/patients/\(patient.id)/send",
            ["site": visit.person.siteParameter(site), "done": "sent"]
        )
        return .redirect(to: address.text, type: .normal)
    }

    private func list(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let recent = try await commands.recent(site: site.id, limit: WebLimits.pageRows)
        return templates.response(
            SendsPage(
                frame: Frame(
                    "Sent to devices",
                    place: .sends,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    renewSeconds: SendsPage.renewSeconds
                ),
                token: visit.person.formToken,
                commands: recent,
                notice: Self.notices[visit.query["done"] ?? ""],
                time: SiteTime(site),
                siteParameter: visit.person.siteParameter(site),
                now: clock.now()
            )
        )
    }

    private func cancel(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }) else {
            throw PageError.notFound
        }
        let isTaken = try await commands.cancel(
            id,
            site: site.id,
            by: visit.person.account.id
        )
        let address = Address(
            "/sends",
            [
                "site": visit.person.siteParameter(site), "done": isTaken ? "cancelled" : "over",
            ]
        )
        return .redirect(to: address.text, type: .normal)
    }

    private func patient(_ visit: Visit) async throws -> (Site, Patient) {
        let site = try visit.person.site(named: visit.query["site"])
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let patient = try await patients.patient(id, site: site.id)
        else { throw PageError.notFound }
        return (site, patient)
    }

    private func refuse(
        _ visit: Visit,
        _ site: Site,
        _ patient: Patient,
        _ fault: String
    ) async throws -> Response {
        try await page(
            visit,
            site,
            patient,
            SendPage.Message(fault: fault),
            status: .unprocessableContent
        )
    }

    private func page(
        _ visit: Visit,
        _ site: Site,
        _ patient: Patient,
        _ message: SendPage.Message,
        status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let found = SendPage.Found(
            patient: patient,
            destinations: try await SendDestination.all(at: site.id, commands.database),
            offers: try await RefractionOffer.all(
                of: patient.id,
                site: site.id,
                commands.database
            ),
            recent: try await commands.recent(site: site.id, patient: patient.id, limit: 10),
            homonyms: try await commands.homonyms(of: patient.id, site: site.id)
        )
        return templates.response(
            SendPage(
                frame: Frame(
                    "Send to a device",
                    place: .sends,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                token: visit.person.formToken,
                found: found,
                message: message,
                time: SiteTime(site),
                siteParameter: visit.person.siteParameter(site),
                now: clock.now()
            ),
            status: status
        )
    }

    private static let notices = [
        "sent": "On its way. What became of it stands below.",
        "cancelled": "Taken back. If the device has it already, that will stand here.",
        "over": "That one is over already.",
    ]
}
