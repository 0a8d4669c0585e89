import Shared

/// What is due, and how far each disposal is.
struct RetentionPage: Page {
    static let template = "retention"

    struct Row: Sendable {
        let name: String
        let number: String
        let address: String
        let lastContact: String
        let isOverdue: Bool
        /// Why it stays; nil where nothing keeps it.
        let held: String?
        /// Where the first step is sent; nil where it is taken, or cannot be.
        let propose: String?
        let step: Step?
    }
    struct Step: Sendable {
        let who: String
        let when: String
        let reason: String
        let withdraw: String
        /// Where the second step is sent; nil where it is too early for this person.
        let dispose: String?
        let field: String
    }

    let frame: Frame
    let notice: String?
    let token: String
    let years: Int
    let rows: [Row]
    let hasRows: Bool

    init(
        frame: Frame,
        due: [RetentionStore.Due],
        notice: String?,
        person: Person,
        time: SiteTime,
        siteParameter: String?,
        now: Instant
    ) {
        self.frame = frame
        self.notice = notice
        token = person.formToken
        years = RetentionStore.years
        func address(_ path: String) -> String { Address(path, ["site": siteParameter]).text }
        rows = due.map { record in
            let step = record.proposal.map { step in
                let mayConfirm =
                    step.by != person.account.id
                    || now.duration(since: step.at)
                        > .seconds(RetentionStore.patience * 86400)
                return Step(
                    who: step.name,
                    when: time.full(step.at),
                    reason: step.reason,
                    withdraw: address("/retention/\(step.id)/withdraw"),
                    dispose: mayConfirm && record.holds.isEmpty
                        ? address("/retention/\(step.id)/dispose") : nil,
                    field: "number-\(step.id)"
                )
            }
            return Row(
                name: record.name.listed,
                number: record.number,
                address: address("/patients/\(record.patient)"),
                lastContact: SiteTime.day(time.local(record.lastContact).date),
                isOverdue: record.isOverdue,
                held: Self.held(record.holds),
                propose: step == nil && record.holds.isEmpty
                    ? address("/retention/propose/\(record.patient)") : nil,
                step: step
            )
        }
        hasRows = !rows.isEmpty
    }

    private static func held(_ holds: [String]) -> String? {
        guard !holds.isEmpty else { return nil }
        return holds.map { $0 == "restriction" ? "restricted" : "held for a claim" }
            .joined(separator: ", ")
    }
}
