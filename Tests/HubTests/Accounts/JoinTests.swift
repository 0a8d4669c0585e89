import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct JoinTests {
    private let password = "vier groene paraplu"

    /// An administrator invites somebody; answers the code on the page.
    private func invite(
        _ administrator: SignedIn,
        email: String = "new@clinic.example"
    ) async throws -> String {
        let page = try await administrator.post(
            "/accounts",
            ["email": email, "name": "Nora New", "role": "optometrist"],
            headers: .ours
        )
        #expect(page.status == .ok)
        return try code(page)
    }

    private func code(_ page: TestResponse) throws -> String {
        String(try #require(page.text.firstMatch(of: /<code>(CU1-[0-9A-Z-]+)<\/code>/)).1)
    }

    private func join(
        _ browser: Browser,
        _ code: String,
        _ password: String
    ) async throws
        -> TestResponse
    {
        try await browser.post(
            "/join",
            ["code": code, "password": password, "again": password]
        )
    }

    @Test func `whoever is invited chooses a password once and signs in with it`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                let code = try await invite(administrator)
                // Nobody signs in before.
                #expect(
                    try await browser.signIn(email: "new@clinic.example", password: "").status
                        == .unprocessableContent
                )
                #expect(try await browser.get("/join?code=\(code)").text.contains(code))
                let weak = try await join(browser, code, "Nora-New-2026")
                #expect(weak.status == .unprocessableContent)
                let differing = try await browser.post(
                    "/join",
                    ["code": code, "password": password, "again": password + "x"]
                )
                #expect(differing.status == .unprocessableContent)
                let answer = try await join(browser, code.lowercased(), password)
                #expect(answer.status == .seeOther)
                #expect(answer.sessionCookie.isEmpty)
                #expect(
                    try await join(browser, code, password + "!").status == .unprocessableContent
                )
                let signedIn = try await browser.signIn(
                    email: "new@clinic.example",
                    password: password
                )
                #expect(signedIn.headers[.location] == "/sign-in/factor")
            }
        }
    }

    @Test func `the database never holds the code itself`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                let code = try await invite(administrator)
                let row = try await rig.database.query(
                    "SELECT account_code::text AS row FROM account_code"
                )
                .first?.decode("row", as: String.self)
                #expect(row?.contains(code.suffix(10)) == false)
            }
        }
    }

    @Test func `a code ends after a week, with the next one, and with the account`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                let first = try await invite(administrator)
                let id = try #require(try await rig.accounts.account(email: "new@clinic.example"))
                    .id
                let second = try code(
                    try await administrator.post("/accounts/\(id)/invite", [:], headers: .ours)
                )
                #expect(try await join(browser, first, password).status == .unprocessableContent)
                rig.clock.advance(by: .seconds(7 * 86400 + 1))
                #expect(try await join(browser, second, password).status == .unprocessableContent)
                let again = try await rig.signInAgain(browser, role: .administrator)
                let third = try code(
                    try await again.post("/accounts/\(id)/invite", [:], headers: .ours)
                )
                _ = try await again.post("/accounts/\(id)/disable", [:], headers: .ours)
                _ = try await again.post("/accounts/\(id)/enable", [:], headers: .ours)
                #expect(try await join(browser, third, password).status == .unprocessableContent)
            }
        }
    }

    @Test func `a reset sets the password, ends the sessions, and leaves the second factor`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                let clinician = try await rig.signIn(browser)
                let id = try #require(
                    try await rig.accounts.account(email: "clinician@clinic.example")
                ).id
                let code = try code(
                    try await administrator.post("/accounts/\(id)/reset", [:], headers: .ours)
                )
                #expect(try await clinician.get("/readings").status == .ok)
                #expect(try await join(browser, code, password).status == .seeOther)
                #expect(try await clinician.get("/readings").status == .unauthorized)
                let old = try await browser.signIn(
                    email: "clinician@clinic.example",
                    password: PeopleRig.password
                )
                #expect(old.status == .unprocessableContent)
                let new = try await browser.signIn(
                    email: "clinician@clinic.example",
                    password: password
                )
                let newcomer = SignedIn(browser: browser, cookie: new.sessionCookie)
                #expect(try await newcomer.get("/readings").status == .unauthorized)
                #expect(try await newcomer.get("/sign-in/enrol").status == .seeOther)
                #expect(try await newcomer.get("/sign-in/factor").status == .ok)
            }
        }
    }

    @Test(arguments: ["", "CU1-", "nonsense", "CU1-00000-00000-00000-00000-00000-0000"])
    func `any other code is refused in the same words`(typed: String) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let answer = try await join(browser, typed, password)
                #expect(answer.status == .unprocessableContent)
                #expect(answer.text.contains("This code is not valid"))
            }
        }
    }

    @Test func `there is no way in without a code`() async throws {
        try await PeopleRig.with { rig in
            let table = rig.application.routes.table
            for entry in table where entry.permission == .everyone && entry.method == "POST" {
                #expect(["/sign-in", "/join"].contains(entry.path))
            }
        }
    }
}
