import HTTPTypes
import Hummingbird
import Logging
import Shared

/// A clinician's way beyond their own sites, in an emergency.
struct EmergencyController: Sendable {
    let emergencies: EmergencyStore
    let network: NetworkName
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/emergency", .openEmergency) { try await page($0) }
        routes.post("/emergency", .openEmergency, use: open)
        routes.post("/emergency/{id}/end", .signedIn, use: end)
    }

    private func open(_ visit: Visit) async throws -> Response {
        let draft: EmergencyDraft
        let id: Identifier
        do {
            draft = try EmergencyDraft(visit.form)
            id = try await emergencies.open(
                draft,
                by: visit.person,
                network: network.of(visit.request, visit.context)
            )
        } catch let fault as EmergencyDraft.Fault {
            return try await page(visit, fault: fault)
        }
        visit.context.logger.warning(
            "emergency access opened",
            metadata: [
                "emergency": "\(id)", "account": "\(visit.person.account.id)",
                "site": "\(draft.site)",
            ]
        )
        let number = visit.form["number"]?.trimmed
        return .redirect(
            to: Address(
                number == nil ? "/patients" : "/search",
                ["site": draft.site.description, "q": number]
            ).text,
            type: .normal
        )
    }

    private func end(_ visit: Visit) async throws -> Response {
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            try await emergencies.end(id, of: visit.person)
        else { throw PageError.notFound }
        return .redirect(to: "/", type: .normal)
    }

    private func page(
        _ visit: Visit,
        fault: EmergencyDraft.Fault? = nil
    ) async throws -> Response {
        let sites = try await emergencies.otherSites(than: visit.person.sites)
        return templates.response(
            EmergencyPage(
                frame: Frame(
                    "Emergency access",
                    place: nil,
                    visit: visit,
                    site: visit.person.sites.first,
                    assets: templates.assets
                ),
                fault: fault?.sentence,
                sites: sites,
                visit.form
            ),
            status: fault == nil ? .ok : .unprocessableContent
        )
    }
}

/// The form that opens one.
struct EmergencyPage: Page {
    static let template = "emergency"

    struct Choice: Sendable {
        let value: String
        let name: String
        let isChosen: Bool
    }

    let frame: Frame
    let fault: String?
    let sites: [Choice]
    let hasSites: Bool
    let kinds: [Choice]
    let reason: String
    let number: String
    let shortest = EmergencyDraft.length.lowerBound
    let longest = EmergencyDraft.length.upperBound

    init(frame: Frame, fault: String?, sites: [Site], _ form: Fields) {
        self.frame = frame
        self.fault = fault
        self.sites = sites.map { site in
            Choice(
                value: site.id.description,
                name: site.name,
                isChosen: site.id.description == form["site"]
            )
        }
        hasSites = !sites.isEmpty
        kinds = EmergencyAccess.Kind.allCases.map { kind in
            Choice(
                value: kind.rawValue,
                name: kind.title,
                isChosen: kind.rawValue == form["kind"]
            )
        }
        reason = form["reason"] ?? ""
        number = form["number"] ?? ""
    }
}
