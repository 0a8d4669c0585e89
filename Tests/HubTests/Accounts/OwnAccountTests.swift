import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct OwnAccountTests {
    @Test func `a person sees their sessions and ends one, and no one else's`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let here = try await rig.signIn(browser)
                let there = try await rig.signInAgain(
                    browser,
                    headers: [
                        .origin: PeopleRig.origin,
                        .userAgent: "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0",
                    ]
                )
                let other = try await rig.signIn(browser, role: .it)
                let page = try await here.get("/account").text
                #expect(page.contains("Firefox on Windows"))
                let ids = page.matches(of: /\/account\/sessions\/([0-9a-f-]+)\/end/).map {
                    String($0.1)
                }
                #expect(ids.count == 2)
                // A colleague's session is not there for them.
                for id in ids {
                    #expect(
                        try await other.post("/account/sessions/\(id)/end", [:], headers: .ours)
                            .status == .notFound
                    )
                }
                let theirs = try #require(
                    try await there.get("/account").text.firstMatch(
                        of: /this one[\s\S]*?\/account\/sessions\/([0-9a-f-]+)\/end/
                    )
                )
                let ended = try await here.post(
                    "/account/sessions/\(theirs.1)/end",
                    [:],
                    headers: .ours
                )
                #expect(ended.headers[.location] == "/account?done=ended")
                #expect(try await there.get("/readings").status == .unauthorized)
                #expect(try await here.get("/readings").status == .ok)
                #expect(try await other.get("/agents").status == .ok)
            }
        }
    }

    @Test func `signing out everywhere ends every session of the person`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let here = try await rig.signIn(browser)
                let there = try await rig.signInAgain(browser)
                let other = try await rig.signIn(browser, role: .it)
                let answer = try await here.post(
                    "/account/sign-out-everywhere",
                    [:],
                    headers: .ours
                )
                #expect(answer.headers[.location] == "/sign-in?signed-out=1")
                #expect(answer.headers[.clearSiteData] != nil)
                for person in [here, there] {
                    #expect(try await person.get("/readings").status == .unauthorized)
                }
                #expect(try await other.get("/agents").status == .ok)
            }
        }
    }

    @Test func `a browser that is new is told of at the next sign-in, until it is known`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.account(.clinician)
                let first = try await rig.newcomer(browser)
                let answer = try await first.post(
                    "/sign-in/factor",
                    ["code": rig.code()],
                    headers: .ours
                )
                let known = answer.browserCookie
                #expect(known.hasPrefix("clinic_browser="))
                var person = SignedIn(browser: browser, cookie: answer.sessionCookie)
                let notice = "A browser that is new"
                #expect(!(try await person.get("/readings").text.contains(notice)))
                // Somebody signs in elsewhere.
                _ = try await rig.signInAgain(
                    browser,
                    headers: [.origin: PeopleRig.origin, .userAgent: "curl/8.0"]
                )
                person = try await rig.signInAgain(
                    browser,
                    headers: [.origin: PeopleRig.origin, .cookie: known]
                )
                #expect(try await person.get("/readings").text.contains(notice))
                #expect(try await person.get("/account").text.contains("<b>curl</b>"))
                _ = try await person.post("/account/known", [:], headers: .ours)
                #expect(!(try await person.get("/readings").text.contains(notice)))
                person = try await rig.signInAgain(
                    browser,
                    headers: [.origin: PeopleRig.origin, .cookie: known]
                )
                #expect(!(try await person.get("/readings").text.contains(notice)))
                let recorded = try await rig.database.query(
                    "SELECT count(*) AS n FROM audit_record WHERE action = 'newBrowser'"
                ).first?.decode("n", as: Int.self)
                #expect(recorded == 1)
            }
        }
    }

    @Test func `one second factor always stays`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let answer = try await person.post("/account/app/remove", [:], headers: .ours)
                #expect(answer.status == .conflict)
                #expect(
                    try await rig.apps.accepts(
                        try #require(try await rig.accounts.all().first).id,
                        code: rig.code(steps: 1)
                    )
                )
            }
        }
    }

    @Test func `another phone counts from its first code on, and the old one no more`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let page = try await person.get("/account/app").text
                let text = try #require(
                    page.firstMatch(of: /<code class="letters">([A-Z2-7 ]+)<\/code>/)
                )
                let secret = try #require(Base32.decode(String(text.1)))
                let step = OneTimeCode.step(at: rig.clock.wall.now())
                let account = try #require(try await rig.accounts.all().first).id
                #expect(try await rig.apps.accepts(account, code: rig.code(steps: 1)))
                _ = try await person.post(
                    "/account/app",
                    ["code": OneTimeCode.code(secret: secret, step: step)],
                    headers: .ours
                )
                rig.clock.advance(by: .seconds(90))
                #expect(try await !rig.apps.accepts(account, code: rig.code()))
                #expect(
                    try await rig.apps.accepts(
                        account,
                        code: OneTimeCode.code(secret: secret, step: step + 3)
                    )
                )
            }
        }
    }

    @Test func `a new password needs the present one, and ends the other sessions`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let here = try await rig.signIn(browser)
                let there = try await rig.signInAgain(browser)
                let new = "vier groene paraplu"
                func change(_ present: String, _ new: String) async throws -> TestResponse {
                    try await here.post(
                        "/account/password",
                        ["present": present, "password": new, "again": new],
                        headers: .ours
                    )
                }
                #expect(try await change("wrong", new).status == .unprocessableContent)
                #expect(
                    try await change(PeopleRig.password, "password2026").status
                        == .unprocessableContent
                )
                #expect(try await there.get("/readings").status == .ok)
                #expect(
                    try await change(PeopleRig.password, new).headers[.location]
                        == "/account?done=password"
                )
                #expect(try await there.get("/readings").status == .unauthorized)
                #expect(try await here.get("/readings").status == .ok)
            }
        }
    }

    @Test func `a lab technician has an account and nothing else yet`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser, role: .lab)
                #expect(try await person.get("/").headers[.location] == "/account")
                #expect(try await person.get("/account").status == .ok)
            }
        }
    }
}
