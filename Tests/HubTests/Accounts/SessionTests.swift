import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct SessionTests {
    @Test func `a session ends after half an hour without a request`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                rig.clock.advance(by: .seconds(29 * 60))
                #expect(try await person.get("/readings").status == .ok)
                rig.clock.advance(by: .seconds(29 * 60))
                #expect(try await person.get("/readings").status == .ok)
                rig.clock.advance(by: .seconds(31 * 60))
                #expect(try await person.get("/readings").status == .unauthorized)
            }
        }
    }

    @Test func `what the page asks by itself does not prolong the session`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                for _ in 0..<2 {
                    rig.clock.advance(by: .seconds(14 * 60))
                    let answer = try await person.get("/agents", headers: [.background: "1"])
                    #expect(answer.status == .ok)
                }
                rig.clock.advance(by: .seconds(3 * 60))
                #expect(try await person.get("/agents").status == .unauthorized)
            }
        }
    }

    @Test func `a session ends after twelve hours whatever is done`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                for _ in 0..<35 {
                    rig.clock.advance(by: .seconds(20 * 60))
                    #expect(try await person.get("/readings").status == .ok)
                }
                rig.clock.advance(by: .seconds(20 * 60))
                #expect(try await person.get("/readings").status == .unauthorized)
            }
        }
    }

    @Test func `signing out ends the session on the server`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let answer = try await person.post("/sign-out", ["token": person.formToken])
                #expect(answer.status == .seeOther)
                #expect(answer.headers[.setCookie]?.contains("Max-Age=0") == true)
                #expect(try await person.get("/readings").status == .unauthorized)
            }
        }
    }

    @Test(arguments: ["", "0", String(repeating: "0", count: 64)])
    func `a form without the session's token changes nothing`(token: String) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let answer = try await person.post("/sign-out", ["token": token])
                #expect(answer.status == .forbidden)
                #expect(try await person.get("/readings").status == .ok)
            }
        }
    }

    @Test func `a form with the token from another site changes nothing`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let answer = try await browser.post(
                    "/sign-out",
                    ["token": person.formToken],
                    headers: [.cookie: person.cookie, .origin: "https://evil.example"]
                )
                #expect(answer.status == .forbidden)
                #expect(try await person.get("/readings").status == .ok)
            }
        }
    }

    @Test func `each sign-in makes a new session and ends the browser's old one`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let again = try await browser.signIn(
                    email: "clinician@clinic.example",
                    password: PeopleRig.password,
                    headers: [.origin: PeopleRig.origin, .cookie: person.cookie]
                )
                #expect(again.headers[.setCookie]?.hasPrefix(person.cookie) == false)
                #expect(try await person.get("/readings").status == .unauthorized)
            }
        }
    }

    @Test func `the database never holds the token itself`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let token = try #require(person.cookie.split(separator: "=").last)
                let rows = try await rig.database.query(
                    "SELECT encode(token_digest, 'hex') AS digest, session::text AS row FROM session"
                )
                let row = try #require(rows.first)
                #expect(try row.decode("digest", as: String.self) != String(token))
                #expect(try !row.decode("row", as: String.self).contains(token))
            }
        }
    }

    @Test(arguments: [
        "clinic_session=", "clinic_session=xyz",
        "clinic_session=" + String(repeating: "a", count: 64),
    ])
    func `a made-up cookie is nobody`(cookie: String) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let answer = try await browser.get("/readings", headers: [.cookie: cookie])
                #expect(answer.status == .unauthorized)
            }
        }
    }
}
