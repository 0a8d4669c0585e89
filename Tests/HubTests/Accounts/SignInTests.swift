import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct SignInTests {
    @Test func `signing in sets a cookie that scripts and other sites do not get`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.signIn(browser)
                let answer = try await browser.signIn(
                    email: " Clinician@Clinic.example ",
                    password: PeopleRig.password
                )
                #expect(answer.status == .seeOther)
                #expect(answer.headers[.location] == "/sign-in/factor")
                let cookie = try #require(answer.headers[.setCookie])
                #expect(cookie.hasPrefix("clinic_session="))
                for flag in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                    #expect(cookie.contains(flag))
                }
                #expect(!cookie.contains("Secure") && !cookie.contains("Domain"))
            }
        }
    }

    @Test func `by TLS the cookie is bound to this host`() async throws {
        try await PeopleRig.with {
            $0.isSecure = true
        } _: { rig in
            try await rig.test { browser in
                let cookie = try await rig.signIn(browser).cookie
                #expect(cookie.hasPrefix("__Host-session="))
                let answer = try await browser.signIn(
                    email: "clinician@clinic.example",
                    password: PeopleRig.password
                )
                #expect(answer.headers[.setCookie]?.contains("; Secure") == true)
            }
        }
    }

    @Test func `an unknown address and a wrong password get the same answer`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.signIn(browser)
                let wrong = try await browser.signIn(
                    email: "clinician@clinic.example",
                    password: "wrong password here"
                )
                let unknown = try await browser.signIn(
                    email: "nobody000@clinic.example",
                    password: "wrong password here"
                )
                #expect(wrong.status == .unprocessableContent)
                #expect(unknown.status == wrong.status)
                #expect(
                    unknown.text.replacing("nobody000", with: "clinician") == wrong.text
                )
                #expect(wrong.headers[.setCookie] == nil)
                #expect(wrong.text.contains("do not belong together"))
            }
        }
    }

    @Test func `what was typed stays in the form, as text`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let answer = try await browser.signIn(email: "\"><script>x", password: "y")
                #expect(answer.text.contains("value=\"&quot;&gt;&lt;script&gt;x\""))
                #expect(!answer.text.contains("<script>x"))
            }
        }
    }

    @Test func `after three failures each costs twice the wait, and a restart forgets nothing`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.signIn(browser)
                func attempt(_ password: String) async throws -> TestResponse {
                    try await browser.signIn(
                        email: "clinician@clinic.example",
                        password: password
                    )
                }
                for _ in 0..<4 {
                    #expect(try await attempt("wrong").status == .unprocessableContent)
                }
                let refused = try await attempt(PeopleRig.password)
                #expect(refused.status == .tooManyRequests)
                #expect(refused.headers[.retryAfter] == "1")
                #expect(refused.text.contains("Wait 1 s"))
                rig.clock.advance(by: .seconds(1))
                #expect(try await attempt("wrong").status == .unprocessableContent)
                rig.clock.advance(by: .seconds(1))
                #expect(try await attempt(PeopleRig.password).headers[.retryAfter] == "1")
                rig.clock.advance(by: .seconds(1))
                #expect(try await attempt(PeopleRig.password).status == .seeOther)
                // Success forgets the failures.
                #expect(try await attempt("wrong").status == .unprocessableContent)
                #expect(try await attempt(PeopleRig.password).status == .seeOther)
            }
        }
    }

    @Test func `a network that tries many addresses waits for each`() async throws {
        try await PeopleRig.with {
            $0.trustsProxy = true
        } _: { rig in
            try await rig.test { browser in
                func attempt(_ number: Int, from network: String) async throws -> TestResponse {
                    try await browser.signIn(
                        email: "person\(number)@clinic.example",
                        password: "wrong",
                        headers: [
                            .origin: PeopleRig.origin, .forwardedFor: "203.0.113.9, \(network)",
                        ]
                    )
                }
                for number in 0..<31 {
                    let answer = try await attempt(number, from: "192.0.2.1")
                    #expect(answer.status == .unprocessableContent)
                }
                #expect(try await attempt(99, from: "192.0.2.1").status == .tooManyRequests)
                #expect(try await attempt(99, from: "192.0.2.2").status == .unprocessableContent)
            }
        }
    }

    @Test(arguments: [
        HTTPFields(), [.origin: "https://evil.example"], [.secFetchSite: "cross-site"],
    ])
    func `a sign-in form of another site is refused`(headers: HTTPFields) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.signIn(browser)
                let answer = try await browser.signIn(
                    email: "clinician@clinic.example",
                    password: PeopleRig.password,
                    headers: headers
                )
                #expect(answer.status == .forbidden)
                #expect(answer.headers[.setCookie] == nil)
            }
        }
    }

    @Test func `a disabled account cannot sign in, and its sessions end`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                try await rig.database.execute("UPDATE account SET disabled_at = now()")
                #expect(try await person.get("/readings").status == .unauthorized)
                let answer = try await browser.signIn(
                    email: "clinician@clinic.example",
                    password: PeopleRig.password
                )
                #expect(answer.status == .unprocessableContent)
            }
        }
    }

    @Test func `a second account with the same address in other letters is refused`() async throws {
        try await PeopleRig.with { rig in
            _ = try await rig.accounts.add(
                NewAccount(email: "A@b.example", name: "A", role: .it, password: "twelve letters")
            )
            await #expect(throws: AccountError.emailTaken) {
                try await rig.accounts.add(
                    NewAccount(
                        email: "a@B.example",
                        name: "B",
                        role: .it,
                        password: "twelve letters"
                    )
                )
            }
        }
    }

    @Test(arguments: [
        ("no-at.example", "twelve letters", AccountError.emailMalformed),
        ("a b@c.example", "twelve letters", .emailMalformed),
        ("a@b@c.example", "twelve letters", .emailMalformed),
        ("anna@c.example", "too short", .passwordLength),
        ("anna@c.example", "Anna's long password", .passwordNamesAccount),
    ])
    func `an account is checked before it is made`(
        email: String,
        password: String,
        expected: AccountError
    ) {
        #expect(throws: expected) {
            try NewAccount(email: email, name: "Anna", role: .clinician, password: password)
        }
    }
}
