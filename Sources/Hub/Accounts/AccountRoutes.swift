import Postgres
import Shared

/// Wires what has to do with accounts.
struct AccountRoutes: Sendable {
    let settings: PeopleApplication.Settings
    let database: PostgresClient
    let hasher: PasswordHasher
    let ring: SealingRing
    let clock: WallClock
    let templates: Templates
    let sessions: SessionStore
    let cookie: SessionCookie
    let network: NetworkName
    let trail: AuditTrail

    func addRoutes(to routes: inout Routes) {
        let outbox =
            settings.sendsMail
            ? MailOutbox(ring: ring, clock: clock, origin: settings.linkOrigin) : nil
        let accounts = AccountStore(
            database: database,
            clock: clock,
            hasher: hasher,
            outbox: outbox
        )
        let attempts = SignInAttempts(database: database, clock: clock)
        let codes = AccountCodeStore(database: database, clock: clock)
        let browsers = KnownBrowserStore(
            database: database,
            clock: clock,
            isSecure: settings.isSecure,
            outbox: outbox
        )
        let check = FactorCheck(
            apps: AppFactorStore(database: database, ring: ring, clock: clock),
            recovery: RecoveryCodeStore(database: database, clock: clock),
            passkeys: PasskeyStore(database: database, clock: clock),
            attempts: attempts,
            trail: trail,
            relyingParty: settings.relyingParty
        )
        addSignIn(to: &routes, accounts, attempts, codes, browsers, check)
        OwnAccountController(
            sessions: sessions,
            browsers: browsers,
            check: check,
            removals: FactorRemovalStore(database: database, clock: clock),
            trail: trail,
            cookie: cookie,
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
        OwnFactorsController(
            accounts: accounts,
            sessions: sessions,
            check: check,
            templates: templates
        ).addRoutes(to: &routes)
        let removals = FactorRemovalStore(database: database, clock: clock, outbox: outbox)
        FactorRemovalController(removals: removals, accounts: accounts, sessions: sessions)
            .addRoutes(to: &routes)
        AccountsController(
            accounts: accounts,
            codes: codes,
            removals: removals,
            sessions: sessions,
            outbox: outbox,
            mails: MailList(database: database, clock: clock),
            templates: templates,
            clock: clock
        ).addRoutes(to: &routes)
    }

    private func addSignIn(
        to routes: inout Routes,
        _ accounts: AccountStore,
        _ attempts: SignInAttempts,
        _ codes: AccountCodeStore,
        _ browsers: KnownBrowserStore,
        _ check: FactorCheck
    ) {
        let opening = SessionOpening(
            sessions: sessions,
            browsers: browsers,
            cookie: cookie,
            network: network,
            trail: trail
        )
        SignInController(
            accounts: accounts,
            sessions: sessions,
            attempts: attempts,
            network: network,
            trail: trail,
            cookie: cookie,
            templates: templates
        ).addRoutes(to: &routes)
        FactorController(check: check, opening: opening, sessions: sessions, templates: templates)
            .addRoutes(to: &routes)
        EnrolmentController(check: check, opening: opening, templates: templates)
            .addRoutes(to: &routes)
        JoinController(
            accounts: accounts,
            codes: codes,
            sessions: sessions,
            attempts: attempts,
            network: network,
            trail: trail,
            templates: templates
        ).addRoutes(to: &routes)
    }
}
