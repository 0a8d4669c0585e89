package import Shared

/// What a PC sends to become an Agent: its single-use code and a certificate request.
package struct EnrolmentRequest: Equatable, Sendable, Codable {
    /// The secret half of the invitation code.
    package var secret: String
    /// A PKCS #10 request for a P-256 key, PEM.
    package var certificateRequest: String
    package var software: String

    /// Takes the parts as they are.
    package init(secret: String, certificateRequest: String, software: String) {
        self.secret = secret
        self.certificateRequest = certificateRequest
        self.software = software
    }
}

/// What makes it an Agent.
package struct EnrolmentReply: Equatable, Sendable, Codable {
    package var agent: Identifier
    package var site: Identifier
    package var siteName: String
    package var workstation: String
    /// The Agent's certificate, PEM.
    package var certificate: String
    /// The authority's certificate, PEM.
    package var authority: String
    package var expiresAt: Instant

    /// Takes the parts as they are.
    package init(
        agent: Identifier,
        site: Identifier,
        siteName: String,
        workstation: String,
        certificate: String,
        authority: String,
        expiresAt: Instant
    ) {
        self.agent = agent
        self.site = site
        self.siteName = siteName
        self.workstation = workstation
        self.certificate = certificate
        self.authority = authority
        self.expiresAt = expiresAt
    }
}

/// A request for a new certificate under the one that is in force.
package struct RenewalRequest: Equatable, Sendable, Codable {
    /// A PKCS #10 request, PEM.
    package var certificateRequest: String

    /// Takes the request as it is.
    package init(certificateRequest: String) {
        self.certificateRequest = certificateRequest
    }
}

/// The new certificate.
package struct RenewalReply: Equatable, Sendable, Codable {
    /// PEM.
    package var certificate: String
    package var expiresAt: Instant

    /// Takes the parts as they are.
    package init(certificate: String, expiresAt: Instant) {
        self.certificate = certificate
        self.expiresAt = expiresAt
    }
}
