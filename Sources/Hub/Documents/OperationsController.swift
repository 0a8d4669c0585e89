import Hummingbird
import Logging
import Shared

/// What agents sent and cannot be shown, one by one.
struct OperationsController: Sendable {
    let operations: OperationStore
    let templates: Templates

    func addRoutes(to routes: inout Routes) {
        let path = "/operations/{agent}/{epoch}/{sequence}"
        routes.get(path, .readDocuments, use: show)
        routes.post("\(path)/replay", .decideDocuments, use: replay)
        routes.post("\(path)/dismiss", .decideDocuments, use: dismiss)
        routes.post("\(path)/restore", .decideDocuments, use: restore)
    }

    private func show(_ visit: Visit) async throws -> Response {
        let (site, place) = try Self.place(visit)
        return try await page(visit, site, place)
    }

    private func replay(_ visit: Visit) async throws -> Response {
        let (site, place) = try Self.place(visit)
        let account = visit.person.account.id
        let outcome = try await operations.replay(place, site: site.id, by: account)
        visit.context.logger.notice(
            "operation replayed",
            metadata: [
                "agent": "\(place.agent)", "sequence": "\(place.sequence)",
                "account": "\(account)", "outcome": "\(outcome)",
            ]
        )
        if case .refused(let code) = outcome {
            return try await page(visit, site, place, refusal: code)
        }
        return try await back(visit, site, place)
    }

    private func dismiss(_ visit: Visit) async throws -> Response {
        let (site, place) = try Self.place(visit)
        guard let reason = DecisionRecord.reason(visit.form) else {
            throw PageError.reasonMissing
        }
        try await operations.decide(
            place,
            site: site.id,
            dismissed: true,
            reason: reason,
            by: visit.person.account.id
        )
        return try await back(visit, site, place)
    }

    private func restore(_ visit: Visit) async throws -> Response {
        let (site, place) = try Self.place(visit)
        try await operations.decide(
            place,
            site: site.id,
            dismissed: false,
            reason: nil,
            by: visit.person.account.id
        )
        return try await back(visit, site, place)
    }

    private func back(
        _ visit: Visit,
        _ site: Site,
        _ place: OperationStore.Place
    ) async throws -> Response {
        guard let found = try await operations.operation(place, site: site.id) else {
            throw PageError.notFound
        }
        return .redirect(
            to: found.record.address(visit.person.siteParameter(site)),
            type: .normal
        )
    }

    private static func place(_ visit: Visit) throws -> (Site, OperationStore.Place) {
        let site = try visit.person.site(named: visit.query["site"])
        let parameters = visit.context.parameters
        guard let agent = parameters.get("agent").flatMap({ Identifier($0) }),
            let epoch = parameters.get("epoch").flatMap({ Int32($0) }),
            let sequence = parameters.get("sequence").flatMap({ Int64($0) })
        else { throw PageError.notFound }
        return (
            site,
            OperationStore.Place(agent: agent, epoch: Int(epoch), sequence: sequence)
        )
    }

    private func page(
        _ visit: Visit,
        _ site: Site,
        _ place: OperationStore.Place,
        refusal: String? = nil
    ) async throws -> Response {
        guard let (record, payload) = try await operations.operation(place, site: site.id) else {
            throw PageError.notFound
        }
        let siteParameter = visit.person.siteParameter(site)
        let (form, number) = try DocumentsController.view(visit.query, count: payload.count)
        let path = "/operations/\(place.agent)/\(place.epoch)/\(place.sequence)"
        let bytes = DocumentPage.Bytes(payload, form, page: number) { form, page in
            Address(
                path,
                [
                    "site": siteParameter, "view": form == .text ? nil : form.rawValue,
                    "page": page == 1 ? nil : String(page),
                ]
            ).text
        }
        return templates.response(
            OperationPage(
                frame: Frame(
                    "Number \(place.sequence) of \(record.workstation)",
                    place: .quarantine,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                site: site,
                operation: record,
                bytes: bytes,
                decisions: try await operations.decisions(place),
                refusal: refusal,
                mayDecide: visit.person.permissions(at: site).contains(.decideDocuments),
                siteParameter: siteParameter
            ),
            status: refusal == nil ? .ok : .conflict
        )
    }
}
