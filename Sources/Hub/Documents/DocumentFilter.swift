import Postgres
import Shared

/// Which documents and operations the quarantine shows; its query string reproduces it.
struct DocumentFilter: Sendable, Hashable {
    /// What people have decided about them.
    enum Status: String, CaseIterable, Sendable {
        case waiting, dismissed

        var name: String {
            switch self {
            case .waiting: "waiting"
            case .dismissed: "dismissed"
            }
        }

        /// The query parameter; nil for the usual one.
        var parameter: String? { self == .waiting ? nil : rawValue }
    }

    /// The device that they come from; nil for every one.
    var device: Identifier?
    /// The device's PC and source: what documents carry.
    var origin: Origin?
    var reason: DocumentFailure.Code?
    var status = Status.waiting

    struct Origin: Sendable, Hashable {
        var agent: Identifier
        /// Nil for a device that has given no document.
        var source: String?
    }

    /// Every reason that a list can be filtered by.
    static let reasons: [DocumentFailure.Code] = [
        .unsupported, .malformed, .truncated, .tooLarge, .tooDeep, .externalEntity, .encoding,
        .unreadable,
    ]

    init() {}

    /// Reads `device`, `reason` and `status`; the device's origin is looked up by the caller.
    ///
    /// Throws `badRequest` for a word that is none.
    init(_ fields: Fields) throws(PageError) {
        if let text = fields["device"] {
            guard let id = Identifier(text) else { throw .badRequest }
            device = id
        }
        if let word = fields["reason"] {
            let code = DocumentFailure.Code(rawValue: word)
            guard Self.reasons.contains(code) else { throw .badRequest }
            reason = code
        }
        if let word = fields["status"] {
            guard let status = Status(rawValue: word) else { throw .badRequest }
            self.status = status
        }
    }

    var isEverything: Bool { device == nil && reason == nil && status == .waiting }

    /// The clause behind `WHERE document.site_id = … AND`.
    var condition: PostgresQuery {
        var condition: PostgresQuery =
            "document.failure_code IS NOT NULL AND document.dismissed = \(status == .dismissed)"
        if let origin {
            condition +=
                " AND document.agent_id = \(origin.agent) AND document.source = \(origin.source)"
        }
        if let reason { condition += " AND document.failure_code = \(reason.rawValue)" }
        return condition
    }

    /// The address of the list.
    func address(_ siteParameter: String?, after cursor: String? = nil) -> String {
        Address(
            "/quarantine",
            [
                "site": siteParameter, "device": device?.description,
                "reason": reason?.rawValue, "status": status.parameter, "after": cursor,
            ]
        ).text
    }
}
