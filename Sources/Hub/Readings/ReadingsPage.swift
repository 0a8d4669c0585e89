import Shared

/// The live list of a site's readings.
struct ReadingsPage: Page {
    static let template = "readings"

    /// A choice among links.
    struct Filter: Sendable {
        let name: String
        let current: String
        let choices: [Frame.Place]
    }
    /// Where the browser listens for what arrives next.
    struct Live: Sendable {
        let address: String
        let after: String
    }

    let frame: Frame
    let filters: [Filter]
    /// Leads to the list without filters; nil where there are none.
    let clear: String?
    let zone: String
    /// True on a page that does not begin with the newest reading.
    let isOlder: Bool
    let newest: String
    let isEmpty: Bool
    let isFiltered: Bool
    let hasAgents: Bool
    /// Nil on a page of older readings: what arrives would not belong there.
    let live: Live?
    let rows: [ReadingRow]
    let older: String
    let hasOlder: Bool

    /// What the controller found.
    struct Found: Sendable {
        /// One more than a page shows where there are more.
        let records: [ReadingRecord]
        let newestPosition: Int64
        let before: Int64?
        let hasAgents: Bool
    }

    init(
        frame: Frame,
        site: Site,
        filter: ReadingFilter,
        found: Found,
        siteParameter: String?,
        now: Instant
    ) {
        self.frame = frame
        let links = Links(siteParameter: siteParameter, filter: filter)
        let time = SiteTime(site)
        let shown = found.records.prefix(WebLimits.pageRows)
        filters = [links.kinds, links.statuses]
        clear = filter.isEverything ? nil : links.address(kind: nil, status: .any)
        zone = time.zone
        isOlder = found.before != nil
        newest = links.address(kind: filter.kind, status: filter.status)
        isEmpty = shown.isEmpty
        isFiltered = !filter.isEverything || found.before != nil
        hasAgents = found.hasAgents
        live =
            found.before == nil
            ? Live(
                address: Address(
                    "/live/readings",
                    [
                        "site": site.id.description, "kind": filter.kind?.rawValue,
                        "status": filter.status.parameter,
                    ]
                ).text,
                after: String(found.newestPosition)
            ) : nil
        rows = shown.map {
            ReadingRow($0, at: time, siteParameter: siteParameter, now: now)
        }
        older = links.address(
            kind: filter.kind,
            status: filter.status,
            before: shown.last?.position ?? 0
        )
        hasOlder = found.records.count > WebLimits.pageRows
    }

    /// The addresses that a filter's choices lead to.
    private struct Links {
        let siteParameter: String?
        let filter: ReadingFilter

        func address(
            kind: ReadingKind?,
            status: ReadingFilter.Status,
            before: Int64? = nil
        ) -> String {
            Address(
                "/readings",
                [
                    "site": siteParameter, "kind": kind?.rawValue, "status": status.parameter,
                    "before": before.map { String($0) },
                ]
            ).text
        }

        var kinds: Filter {
            let choices = [nil] + KindName.all.map(Optional.some)
            return Filter(
                name: "Kind",
                current: filter.kind.map(KindName.text) ?? "any",
                choices: choices.map { kind in
                    Frame.Place(
                        name: kind.map(KindName.text) ?? "any",
                        address: address(kind: kind, status: filter.status),
                        isCurrent: filter.kind == kind
                    )
                }
            )
        }

        var statuses: Filter {
            Filter(
                name: "Status",
                current: filter.status.name,
                choices: ReadingFilter.Status.allCases.map { status in
                    Frame.Place(
                        name: status.name,
                        address: address(kind: filter.kind, status: status),
                        isCurrent: filter.status == status
                    )
                }
            )
        }
    }
}
