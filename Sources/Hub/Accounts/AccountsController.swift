import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Who may sign in, and what they are: for administrators.
struct AccountsController: Sendable {
    let accounts: AccountStore
    let codes: AccountCodeStore
    let removals: FactorRemovalStore
    let sessions: SessionStore
    /// Nil where nothing is mailed: then every code is shown once.
    let outbox: MailOutbox?
    let mails: MailList
    let templates: Templates
    let clock: WallClock

    func addRoutes(to routes: inout Routes) {
        routes.get("/accounts", .manageAccounts) { try await page($0, draft: AccountDraft()) }
        routes.post("/accounts", .manageAccounts, use: invite)
        routes.post("/accounts/{id}/invite", .manageAccounts) { try await code($0, .invitation) }
        routes.post("/accounts/{id}/reset", .manageAccounts) { try await code($0, .reset) }
        routes.post("/accounts/{id}/disable", .manageAccounts) { try await disable($0, true) }
        routes.post("/accounts/{id}/enable", .manageAccounts) { try await disable($0, false) }
    }

    private func invite(_ visit: Visit) async throws -> Response {
        let draft = AccountDraft(visit.form, sites: visit.person.sites)
        let account: Account
        do {
            account = try await accounts.add(try draft.read(), sites: draft.siteChoice)
        } catch let error as AccountError {
            return try await page(visit, draft: draft, fault: JoinController.sentence(error))
        }
        visit.context.logger.notice(
            "person invited",
            metadata: ["account": "\(account.id)", "by": "\(visit.person.account.id)"]
        )
        return try await hand(account, .invitation, visit)
    }

    private func code(_ visit: Visit, _ purpose: AccountCode.Purpose) async throws -> Response {
        let account = try await account(visit)
        guard !account.isDisabled else { throw PageError.notFound }
        return try await hand(account, purpose, visit)
    }

    /// Mails a new code, or shows it, this once.
    private func hand(
        _ account: Account,
        _ purpose: AccountCode.Purpose,
        _ visit: Visit
    ) async throws -> Response {
        if let outbox, visit.form["by"] != "paper" {
            try await codes.mail(to: account, purpose, by: visit.person.account.id, outbox)
            return .redirect(to: "/accounts?mailed=\(purpose.rawValue)", type: .normal)
        }
        let (code, until) = try await codes.make(
            for: account.id,
            purpose,
            by: visit.person.account.id
        )
        let site = visit.person.sites.first
        return templates.response(
            AccountCodePage(
                frame: frame(purpose == .invitation ? "Invitation" : "New password", visit, true),
                name: account.name,
                email: account.email,
                code: code.text,
                path: Address("/join", ["code": code.text]).text,
                until: site.map { SiteTime($0).full(until) } ?? until.description,
                isInvitation: purpose == .invitation
            )
        )
    }

    private func disable(_ visit: Visit, _ isDisabled: Bool) async throws -> Response {
        let account = try await account(visit)
        guard account.id != visit.person.account.id else { throw PageError.ownAccount }
        try await accounts.setDisabled(isDisabled, account.id)
        if isDisabled { _ = try await sessions.end(of: account.id) }
        return .redirect(to: "/accounts", type: .normal)
    }

    private func account(_ visit: Visit) async throws -> Account {
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }),
            let account = try await accounts.account(id)
        else { throw PageError.notFound }
        return account
    }

    private func page(
        _ visit: Visit,
        draft: AccountDraft,
        fault: String? = nil
    ) async throws -> Response {
        templates.response(
            AccountsPage(
                frame: frame("People", visit, false),
                accounts: try await accounts.overview(),
                removals: try await removals.open(),
                mail: AccountsPage.Mail(
                    isOn: outbox != nil,
                    ofCodes: try await mails.ofCodes(),
                    failing: try await mails.failing(),
                    notice: AccountsPage.notice(visit.query["mailed"])
                ),
                viewer: visit.person,
                draft: draft,
                sites: visit.person.sites,
                fault: fault,
                now: clock.now()
            ),
            status: fault == nil ? .ok : .unprocessableContent
        )
    }

    private func frame(_ title: String, _ visit: Visit, _ isBelow: Bool) -> Frame {
        Frame(
            title,
            place: .accounts,
            visit: visit,
            site: nil,
            assets: templates.assets,
            isBelow: isBelow
        )
    }
}

/// What was typed to invite somebody.
struct AccountDraft: Sendable {
    var email = ""
    var name = ""
    var role = Role.clinician.rawValue
    var nihdi = ""
    /// The sites that were ticked; nil for every site.
    var siteChoice: [Identifier]?

    init() {}

    /// Fields that the form does not know are left out.
    init(_ form: Fields, sites: [Site]) {
        email = form["email"] ?? ""
        name = form["name"] ?? ""
        role = form["role"] ?? ""
        nihdi = form["nihdi"] ?? ""
        if form["every"] == nil, sites.count > 1 {
            siteChoice = sites.map(\.id).filter { form["site-\($0)"] != nil }
        }
    }

    /// Throws `AccountError`.
    func read() throws(AccountError) -> NewAccount {
        guard let role = Role(rawValue: role) else { throw .unknown }
        return try NewAccount(email: email, name: name, role: role, password: nil, nihdi: nihdi)
    }
}
