import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Documents that could not be read, and every one's page and raw bytes.
struct DocumentsController: Sendable {
    let documents: DocumentStore
    let devices: DeviceStore
    let decisions: DecisionStore
    let operations: OperationStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/quarantine", .readDocuments, use: list)
        routes.get("/documents/{sha256}", .readDocuments, use: show)
        routes.get("/documents/{sha256}/raw", .readDocuments, use: download)
    }

    private func list(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let cursor = try visit.query["after"].map { text in
            guard let cursor = DocumentStore.Cursor(text) else { throw PageError.badRequest }
            return cursor
        }
        let filter = try await devices.filter(try DocumentFilter(visit.query), site: site.id)
        let records = try await documents.failures(
            site: site.id,
            filter,
            after: cursor,
            limit: WebLimits.pageRows + 1
        )
        // They are few and grave: the first page shows them above the files.
        let kept =
            cursor == nil
            ? try await operations.newest(of: site.id, filter, limit: WebLimits.pageRows) : []
        let found = QuarantinePage.Found(
            filter: filter,
            records: records,
            kept: kept,
            count: try await documents.countFailures(site: site.id, filter),
            devices: try await devices.devices(of: site.id).filter { $0.source != nil },
            isOlder: cursor != nil,
            mayDecide: visit.person.permissions(at: site).contains(.decideDocuments)
        )
        return templates.response(
            QuarantinePage(
                frame: Frame(
                    "Documents that could not be read",
                    place: .quarantine,
                    visit: visit,
                    site: site,
                    assets: templates.assets
                ),
                site: site,
                found: found,
                siteParameter: visit.person.siteParameter(site),
                now: clock.now()
            )
        )
    }

    private func show(_ visit: Visit) async throws -> Response {
        let (site, digest) = try Self.document(visit)
        guard let record = try await documents.records([digest], site: site.id).first,
            let document = try await documents.content(digest, site: site.id)
        else { throw PageError.notFound }
        let (form, page) = try Self.view(visit.query, count: document.bytes.count)
        let found = DocumentPage.Found(
            record: record,
            content: document.bytes,
            form: form,
            page: page,
            decisions: try await decisions.decisions(digest, site: site.id),
            readings: try await documents.readings(of: digest, site: site.id),
            mayDecide: visit.person.permissions(at: site).contains(.decideDocuments)
        )
        return templates.response(
            DocumentPage(
                frame: Frame(
                    PathText.name(record.name),
                    place: .quarantine,
                    visit: visit,
                    site: site,
                    assets: templates.assets,
                    isBelow: true
                ),
                site: site,
                found: found,
                siteParameter: visit.person.siteParameter(site)
            )
        )
    }

    /// The site and the document that an address names.
    static func document(_ visit: Visit) throws -> (Site, Digest256) {
        let site = try visit.person.site(named: visit.query["site"])
        let digest = visit.context.parameters.get("sha256")
            .flatMap { Digest256(hexadecimal: $0) }
        guard let digest else { throw PageError.notFound }
        return (site, digest)
    }

    /// The form and the page of bytes that a query asks for.
    static func view(
        _ query: Fields,
        count: Int
    ) throws(PageError) -> (ByteView.Form, page: Int) {
        let form = query["view"].map { ByteView.Form(rawValue: $0) } ?? .text
        guard let form else { throw .badRequest }
        let page = query["page"].map { Int($0) } ?? 1
        guard let page, (1...ByteView.pages(count, form)).contains(page) else {
            throw .badRequest
        }
        return (form, page)
    }

    /// The bytes as they came, never shown by the browser: a device's file may be a page.
    private func download(_ visit: Visit) async throws -> Response {
        let (site, digest) = try Self.document(visit)
        guard let document = try await documents.content(digest, site: site.id) else {
            throw PageError.notFound
        }
        visit.context.logger.info(
            "document downloaded",
            metadata: ["sha256": "\(digest)", "account": "\(visit.person.account.id)"]
        )
        let name = SafeFileName.ascii(document.name)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/octet-stream",
                .contentDisposition: "attachment; filename=\"\(name)\"",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.bytes))
        )
    }
}
