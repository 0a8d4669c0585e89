/// What the copy of an Agent asks for: to be a PC of its own, under a key of its own.
package struct ClaimRequest: Equatable, Sendable, Codable {
    /// A PKCS #10 request for the copy's new P-256 key, PEM.
    package var certificateRequest: String
    package var installation: Installation
    package var workstation: String
    package var software: String
    /// Operations that wait there.
    package var pending: Int64

    /// Takes the parts as they are.
    package init(
        certificateRequest: String,
        installation: Installation,
        workstation: String,
        software: String,
        pending: Int64
    ) {
        self.certificateRequest = certificateRequest
        self.installation = installation
        self.workstation = workstation
        self.software = software
        self.pending = pending
    }
}

/// What a person has decided about it.
package struct ClaimReply: Equatable, Sendable, Codable {
    package var decision: Decision
    /// What makes the copy an Agent of its own, where it was approved.
    package var enrolment: EnrolmentReply?

    /// Takes the parts as they are.
    package init(decision: Decision, enrolment: EnrolmentReply? = nil) {
        self.decision = decision
        self.enrolment = enrolment
    }

    /// Nobody has decided, a PC of its own, the same PC in another body, or neither.
    package enum Decision: String, Sendable, Codable {
        case waiting, approved, samePC, rejected
    }
}
