import Shared

/// The page that asks for the second factor.
struct FactorPage: Page {
    static let template = "factor"

    /// Who is asked, and where the answer goes.
    struct Asking: Sendable {
        let action: String
        /// Where somebody goes who is another; nil where they are signed in.
        let leave: String?
        let person: String
        let token: String
        let next: String
    }

    let title: String
    let assets: Assets.Names
    let isWide = false
    let asking: Asking
    /// Why the last attempt did not succeed; nil at first.
    let refusal: String?
    let hasApp: Bool
    let passkey: PasskeyForm?
}

/// What the script hands to `navigator.credentials`, as text.
struct PasskeyForm: Sendable {
    /// To sign in.
    init(_ party: RelyingParty, challenge: [UInt8], allowed: [[UInt8]]) {
        self.init(party, challenge, "get", allowed, account: nil, email: "", name: "")
    }

    /// To make a new one, on none of the authenticators that are `known`.
    init(
        _ party: RelyingParty,
        challenge: [UInt8],
        known: [[UInt8]],
        account: Identifier,
        email: String,
        name: String
    ) {
        self.init(party, challenge, "create", known, account: account, email: email, name: name)
    }

    private init(
        _ party: RelyingParty,
        _ challenge: [UInt8],
        _ ceremony: String,
        _ credentials: [[UInt8]],
        account: Identifier?,
        email: String,
        name: String
    ) {
        self.ceremony = ceremony
        host = party.id
        self.challenge = Base64URL.encode(challenge)
        self.credentials = credentials.map(Base64URL.encode).joined(separator: " ")
        user = account.map { Base64URL.encode($0.bytes) } ?? ""
        self.email = email
        self.name = name
    }

    let ceremony: String
    let host: String
    let challenge: String
    let credentials: String
    let user: String
    let email: String
    let name: String
}

/// The page on which somebody sets up their first second factor.
struct EnrolmentPage: Page {
    static let template = "enrol"

    let title = "Set up your second factor"
    let assets: Assets.Names
    let isWide = true
    let person: String
    let token: String
    let next: String
    /// The secret in groups of letters.
    let secret: String
    /// Where the picture of it is.
    let picture = "/sign-in/enrol/app.svg"
    let refusal: String?
    let passkey: PasskeyForm?
}

/// The page that shows recovery codes, once.
struct RecoveryCodesPage: Page {
    static let template = "recovery-codes"

    let title = "Your recovery codes"
    let assets: Assets.Names
    let isWide = true
    let codes: [String]
    let next: String
}
