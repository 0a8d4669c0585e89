import Shared

/// The documents that could not be read, and the operations that are not shown.
struct QuarantinePage: Page {
    static let template = "quarantine"

    struct Row: Sendable {
        let address: String
        let time: TimeView
        /// The file's own name.
        let name: String
        /// The folders that it stood in, below the source's; nil where there are none.
        let folder: String?
        let workstation: String
        let source: String
        let word: String
        let sentence: String
        /// What the decoder says, and where.
        let detail: String?
        let size: String
        let download: String?
    }

    /// Something an agent sent that is no document or reading.
    struct Kept: Sendable {
        let address: String
        let time: TimeView
        let workstation: String
        let number: String
        let kind: String
        let word: String
        let code: String
        let sentence: String
    }

    /// The form that dismisses all of one reason at once.
    struct Bulk: Sendable {
        let action: String
        let title: String
        let device: String?
        let reason: String
        let until: String
    }

    /// What the controller found.
    struct Found: Sendable {
        let filter: DocumentFilter
        /// One more than a page shows where there are more.
        let records: [DocumentRecord]
        let kept: [QuarantinedOperation]
        /// All that the filter shows.
        let count: Int
        /// The devices that have a source.
        let devices: [DeviceRecord]
        let isOlder: Bool
        let mayDecide: Bool
    }

    let frame: Frame
    let filters: [ReadingsPage.Filter]
    let clear: String?
    let count: String?
    let isEmpty: Bool
    let emptyTitle: String
    let rows: [Row]
    let older: String?
    let kept: [Kept]
    let hasKept: Bool
    let hasRows: Bool
    let isDismissed: Bool
    let bulk: Bulk?

    init(frame: Frame, site: Site, found: Found, siteParameter: String?, now: Instant) {
        let time = SiteTime(site)
        let filter = found.filter
        let shown = found.records.prefix(WebLimits.pageRows)
        self.frame = frame
        filters = Self.filters(found, siteParameter)
        clear = filter.isEverything ? nil : DocumentFilter().address(siteParameter)
        count = found.count > 0 ? "\(found.count) files" : nil
        isEmpty = shown.isEmpty && found.kept.isEmpty
        hasKept = !found.kept.isEmpty
        hasRows = !shown.isEmpty
        isDismissed = filter.status == .dismissed
        kept = found.kept.map { Kept($0, time.view($0.receivedAt, now: now), siteParameter) }
        emptyTitle =
            if found.isOlder {
                "There are no older files"
            } else if filter.isEverything {
                "Every file could be read"
            } else {
                "No file fits these filters"
            }
        rows = shown.map { Row($0, time.view($0.receivedAt, now: now), siteParameter) }
        older =
            found.records.count > WebLimits.pageRows
            ? shown.last.map {
                filter.address(siteParameter, after: DocumentStore.Cursor($0).text)
            } : nil
        bulk = Self.bulk(found, newest: shown.first, siteParameter)
    }

    private static func filters(
        _ found: Found,
        _ siteParameter: String?
    ) -> [ReadingsPage.Filter] {
        let filter = found.filter
        func filtered(_ change: (inout DocumentFilter) -> Void) -> String {
            var other = filter
            change(&other)
            return other.address(siteParameter)
        }
        func word(_ code: DocumentFailure.Code) -> String {
            DocumentText.word(DocumentFailure(code, ""))
        }
        let device = found.devices.first { $0.id == filter.device }
        let anyDevice = Frame.Place(
            name: "any",
            address: filtered { $0.device = nil },
            isCurrent: filter.device == nil
        )
        let anyReason = Frame.Place(
            name: "any",
            address: filtered { $0.reason = nil },
            isCurrent: filter.reason == nil
        )
        return [
            ReadingsPage.Filter(
                name: "Device",
                current: device.map(DeviceWords.name) ?? "any",
                choices: [anyDevice]
                    + found.devices.prefix(40).map { device in
                        Frame.Place(
                            name: "\(DeviceWords.name(device)), \(device.pc.workstation)",
                            address: filtered { $0.device = device.id },
                            isCurrent: device.id == filter.device
                        )
                    }
            ),
            ReadingsPage.Filter(
                name: "Reason",
                current: filter.reason.map(word) ?? "any",
                choices: [anyReason]
                    + DocumentFilter.reasons.map { code in
                        Frame.Place(
                            name: word(code),
                            address: filtered { $0.reason = code },
                            isCurrent: code == filter.reason
                        )
                    }
            ),
            ReadingsPage.Filter(
                name: "Status",
                current: filter.status.name,
                choices: DocumentFilter.Status.allCases.map { status in
                    Frame.Place(
                        name: status.name,
                        address: filtered { $0.status = status },
                        isCurrent: status == filter.status
                    )
                }
            ),
        ]
    }

    private static func bulk(
        _ found: Found,
        newest: DocumentRecord?,
        _ siteParameter: String?
    ) -> Bulk? {
        guard found.mayDecide, !found.isOlder, found.filter.status == .waiting,
            let reason = found.filter.reason, let newest, found.count > 1
        else { return nil }
        return Bulk(
            action: Address("/quarantine/dismiss", ["site": siteParameter]).text,
            title: "Dismiss all \(found.count)",
            device: found.filter.device?.description,
            reason: reason.rawValue,
            until: newest.receivedAt.description
        )
    }
}

extension QuarantinePage.Row {
    fileprivate init(_ record: DocumentRecord, _ time: TimeView, _ siteParameter: String?) {
        let failure = record.failure ?? DocumentFailure(.unreadable, "")
        address = DocumentText.page(record.sha256, siteParameter: siteParameter)
        self.time = time
        name = PathText.name(record.name)
        folder = PathText.folder(record.name)
        workstation = record.workstation
        source = record.source
        word = DocumentText.word(failure)
        sentence = DocumentText.sentence(failure)
        detail = DocumentText.detail(failure)
        size = SizeText.text(record.bytes)
        download =
            record.hasContent
            ? DocumentText.download(record.sha256, siteParameter: siteParameter) : nil
    }
}

extension QuarantinePage.Kept {
    fileprivate init(
        _ operation: QuarantinedOperation,
        _ time: TimeView,
        _ siteParameter: String?
    ) {
        address = operation.address(siteParameter)
        self.time = time
        workstation = operation.workstation
        number = String(operation.place.sequence)
        kind = operation.kind
        word = operation.word
        code = operation.code
        sentence = operation.sentence
    }
}
