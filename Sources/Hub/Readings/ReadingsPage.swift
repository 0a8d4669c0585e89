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
        acts: MatchView.Acts? = nil,
        now: Instant
    ) {
        self.frame = frame
        let links = Links(siteParameter: siteParameter, filter: filter)
        let time = SiteTime(site)
        let shown = found.records.prefix(WebLimits.pageRows)
        filters = [links.kinds, links.statuses, links.ownerships]
        clear = filter.isEverything ? nil : links.address(ReadingFilter())
        zone = time.zone
        isOlder = found.before != nil
        newest = links.address(filter)
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
                        "patient": filter.ownership.parameter,
                    ]
                ).text,
                after: String(found.newestPosition)
            ) : nil
        rows = shown.map {
            ReadingRow($0, at: time, siteParameter: siteParameter, acts: acts, now: now)
        }
        older = links.address(filter, before: shown.last?.position ?? 0)
        hasOlder = found.records.count > WebLimits.pageRows
    }

    /// The addresses that a filter's choices lead to.
    private struct Links {
        let siteParameter: String?
        let filter: ReadingFilter

        func address(_ filter: ReadingFilter, before: Int64? = nil) -> String {
            filter.address(siteParameter: siteParameter, before: before)
        }

        /// A menu whose choices change one part of the filter.
        private func menu<Choice: Equatable>(
            _ name: String,
            _ part: WritableKeyPath<ReadingFilter, Choice>,
            _ choices: [(name: String, choice: Choice)]
        ) -> Filter {
            Filter(
                name: name,
                current: choices.first { $0.choice == filter[keyPath: part] }?.name ?? "any",
                choices: choices.map { choice in
                    var other = filter
                    other[keyPath: part] = choice.choice
                    return Frame.Place(
                        name: choice.name,
                        address: address(other),
                        isCurrent: other == filter
                    )
                }
            )
        }

        var kinds: Filter {
            menu(
                "Kind",
                \.kind,
                [("any", nil)] + KindName.all.map { (KindName.text($0), Optional.some($0)) }
            )
        }

        var statuses: Filter {
            menu("Status", \.status, ReadingFilter.Status.allCases.map { ($0.name, $0) })
        }

        var ownerships: Filter {
            menu("Patient", \.ownership, ReadingFilter.Ownership.allCases.map { ($0.name, $0) })
        }
    }
}
