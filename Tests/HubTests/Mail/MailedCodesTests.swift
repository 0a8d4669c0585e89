import HTTPTypes
import HummingbirdTesting
import Mail
import MailKit
import Postgres
import Shared
import TestKit
import Testing

@testable import Hub

extension PeopleRig {
    /// With mail set up.
    static func withMail(_ body: (PeopleRig) async throws -> Void) async throws {
        try await with(
            {
                $0.sendsMail = true
                $0.linkOrigin = "https://hub.clinic.example"
            },
            body
        )
    }

    /// What sends the mails of this rig.
    func mailer(_ server: TestMailServer) throws -> MailService {
        try MailService.sample(database, server, clock: clock.wall)
    }

    func mails() async throws -> [MailRecord] {
        try await MailList(database: database, clock: clock.wall).newest()
    }
}

extension MailService {
    static func sample(
        _ database: PostgresClient,
        _ server: TestMailServer,
        clock: WallClock
    ) throws -> MailService {
        MailService(
            database: database,
            queue: MailQueue(database: database, ring: try .sample(), clock: clock),
            transport: MailTransport(server.address),
            from: try #require(Mailbox("Clinic <gateway@clinic.example>")),
            clock: clock,
            logger: TemporaryPostgres.logger
        )
    }
}

@Suite(.serialized)
struct MailedCodesTests {
    private let person: [String: String] = [
        "email": "new@clinic.example", "name": "Zoë Nieuw", "role": "clinician",
    ]

    /// The code in a mail.
    private func code(_ mail: TestMailServer.Mail) throws -> String {
        let line = mail.body.split(separator: "\n").first { $0.hasPrefix("    CU1-") }
        return try #require(line).trimmingPrefix("    ").description
    }

    @Test func `an invitation's code is in the mail alone, works, and its delivery is shown`()
        async throws
    {
        try await TestMailServer.with { server in
            try await PeopleRig.withMail { rig in
                try await rig.test { browser in
                    let administrator = try await rig.signIn(browser, role: .administrator)
                    let answer = try await administrator.post(
                        "/accounts",
                        person,
                        headers: .ours
                    )
                    #expect(answer.headers[.location] == "/accounts?mailed=invitation")
                    var page = try await administrator.get("/accounts?mailed=invitation").text
                    #expect(page.contains("The invitation is being mailed."))
                    #expect(page.contains("the mail is on its way"))
                    #expect(!page.contains("CU1-"))

                    #expect(try await rig.mailer(server).work() == nil)
                    let mail = try #require(try server.mails().first)
                    #expect(mail.recipients == ["new@clinic.example"])
                    #expect(mail.to == "Zoë Nieuw <new@clinic.example>")
                    let code = try code(mail)
                    #expect(mail.body.contains("https://hub.clinic.example/join?code=\(code)"))
                    page = try await administrator.get("/accounts").text
                    #expect(page.contains("mailed 20 Nov, 10:14"))
                    #expect(!page.contains(code))
                    let left = try await rig.database.query(
                        "SELECT FROM mail_message WHERE content IS NOT NULL"
                    )
                    #expect(left.isEmpty)

                    let joined = try await browser.post(
                        "/join",
                        [
                            "code": code, "password": PeopleRig.password,
                            "again": PeopleRig.password,
                        ]
                    )
                    #expect(joined.headers[.location] == "/sign-in?changed=1")
                    // The first password is no news.
                    #expect(try await rig.mails().map(\.kind) == [.invitation])
                }
            }
        }
    }

    @Test func `a mail is shown beside its code though a clock goes on between the two`()
        async throws
    {
        try await PeopleRig.withMail { rig in
            let account = try await rig.accounts.add(
                NewAccount(email: "new@clinic.example", name: "N", role: .it, password: nil)
            )
            // Each look at this clock is a millisecond later.
            let clock = WallClock {
                rig.clock.advance(by: .milliseconds(1))
                return rig.clock.wall.now()
            }
            let codes = AccountCodeStore(database: rig.database, clock: clock)
            let outbox = MailOutbox(ring: try .sample(), clock: clock, origin: nil)
            let list = MailList(database: rig.database, clock: clock)
            try await codes.mail(to: account, .invitation, by: nil, outbox)
            #expect(try await list.ofCodes()[account.id]?.kind == .invitation)
            // A later one on paper is the one that is valid.
            _ = try await codes.make(for: account.id, .invitation, by: nil)
            #expect(try await list.ofCodes().isEmpty)
        }
    }

    @Test func `a code that waits to be mailed is sealed`() async throws {
        try await PeopleRig.withMail { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                _ = try await administrator.post("/accounts", person, headers: .ours)
                let row = try #require(
                    try await rig.database.query("SELECT id, content FROM mail_message").first
                )
                let sealed: [UInt8] = try row.decode("content")
                #expect(!String(decoding: sealed, as: UTF8.self).contains("CU1-"))
                let letter = try SealingRing.sample().open(
                    sealed,
                    at: MailOutbox.place(try row.decode("id"))
                )
                #expect(String(decoding: letter, as: UTF8.self).contains("CU1-"))
            }
        }
    }

    @Test func `a code on paper takes back the one that is still to be mailed`() async throws {
        try await TestMailServer.with { server in
            try await PeopleRig.withMail { rig in
                try await rig.test { browser in
                    let administrator = try await rig.signIn(browser, role: .administrator)
                    _ = try await administrator.post("/accounts", person, headers: .ours)
                    let id = try #require(
                        try await rig.accounts.account(email: "new@clinic.example")
                    ).id
                    let paper = try await administrator.post(
                        "/accounts/\(id)/invite",
                        ["by": "paper"],
                        headers: .ours
                    )
                    #expect(paper.status == .ok)
                    #expect(paper.text.contains("CU1-"))
                    _ = try await rig.mailer(server).work()
                    #expect(try server.mails().isEmpty)
                    #expect(try await rig.mails().map(\.state) == [.withdrawn])
                    #expect(!(try await administrator.get("/accounts").text.contains("mail is on")))

                    // Sent again: one mail, with the code that is valid now.
                    for _ in 1...2 {
                        rig.clock.advance(by: .seconds(1))
                        _ = try await administrator.post(
                            "/accounts/\(id)/invite",
                            [:],
                            headers: .ours
                        )
                    }
                    _ = try await rig.mailer(server).work()
                    let code = try code(try #require(try server.mails().first))
                    #expect(try server.mails().count == 1)
                    let joined = try await browser.post(
                        "/join",
                        ["code": code, "password": "x", "again": "x"]
                    )
                    #expect(joined.text.contains("12 to 128 characters"))
                }
            }
        }
    }

    @Test func `a reset is mailed, sets a password and nothing else, and is told`() async throws {
        try await TestMailServer.with { server in
            try await PeopleRig.withMail { rig in
                try await rig.test { browser in
                    let administrator = try await rig.signIn(browser, role: .administrator)
                    let account = try await rig.account(.clinician)
                    _ = try await administrator.post(
                        "/accounts/\(account.id)/reset",
                        [:],
                        headers: .ours
                    )
                    _ = try await rig.mailer(server).work()
                    let code = try code(try #require(try server.mails().first))
                    let password = "another correct horse"
                    _ = try await browser.post(
                        "/join",
                        ["code": code, "password": password, "again": password]
                    )
                    _ = try await rig.mailer(server).work()
                    let notice = try #require(try server.mails().last)
                    #expect(notice.subject == "Your password was changed")
                    #expect(notice.body.contains("20 Nov 2026, 10:14:37 (Europe/Brussels)"))
                    #expect(!notice.body.contains(password))
                    let factors = try await rig.database.query(
                        "SELECT FROM authenticator_app WHERE account_id = \(account.id)"
                    )
                    #expect(factors.count == 1)
                }
            }
        }
    }

    @Test func `a new browser and a wish to take the factor away are mailed to the person`()
        async throws
    {
        try await TestMailServer.with { server in
            try await PeopleRig.withMail { rig in
                try await rig.test { browser in
                    let administrator = try await rig.signIn(browser, role: .administrator)
                    _ = try await rig.signIn(browser)
                    #expect(try await rig.mails().isEmpty)
                    _ = try await rig.signInAgain(
                        browser,
                        headers: [.origin: PeopleRig.origin, .userAgent: "X11 Linux Firefox/140"]
                    )
                    rig.clock.advance(by: .seconds(1))
                    let id = try #require(
                        try await rig.accounts.account(email: "clinician@clinic.example")
                    ).id
                    _ = try await administrator.post(
                        "/accounts/\(id)/factors",
                        [:],
                        headers: .ours
                    )
                    _ = try await rig.mailer(server).work()
                    let mails = try server.mails()
                    #expect(
                        mails.map(\.subject) == [
                            "A new browser signed in as you",
                            "Your second factor may be taken away",
                        ]
                    )
                    #expect(mails.allSatisfy { $0.recipients == ["clinician@clinic.example"] })
                    #expect(mails[0].body.contains("Firefox"))
                    #expect(mails[1].body.contains("21 Nov 2026, 10:14:38"))
                }
            }
        }
    }

    @Test func `without mail everything is on paper, and nothing waits`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                let page = try await administrator.post("/accounts", person, headers: .ours)
                #expect(page.text.contains("CU1-"))
                let people = try await administrator.get("/accounts").text
                #expect(!people.contains("by mail") && !people.contains("Mail a"))
                #expect(try await rig.mails().isEmpty)
            }
        }
    }
}
