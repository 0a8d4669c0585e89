package import Shared

/// One line of the audit: who did what to which record, from where.
///
/// It holds identifiers, never names or values.
package struct AuditRecord: Equatable, Sendable, Codable {
    /// The Hub's clock, in milliseconds since 1970.
    package var at: Int64
    /// The method and the route: `GET /patients/{id}`; or a word such as `signIn`.
    package var action: String
    package var outcome: Outcome
    /// Nil where nobody was signed in, or a card acted.
    package var account: Identifier?
    package var session: Identifier?
    package var site: Identifier?
    /// What the route's address names.
    package var subject: Identifier?
    /// The network that the request came from.
    package var network: String?
    /// Why, where a reason had to be given.
    package var reason: String?
    /// The emergency access by which a person saw the site; nil where it was their own.
    package var emergency: Identifier?
    /// The program that acted, with `session` its token; nil where a person did.
    package var program: Identifier?

    /// Takes the parts as they are.
    package init(
        at: Instant,
        action: String,
        outcome: Outcome = .allowed,
        account: Identifier? = nil,
        session: Identifier? = nil,
        site: Identifier? = nil,
        subject: Identifier? = nil,
        network: String? = nil,
        reason: String? = nil
    ) {
        self.at = at.milliseconds
        self.action = action
        self.outcome = outcome
        self.account = account
        self.session = session
        self.site = site
        self.subject = subject
        self.network = network
        self.reason = reason
    }

    /// What the Hub said to it.
    package enum Outcome: String, Sendable, Codable {
        case allowed, denied, failed
    }
}
