import HTTPTypes
import Hummingbird
import Logging
import Shared

/// What people do about documents in quarantine: decode again, dismiss, put back.
struct DecisionsController: Sendable {
    let devices: DeviceStore
    let decisions: DecisionStore
    let redecoding: Redecoding
    let templates: Templates

    func addRoutes(to routes: inout Routes) {
        routes.get("/documents/{sha256}/decode", .decideDocuments, use: preview)
        routes.post("/documents/{sha256}/decode", .decideDocuments, use: take)
        routes.post("/documents/{sha256}/dismiss", .decideDocuments, use: dismiss)
        routes.post("/documents/{sha256}/restore", .decideDocuments, use: restore)
        routes.post("/quarantine/dismiss", .decideDocuments, use: dismissAll)
    }

    private func preview(_ visit: Visit) async throws -> Response {
        let (site, digest) = try DocumentsController.document(visit)
        return try await page(visit, site, digest)
    }

    private func take(_ visit: Visit) async throws -> Response {
        let (site, digest) = try DocumentsController.document(visit)
        guard let shown = visit.form["shown"].flatMap({ Digest256(hexadecimal: $0) }) else {
            throw PageError.badRequest
        }
        do {
            let count = try await redecoding.take(
                digest,
                site: site,
                shown: shown,
                by: visit.person.account.id
            )
            visit.context.logger.notice(
                "document decoded again",
                metadata: [
                    "sha256": "\(digest)", "readings": "\(count)",
                    "account": "\(visit.person.account.id)",
                ]
            )
        } catch is Redecoding.Changed {
            return try await page(visit, site, digest, isChanged: true)
        } catch is DocumentFailure {
            return try await page(visit, site, digest, isChanged: true)
        }
        return back(visit, site, digest)
    }

    private func dismiss(_ visit: Visit) async throws -> Response {
        let (site, digest) = try DocumentsController.document(visit)
        guard let reason = DecisionRecord.reason(visit.form) else {
            throw PageError.reasonMissing
        }
        try await decide(visit, site, digest, dismissed: true, reason: reason)
        return back(visit, site, digest)
    }

    private func restore(_ visit: Visit) async throws -> Response {
        let (site, digest) = try DocumentsController.document(visit)
        try await decide(visit, site, digest, dismissed: false, reason: nil)
        return back(visit, site, digest)
    }

    private func decide(
        _ visit: Visit,
        _ site: Site,
        _ digest: Digest256,
        dismissed: Bool,
        reason: String?
    ) async throws {
        let account = visit.person.account.id
        let isNew = try await decisions.decide(
            digest,
            site: site.id,
            dismissed: dismissed,
            reason: reason,
            by: account
        )
        guard isNew else { return }
        visit.context.logger.notice(
            dismissed ? "document dismissed" : "document restored",
            metadata: ["sha256": "\(digest)", "account": "\(account)"]
        )
    }

    /// Everything that the page showed: of one reason, and arrived until then.
    private func dismissAll(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let filter = try await devices.filter(try DocumentFilter(visit.form), site: site.id)
        guard filter.reason != nil, let until = visit.form["until"].flatMap({ Instant($0) }) else {
            throw PageError.badRequest
        }
        guard let reason = DecisionRecord.reason(visit.form) else {
            throw PageError.reasonMissing
        }
        let count = try await decisions.dismissAll(
            filter,
            site: site.id,
            until: until,
            reason: reason,
            by: visit.person.account.id
        )
        visit.context.logger.notice(
            "documents dismissed",
            metadata: ["count": "\(count)", "account": "\(visit.person.account.id)"]
        )
        return .redirect(
            to: filter.address(visit.person.siteParameter(site)),
            type: .normal
        )
    }

    private func back(_ visit: Visit, _ site: Site, _ digest: Digest256) -> Response {
        .redirect(
            to: DocumentText.page(digest, siteParameter: visit.person.siteParameter(site)),
            type: .normal
        )
    }

    private func page(
        _ visit: Visit,
        _ site: Site,
        _ digest: Digest256,
        isChanged: Bool = false
    ) async throws -> Response {
        let result: Result<Redecoding.Preview, DocumentFailure>
        do {
            result = .success(try await redecoding.preview(digest, site: site))
        } catch let failure as DocumentFailure {
            result = .failure(failure)
        }
        return templates.response(
            DecodingPage(
                frame: Frame(
                    "Decode again",
                    place: .quarantine,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                digest: digest,
                result: result,
                isChanged: isChanged,
                siteParameter: visit.person.siteParameter(site)
            ),
            status: isChanged ? .conflict : .ok
        )
    }
}

extension DeviceStore {
    /// The filter with the device's PC and source.
    ///
    /// Throws `PageError.notFound` for a device that the site does not have.
    func filter(_ filter: DocumentFilter, site: Identifier) async throws -> DocumentFilter {
        guard let id = filter.device else { return filter }
        guard let device = try await device(id, site: site) else { throw PageError.notFound }
        var filter = filter
        filter.origin = DocumentFilter.Origin(agent: device.agent, source: device.source)
        return filter
    }
}
