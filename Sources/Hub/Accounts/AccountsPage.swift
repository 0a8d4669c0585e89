import Shared

/// The list of people, and the form that invites one more.
struct AccountsPage: Page {
    static let template = "accounts"

    struct Row: Sendable {
        let name: String
        let email: String
        let role: String
        let nihdi: String?
        let word: String
        let level: String
        let factors: String
        let lastSeen: String
        /// What became of the mail with the code that is valid now; nil for none.
        let mail: Words?
        let isOwn: Bool
        let isDisabled: Bool
        let isInvited: Bool
        /// True where one may ask to take away a factor.
        let mayAsk: Bool
        /// A wish to take it away; nil where nobody has one.
        let removal: Removal?
        /// `/accounts/ID`: what may be done is below it.
        let address: String
    }
    /// A sentence, and how it is to be read: `plain`, `attention` or `problem`.
    struct Words: Sendable {
        let level: String
        let sentence: String
    }
    struct MailRow: Sendable {
        let what: String
        let recipient: String
        let at: String
        let words: Words
    }
    /// What the outbox says.
    struct Mail: Sendable {
        let isOn: Bool
        let ofCodes: [Identifier: MailRecord]
        let failing: [MailRecord]
        /// What was put there a moment ago.
        let notice: String?
    }
    struct Removal: Sendable {
        let sentence: String
        let mayAgree: Bool
        let mayCarryOut: Bool
    }
    struct Choice: Sendable {
        let value: String
        let name: String
        let isChosen: Bool
    }

    let frame: Frame
    let rows: [Row]
    /// True where codes are mailed unless one is asked for on paper.
    let sendsMail: Bool
    let notice: String?
    let failing: [MailRow]
    let hasFailing: Bool
    let fault: String?
    let email: String
    let name: String
    let nihdi: String
    let roles: [Choice]
    let sites: [Choice]
    let hasSites: Bool
    let isForEverySite: Bool

    init(
        frame: Frame,
        accounts: [AccountOverview],
        removals: [FactorRemoval],
        mail: Mail,
        viewer: Person,
        draft: AccountDraft,
        sites: [Site],
        fault: String?,
        now: Instant
    ) {
        self.frame = frame
        self.fault = fault
        let time = viewer.sites.first.map { SiteTime($0) }
        rows = accounts.map { account in
            Row(
                account,
                removals.first { $0.account == account.account.id },
                mail.ofCodes[account.account.id].flatMap { Words(short: $0, time, now: now) },
                viewer: viewer.account.id,
                now: now
            )
        }
        sendsMail = mail.isOn
        notice = mail.notice
        failing = mail.failing.map { record in
            MailRow(
                what: record.kind.title,
                recipient: record.recipient,
                at: time?.full(record.madeAt) ?? record.madeAt.description,
                words: Words(record, time, now: now)
                    ?? Words(level: "plain", sentence: "\u{2014}")
            )
        }
        hasFailing = !failing.isEmpty
        email = draft.email
        name = draft.name
        nihdi = draft.nihdi
        roles = Role.allCases.map {
            Choice(value: $0.rawValue, name: $0.title, isChosen: $0.rawValue == draft.role)
        }
        self.sites = sites.map { site in
            Choice(
                value: site.id.description,
                name: site.name,
                isChosen: draft.siteChoice?.contains(site.id) == true
            )
        }
        hasSites = sites.count > 1
        isForEverySite = draft.siteChoice == nil
    }
}

extension AccountsPage.Row {
    init(
        _ overview: AccountOverview,
        _ wish: FactorRemoval?,
        _ mail: AccountsPage.Words?,
        viewer: Identifier,
        now: Instant
    ) {
        let account = overview.account
        name = account.name
        email = account.email
        role = account.role.title
        nihdi = account.nihdi
        (word, level) = Self.state(overview)
        factors = Self.factors(overview)
        lastSeen =
            overview.lastSignInAt.map { "\(shortSpan(now.duration(since: $0))) ago" } ?? "never"
        self.mail = mail
        isOwn = account.id == viewer
        isDisabled = account.isDisabled
        isInvited = !overview.hasPassword
        mayAsk = !overview.lacksFactor && wish == nil
        removal = wish.map { AccountsPage.Removal($0, viewer: viewer, now: now) }
        address = "/accounts/\(account.id)"
    }

    private static func state(_ overview: AccountOverview) -> (String, String) {
        if overview.account.isDisabled { return ("disabled", "plain") }
        if !overview.hasPassword {
            return overview.codeUntil == nil
                ? ("invitation expired", "problem") : ("invited", "attention")
        }
        return overview.lacksFactor ? ("no second factor", "attention") : ("active", "well")
    }

    private static func factors(_ overview: AccountOverview) -> String {
        var parts: [String] = []
        if overview.hasApp { parts.append(overview.isAppGiven ? "app (given)" : "app") }
        if overview.passkeys > 0 {
            parts.append(overview.passkeys == 1 ? "1 passkey" : "\(overview.passkeys) passkeys")
        }
        guard !parts.isEmpty else { return "\u{2014}" }
        return (parts + ["\(overview.recoveryLeft) recovery codes"]).joined(separator: ", ")
    }
}

extension AccountsPage.Words {
    /// The same without the reason, which is below the list.
    init?(short record: MailRecord, _ time: SiteTime?, now: Instant) {
        switch record.state {
        case .waiting(_, .some):
            self.init(level: "attention", sentence: "not mailed yet: see below")
        case .givenUp: self.init(level: "problem", sentence: "not mailed: see below")
        default: self.init(record, time, now: now)
        }
    }

    /// What became of a mail; nil where it was not meant to go any more.
    init?(_ record: MailRecord, _ time: SiteTime?, now: Instant) {
        func text(_ instant: Instant) -> String {
            guard let view = time?.view(instant, now: now) else { return instant.description }
            return "\(view.day), \(view.clock)"
        }
        switch record.state {
        case .sent(let at): (level, sentence) = ("plain", "mailed \(text(at))")
        case .waiting(_, nil): (level, sentence) = ("plain", "the mail is on its way")
        case .waiting(let next, let failure?):
            level = "attention"
            sentence =
                "not mailed yet: \(MailRecord.sentence(failure)); next try \(text(next))"
        case .givenUp(_, let failure):
            level = "problem"
            sentence = "not mailed: \(MailRecord.sentence(failure))"
        case .withdrawn: return nil
        }
    }
}

extension AccountsPage {
    /// What was put into the outbox a moment ago, by the word in the address.
    static func notice(_ word: String?) -> String? {
        switch word {
        case "invitation": "The invitation is being mailed. Below their name it says when it was."
        case "reset": "The code for a new password is being mailed. Below the name it says when."
        default: nil
        }
    }
}

extension AccountsPage.Removal {
    init(_ wish: FactorRemoval, viewer: Identifier, now: Instant) {
        let left = wish.ripeAt.duration(since: now)
        let isRipe = left <= .zero
        sentence =
            wish.askedByName + " asks to take the factor away: "
            + (isRipe ? "the day has passed." : "another agrees, or in \(shortSpan(left)).")
        mayAgree = wish.askedBy != viewer && !isRipe
        mayCarryOut = isRipe
    }
}

/// The page that shows a code, once; it prints well.
struct AccountCodePage: Page {
    static let template = "account-code"

    let frame: Frame
    let name: String
    let email: String
    let code: String
    let path: String
    let until: String
    let isInvitation: Bool
}
