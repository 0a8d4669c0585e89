package import Shared

/// Who this PC is to the Hub: made by enrolment, kept outside the database.
package struct AgentIdentity: Equatable, Sendable, Codable {
    /// The Agent's identifier on the Hub.
    package var agent: Identifier
    /// The site that the readings belong to.
    package var site: Identifier
    package var siteName: String
    /// The workstation's name on the Hub.
    package var workstation: String
    /// `https://host:port`.
    package var hub: String
    package var enrolledAt: Instant
    /// When the certificate ends.
    package var certificateExpiresAt: Instant

    /// Takes the parts as they are.
    package init(
        agent: Identifier,
        site: Identifier,
        siteName: String,
        workstation: String,
        hub: String,
        enrolledAt: Instant,
        certificateExpiresAt: Instant
    ) {
        self.agent = agent
        self.site = site
        self.siteName = siteName
        self.workstation = workstation
        self.hub = hub
        self.enrolledAt = enrolledAt
        self.certificateExpiresAt = certificateExpiresAt
    }
}
