import Shared

/// What a person sees of their own account.
struct OwnAccountPage: Page {
    static let template = "account"

    struct SessionRow: Sendable {
        let browser: String
        let network: String
        let since: String
        let used: String
        let isThis: Bool
        let end: String
    }
    struct PasskeyRow: Sendable {
        let name: String
        let made: String
        let used: String
        let remove: String
    }
    struct BrowserRow: Sendable {
        let browser: String
        let network: String
        let at: String
    }

    /// What the stores know.
    struct Known: Sendable {
        let sessions: [SessionRecord]
        let newBrowsers: [NewBrowser]
        let factors: FactorCheck.Factors
        /// An administrator's wish to take them away; nil where there is none.
        let removal: FactorRemoval?
        let allowsPasskeys: Bool
    }

    let frame: Frame
    let email: String
    let nihdi: String?
    let notice: String?
    let appSince: String?
    let passkeys: [PasskeyRow]
    let hasPasskeys: Bool
    let allowsPasskeys: Bool
    let recoveryLeft: Int
    let isRecoveryLow: Bool
    /// True where a factor may go: the last one stays.
    let mayRemove: Bool
    /// Who asks to take the factor away, and from when that may be done.
    let removal: String?
    let newBrowsers: [BrowserRow]
    let hasNewBrowsers: Bool
    let sessions: [SessionRow]

    init(frame: Frame, _ person: Person, _ known: Known, notice: String?, now: Instant) {
        self.frame = frame
        self.notice = notice
        email = person.account.email
        nihdi = person.account.nihdi
        func full(_ instant: Instant) -> String {
            person.sites.first.map { SiteTime($0).full(instant) } ?? instant.description
        }
        func ago(_ instant: Instant) -> String { "\(shortSpan(now.duration(since: instant))) ago" }
        let factors = known.factors
        appSince = factors.appSince.map(full)
        passkeys = factors.passkeys.map { key in
            PasskeyRow(
                name: key.name,
                made: full(key.madeAt),
                used: key.usedAt.map(ago) ?? "never",
                remove: "/account/passkeys/\(key.id)/remove"
            )
        }
        hasPasskeys = !factors.passkeys.isEmpty
        allowsPasskeys = known.allowsPasskeys
        recoveryLeft = factors.recoveryLeft
        isRecoveryLow = factors.recoveryLeft < 3
        mayRemove = factors.passkeys.count + (factors.appSince == nil ? 0 : 1) > 1
        removal = known.removal.map { wish in
            "\(wish.askedByName) asked to take away your second factor. It is done when another "
                + "administrator agrees, or may be from \(full(wish.ripeAt)) on."
        }
        newBrowsers = known.newBrowsers.map { new in
            BrowserRow(
                browser: BrowserName.words(new.browser),
                network: new.network,
                at: full(new.firstAt)
            )
        }
        hasNewBrowsers = !known.newBrowsers.isEmpty
        sessions = known.sessions.map { session in
            SessionRow(
                browser: BrowserName.words(session.browser),
                network: session.network ?? "\u{2014}",
                since: full(session.createdAt),
                used: session.id == person.sessionID ? "now" : ago(session.lastUsedAt),
                isThis: session.id == person.sessionID,
                end: "/account/sessions/\(session.id)/end"
            )
        }
    }

    /// What was done a moment ago, by the word in the address.
    static func notice(_ word: String?) -> String? {
        switch word {
        case "ended": "That session has ended."
        case "password": "Your password is changed. Your other sessions have ended."
        case "objected": "Your second factor stays. Tell whoever manages accounts."
        case "app": "The new app is in force; codes of the old one do not count any more."
        case "app-removed": "The app is removed."
        case "passkey": "The passkey is added."
        case "passkey-removed": "The passkey is removed."
        default: nil
        }
    }
}

/// The page on which a person sets up an app, adds a passkey, or changes the password.
struct OwnFactorPage: Page {
    static let template = "account-factor"

    let frame: Frame
    let refusal: String?
    /// The secret in groups of letters; nil on the other pages.
    let secret: String?
    /// Where the picture of it is.
    let picture = "/account/app.svg"
    let passkey: PasskeyForm?
    let isPassword: Bool
    let shortest = PasswordRules.length.lowerBound
}
