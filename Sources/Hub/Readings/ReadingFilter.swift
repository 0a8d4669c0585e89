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

    /// Nil for every kind.
    var kind: ReadingKind?
    var status: Status = .any

    /// Reads `kind` and `status`.
    ///
    /// Throws `badRequest` for a word that is neither.
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
    }

    /// Everything.
    init() {}

    var isEverything: Bool { self == ReadingFilter() }

    /// The same as `condition`, for a reading that is already here.
    func matches(_ record: ReadingRecord) -> Bool {
        if let kind, kind != record.kind { return false }
        // A reading that cannot be read counts as having a problem.
        let hasProblems = record.reading?.problems.isEmpty == false || record.reading == nil
        return switch status {
        case .any: true
        case .flagged: hasProblems || record.isRejected
        case .rejected: record.isRejected
        case .clean: !hasProblems && !record.isRejected
        }
    }

    /// The clause behind `WHERE … AND`.
    var condition: PostgresQuery {
        var condition: PostgresQuery = "true"
        if let kind { condition += " AND reading.kind = \(kind.rawValue)" }
        switch status {
        case .any: break
        case .flagged:
            condition +=
                " AND (reading.rejected OR jsonb_array_length(reading.body->'problems') > 0)"
        case .rejected: condition += " AND reading.rejected"
        case .clean:
            condition +=
                " AND NOT reading.rejected AND jsonb_array_length(reading.body->'problems') = 0"
        }
        return condition
    }
}
