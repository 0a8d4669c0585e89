import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Documents that could not be read, and the raw bytes of every one.
struct DocumentsController: Sendable {
    let documents: DocumentStore
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/quarantine", .readDocuments, use: list)
        routes.get("/documents/{sha256}/raw", .readDocuments, use: download)
    }

    private func list(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        let cursor = try visit.query["after"].map { text in
            guard let cursor = DocumentStore.Cursor(text) else { throw PageError.badRequest }
            return cursor
        }
        let records = try await documents.failures(
            site: site.id,
            after: cursor,
            limit: WebLimits.pageRows + 1
        )
        // They are few and grave: the first page shows them above the files.
        let kept =
            cursor == nil
            ? try await QuarantinedOperation.newest(
                of: site.id,
                limit: WebLimits.pageRows,
                in: documents.database
            ) : []
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
                records: records,
                kept: kept,
                isOlder: cursor != nil,
                siteParameter: visit.person.siteParameter(site),
                now: clock.now()
            )
        )
    }

    /// The bytes as they came, never shown by the browser: a device's file may be a page.
    private func download(_ visit: Visit) async throws -> Response {
        let site = try visit.person.site(named: visit.query["site"])
        guard
            let digest = visit.context.parameters.get("sha256")
                .flatMap({ Digest256(hexadecimal: $0) }),
            let document = try await documents.content(digest, site: site.id)
        else { throw PageError.notFound }
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
