import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct FactorTests {
    @Test func `the password alone opens nothing but the page of the second factor`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.account(.clinician)
                let newcomer = try await rig.newcomer(browser)
                for address in ["/", "/readings", "/account", "/live/readings?after=0", "/confirm"]
                {
                    #expect(try await newcomer.get(address).status == .unauthorized)
                }
                #expect(
                    try await newcomer.post("/account/sign-out-everywhere", [:]).status
                        == .unauthorized
                )
                let page = try await newcomer.get("/sign-in/factor")
                #expect(page.status == .ok)
                #expect(page.text.contains("<h1>Your second factor</h1>"))
                #expect(page.text.contains("Code of your app"))
                #expect(
                    try await newcomer.get("/sign-in").headers[.location]?
                        .hasPrefix("/sign-in/factor") == true
                )
            }
        }
    }

    @Test func `the second factor makes a new session, and the first one is worth nothing`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.account(.clinician)
                let newcomer = try await rig.newcomer(browser)
                let answer = try await newcomer.post(
                    "/sign-in/factor",
                    ["code": rig.code(), "next": "/agents"],
                    headers: [.origin: PeopleRig.origin]
                )
                #expect(answer.status == .seeOther)
                #expect(answer.headers[.location] == "/agents")
                let person = SignedIn(browser: browser, cookie: answer.sessionCookie)
                #expect(person.cookie != newcomer.cookie)
                #expect(try await person.get("/readings").status == .ok)
                #expect(try await newcomer.get("/readings").status == .unauthorized)
                #expect(try await newcomer.get("/sign-in/factor").status == .unauthorized)
            }
        }
    }

    @Test func `a code that was used opens nothing a second time`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.account(.clinician)
                let first = try await rig.newcomer(browser)
                let second = try await rig.newcomer(browser)
                let code = rig.code()
                #expect(
                    try await first.post("/sign-in/factor", ["code": code], headers: .ours).status
                        == .seeOther
                )
                let again = try await second.post("/sign-in/factor", ["code": code], headers: .ours)
                #expect(again.status == .unprocessableContent)
                #expect(again.sessionCookie.isEmpty)
                // Nor does the code before it, which was never shown.
                let earlier = rig.code(steps: -1)
                #expect(
                    try await second.post("/sign-in/factor", ["code": earlier], headers: .ours)
                        .status == .unprocessableContent
                )
                let next = rig.code(steps: 1)
                #expect(
                    try await second.post("/sign-in/factor", ["code": next], headers: .ours)
                        .status == .seeOther
                )
            }
        }
    }

    @Test func `of two that show one code at once, one is let in`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.account(.clinician)
                var newcomers: [SignedIn] = []
                for _ in 0..<4 { newcomers.append(try await rig.newcomer(browser)) }
                let code = rig.code()
                let count = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for newcomer in newcomers {
                        group.addTask {
                            try await newcomer.post(
                                "/sign-in/factor",
                                ["code": code],
                                headers: .ours
                            ).status == .seeOther
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(count == 1)
            }
        }
    }

    @Test func `guessing codes costs twice the wait each time, from any network`() async throws {
        try await PeopleRig.with {
            $0.trustsProxy = true
        } _: { rig in
            try await rig.test { browser in
                _ = try await rig.account(.clinician)
                let newcomer = try await rig.newcomer(browser)
                for attempt in 0..<4 {
                    let answer = try await newcomer.post(
                        "/sign-in/factor",
                        ["code": "000000"],
                        headers: [
                            .origin: PeopleRig.origin, .forwardedFor: "192.0.2.\(attempt)",
                        ]
                    )
                    #expect(answer.status == .unprocessableContent)
                }
                let refused = try await newcomer.post(
                    "/sign-in/factor",
                    ["code": rig.code()],
                    headers: [.origin: PeopleRig.origin, .forwardedFor: "192.0.2.99"]
                )
                #expect(refused.status == .tooManyRequests)
                #expect(refused.headers[.retryAfter] == "1")
            }
        }
    }

    @Test func `the time between password and second factor is ten minutes`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.account(.clinician)
                let newcomer = try await rig.newcomer(browser)
                rig.clock.advance(by: .seconds(601))
                let answer = try await newcomer.post(
                    "/sign-in/factor",
                    ["code": rig.code()],
                    headers: .ours
                )
                #expect(answer.status == .unauthorized)
            }
        }
    }

    @Test func `a recovery code counts once`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let account = try await rig.account(.clinician)
                let store = RecoveryCodeStore(database: rig.database, clock: rig.clock.wall)
                let codes = try await store.renew(account.id)
                let stored = try await rig.database.query(
                    "SELECT recovery_code::text AS row FROM recovery_code"
                )
                for row in stored {
                    let text: String = try row.decode("row")
                    #expect(!codes.contains { text.contains($0.text) })
                }
                let first = try await rig.newcomer(browser)
                let typed = codes[3].text.lowercased()
                #expect(
                    try await first.post("/sign-in/factor", ["code": typed], headers: .ours)
                        .status == .seeOther
                )
                #expect(try await store.left(account.id) == 9)
                let second = try await rig.newcomer(browser)
                #expect(
                    try await second.post("/sign-in/factor", ["code": typed], headers: .ours)
                        .status == .unprocessableContent
                )
            }
        }
    }

    @Test func `the secret of an app is sealed where it lies`() async throws {
        try await PeopleRig.with { rig in
            let account = try await rig.account(.clinician)
            let row = try #require(
                try await rig.database.query("SELECT secret FROM authenticator_app").first
            )
            let sealed: [UInt8] = try row.decode("secret")
            #expect(
                !sealed.indices.dropLast(19).contains { start in
                    sealed[start..<start + 20].elementsEqual(PeopleRig.appSecret)
                }
            )
            // It opens for its own account alone.
            let other = try await rig.account(.it)
            try await rig.database.execute(
                """
                UPDATE authenticator_app SET secret = \(sealed) WHERE account_id = \(other.id)
                """
            )
            #expect(try await rig.apps.accepts(account.id, code: rig.code()))
            await #expect(throws: SealingError.self) {
                try await rig.apps.accepts(other.id, code: rig.code())
            }
        }
    }

    @Test func `what would do harm asks for the second factor again after five minutes`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                #expect(try await administrator.get("/accounts").status == .ok)
                rig.clock.advance(by: .seconds(301))
                let answer = try await administrator.get("/accounts")
                #expect(answer.status == .seeOther)
                #expect(answer.headers[.location] == "/confirm?next=%2Faccounts")
                let posted = try await administrator.post(
                    "/accounts",
                    ["email": "x@clinic.example", "name": "X", "role": "it"],
                    headers: [
                        .origin: PeopleRig.origin, .referer: "http://localhost/accounts?x=1",
                    ]
                )
                #expect(posted.headers[.location] == "/confirm?next=%2Faccounts%3Fx%3D1")
                #expect(try await rig.accounts.all().count == 1)
                let wrong = try await administrator.post(
                    "/confirm",
                    ["code": "000000", "next": "/accounts"],
                    headers: .ours
                )
                #expect(wrong.status == .unprocessableContent)
                #expect(try await administrator.get("/accounts").status == .seeOther)
                let right = try await administrator.post(
                    "/confirm",
                    ["code": rig.code(), "next": "/accounts"],
                    headers: .ours
                )
                #expect(right.headers[.location] == "/accounts")
                #expect(try await administrator.get("/accounts").status == .ok)
            }
        }
    }
}

extension HTTPFields {
    /// A form of a page of ours.
    static var ours: HTTPFields { [.origin: PeopleRig.origin] }
}
