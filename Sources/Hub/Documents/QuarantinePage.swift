import Shared

/// The documents that could not be read.
struct QuarantinePage: Page {
    static let template = "quarantine"

    struct Row: Sendable {
        let time: TimeView
        /// The file's own name.
        let name: String
        /// The folders that it stood in, below the source's; nil where there are none.
        let folder: String?
        let workstation: String
        let word: String
        let sentence: String
        /// What the decoder says, and where.
        let detail: String?
        let size: String
        let download: String?
    }

    /// Something an agent sent that is no document or reading.
    struct Kept: Sendable {
        let time: TimeView
        let workstation: String
        let number: String
        let kind: String
        let word: String
        let code: String
        let sentence: String
    }

    let frame: Frame
    let isEmpty: Bool
    let emptyTitle: String
    let rows: [Row]
    let older: String?
    let kept: [Kept]
    let hasKept: Bool
    let hasRows: Bool

    init(
        frame: Frame,
        site: Site,
        records: [DocumentRecord],
        kept: [QuarantinedOperation] = [],
        isOlder: Bool,
        siteParameter: String?,
        now: Instant
    ) {
        let time = SiteTime(site)
        let shown = records.prefix(WebLimits.pageRows)
        self.frame = frame
        isEmpty = shown.isEmpty && kept.isEmpty
        hasKept = !kept.isEmpty
        hasRows = !shown.isEmpty
        self.kept = kept.map { operation in
            Kept(
                time: time.view(operation.receivedAt, now: now),
                workstation: operation.workstation,
                number: String(operation.sequence),
                kind: operation.kind,
                word: operation.word,
                code: operation.code,
                sentence: operation.sentence
            )
        }
        emptyTitle = isOlder ? "There are no older files" : "Every file could be read"
        rows = shown.map { record in
            let failure = record.failure ?? DocumentFailure(.unreadable, "")
            let parts = [failure.detail, failure.at ?? ""].filter { !$0.isEmpty }
            return Row(
                time: time.view(record.receivedAt, now: now),
                name: PathText.name(record.name),
                folder: PathText.folder(record.name),
                workstation: record.workstation,
                word: DocumentText.word(failure),
                sentence: DocumentText.sentence(failure),
                detail: parts.isEmpty ? nil : parts.joined(separator: ", "),
                size: SizeText.text(record.bytes),
                download: record.hasContent
                    ? DocumentText.download(record.sha256, siteParameter: siteParameter) : nil
            )
        }
        older =
            records.count > WebLimits.pageRows
            ? shown.last.map { last in
                Address(
                    "/quarantine",
                    ["site": siteParameter, "after": DocumentStore.Cursor(last).text]
                ).text
            } : nil
    }
}
