import HTTPTypes
import Hummingbird
import Logging
import Shared
import Sync

/// The rules by which PCs serve adapters and media.
struct RulesController: Sendable {
    let devices: DeviceStore
    let rules: RuleStore
    let templates: Templates

    func addRoutes(to routes: inout Routes) {
        routes.get("/device-rules", .manageDevices, use: list)
        routes.post("/device-rules", .manageDevices, use: add)
        routes.post("/device-rules/{id}/remove", .manageDevices, use: remove)
    }

    private func list(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        var device: DeviceRecord?
        if let text = visit.query["device"] {
            guard let id = Identifier(text),
                let found = try await devices.device(id, site: site.id)
            else { throw PageError.notFound }
            device = found
        }
        return try await page(visit, site, RuleDraft(device), about: device)
    }

    private func add(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        var draft = RuleDraft(visit.form)
        let rule = try draft.read(id: rules.clock.identifier())
        guard let rule else {
            return try await page(visit, site, draft, about: nil, status: .unprocessableContent)
        }
        do {
            try await rules.add(rule, site: site.id, by: visit.person.account.id)
        } catch is RuleStore.TooMany {
            throw PageError.tooManyRules
        }
        visit.context.logger.notice(
            "device rule added",
            metadata: ["rule": "\(rule.id)", "account": "\(visit.person.account.id)"]
        )
        return back(visit, site)
    }

    private func remove(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            try await rules.remove(id, site: site.id, by: visit.person.account.id)
        else { throw PageError.notFound }
        visit.context.logger.notice(
            "device rule removed",
            metadata: ["rule": "\(id)", "account": "\(visit.person.account.id)"]
        )
        return back(visit, site)
    }

    private func back(_ visit: Visit, _ site: Site) -> Response {
        .redirect(to: DeviceViewer(visit.person, site).address("/device-rules"), type: .normal)
    }

    private func page(
        _ visit: Visit,
        _ site: Site,
        _ draft: RuleDraft,
        about device: DeviceRecord?,
        status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        templates.response(
            RulesPage(
                frame: Frame(
                    "Rules for adapters and sticks",
                    place: .devices,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                site: site,
                rules: try await rules.rules(of: site.id),
                draft: draft,
                about: device,
                viewer: DeviceViewer(visit.person, site)
            ),
            status: status
        )
    }
}

extension PageError {
    /// A site has as many rules as it may.
    fileprivate static let tooManyRules = PageError(
        status: .conflict,
        code: "tooManyRules",
        heading: "Too many rules",
        happened: "This site has \(RuleStore.mostRules) rules already.",
        kept: "Nothing was changed.",
        next: "Remove a rule that is not needed any more, then add this one again."
    )
}
