import Postgres
import Shared

/// Which readings a list shows; its query string reproduces it.
struct ReadingFilter: Sendable, Hashable {
    /// What the problems of a reading must be like.
    enum Status: String, CaseIterable, Sendable {
        case any, flagged, rejected, clean

        var name: String {
            switch self {
            case .any: "any"
            case .flagged: "with problems"
            case .rejected: "kept from use"
            case .clean: "without problems"
            }
        }

        /// The query parameter; nil for any.
        var parameter: String? { self == .any ? nil : rawValue }
    }

    /// How well it must be known whose a reading is.
    enum Ownership: String, CaseIterable, Sendable {
        case any, open, contradiction, matched

        var name: String {
            switch self {
            case .any: "any"
            case .open: "waits for a person"
            case .contradiction: "contradiction"
            case .matched: "known"
            }
        }

        /// The query parameter; nil for any.
        var parameter: String? { self == .any ? nil : rawValue }
    }

    /// Nil for every kind.
    var kind: ReadingKind?
    var status: Status = .any
    var ownership: Ownership = .any

    /// Reads `kind`, `status` and `patient`.
    ///
    /// Throws `badRequest` for a word that is none of theirs.
    init(_ query: Fields) throws(PageError) {
        if let word = query["kind"] {
            let kind = ReadingKind(rawValue: word)
            guard KindName.all.contains(kind) else { throw .badRequest }
            self.kind = kind
        }
        if let word = query["status"] {
            guard let status = Status(rawValue: word) else { throw .badRequest }
            self.status = status
        }
        if let word = query["patient"] {
            guard let ownership = Ownership(rawValue: word) else { throw .badRequest }
            self.ownership = ownership
        }
    }

    /// Everything.
    init() {}

    /// The address of the list that it gives.
    func address(siteParameter: String?, before: Int64? = nil) -> String {
        Address(
            "/readings",
            [
                "site": siteParameter, "kind": kind?.rawValue, "status": status.parameter,
                "patient": ownership.parameter, "before": before.map { String($0) },
            ]
        ).text
    }

    var isEverything: Bool { self == ReadingFilter() }

    /// The same as `condition`, for a reading that is already here.
    func matches(_ record: ReadingRecord) -> Bool {
        if let kind, kind != record.kind { return false }
        guard matchesOwnership(of: record) else { return false }
        // A reading that cannot be read counts as having a problem.
        let hasProblems = record.reading?.problems.isEmpty == false || record.reading == nil
        return switch status {
        case .any: true
        case .flagged: hasProblems || record.isRejected
        case .rejected: record.isRejected
        case .clean: !hasProblems && !record.isRejected
        }
    }

    private func matchesOwnership(of record: ReadingRecord) -> Bool {
        let state = record.match?.state ?? .nobody
        return switch ownership {
        case .any: true
        case .open: state != .matched
        case .contradiction: state == .contradiction
        case .matched: state == .matched
        }
    }

    /// The clause behind `WHERE … AND`, for `ReadingRecord.table`.
    var condition: PostgresQuery {
        var condition: PostgresQuery = "true"
        if let kind { condition += " AND reading.kind = \(kind.rawValue)" }
        switch ownership {
        case .any: break
        case .open: condition += " AND match.state IS DISTINCT FROM 'matched'"
        case .contradiction: condition += " AND match.state = 'contradiction'"
        case .matched: condition += " AND match.state = 'matched'"
        }
        switch status {
        case .any: break
        case .flagged:
            condition += " AND reading.flagged"
        case .rejected: condition += " AND reading.rejected"
        case .clean:
            condition += " AND NOT reading.flagged"
        }
        return condition
    }
}
