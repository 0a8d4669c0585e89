import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct ProgramGateTests {
    @Test func `a token opens what programs read, and no page`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let program = try await rig.program(browser)
                let answer = try await program.get("/api/v1/token")
                #expect(answer.status == .ok)
                #expect(answer.headers[.contentType] == "application/json")
                #expect(answer.headers[.cacheControl] == "no-store")
                #expect(answer.text.contains("\"name\":\"Register\""))
                #expect(answer.text.contains("\"permissions\":[\"readPatients\",\"readReadings\"]"))
                for page in ["/readings", "/patients", "/account", "/"] {
                    #expect(try await program.get(page).status == .unauthorized, "\(page)")
                }
            }
        }
    }

    @Test func `a session opens no address of programs, and a cookie spoils a token`() async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let program = try await rig.program(browser)
                #expect(try await person.get("/api/v1/readings").status == .badRequest)
                let both = try await program.get(
                    "/api/v1/readings",
                    headers: [.cookie: person.cookie]
                )
                #expect(both.status == .badRequest)
                #expect(both.errorCode == "cookieSent")
            }
        }
    }

    @Test func `a token in the address is refused, with the header or without`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let program = try await rig.program(browser)
                for name in ["access_token", "token", "after"] {
                    let address = "/api/v1/readings?\(name)=\(program.token)"
                    #expect(try await browser.get(address).errorCode == "tokenInAddress")
                    #expect(try await program.get(address).errorCode == "tokenInAddress")
                }
            }
        }
    }

    @Test(arguments: [
        "Basic x", "Bearer", "Bearer ", "bearer  x", "Bearer x y", "x", "Bearer null",
    ])
    func `a header that holds no token is refused as any other`(header: String) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let answer = try await browser.get(
                    "/api/v1/token",
                    headers: [.authorization: header]
                )
                #expect(answer.status == .unauthorized)
                #expect(answer.errorCode == "tokenUnknown")
                #expect(answer.headers[.wwwAuthenticate] == "Bearer")
                #expect(answer.headers[.location] == nil)
            }
        }
    }

    @Test func `who guesses waits longer and longer, and a right token never does`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let program = try await rig.program(browser)
                var random = SystemRandomNumberGenerator()
                for _ in 0..<4 {
                    let guess = ProgramToken(random: &random).text
                    let answer = try await browser.get(
                        "/api/v1/token",
                        headers: [.authorization: "Bearer \(guess)"]
                    )
                    #expect(answer.status == .unauthorized)
                }
                let guess = ProgramToken(random: &random).text
                let answer = try await browser.get(
                    "/api/v1/token",
                    headers: [.authorization: "Bearer \(guess)"]
                )
                #expect(answer.status == .tooManyRequests)
                #expect(answer.headers[.retryAfter] == "1")
                #expect(try await program.get("/api/v1/token").status == .ok)
            }
        }
    }

    @Test func `a token ends with its time, and with its program`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let program = try await rig.program(browser)
                rig.clock.advance(by: .seconds(90 * 86400 - 1))
                #expect(try await program.get("/api/v1/token").status == .ok)
                rig.clock.advance(by: .seconds(1))
                #expect(try await program.get("/api/v1/token").errorCode == "tokenExpired")
                let other = try await rig.program(browser, name: "Other")
                #expect(try await rig.programs.revoke(other.id, by: nil))
                #expect(try await other.get("/api/v1/token").errorCode == "programEnded")
                #expect(try await !rig.programs.revoke(other.id, by: nil))
            }
        }
    }

    @Test func `the old token goes on until the new one is used, and then ends both`() async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let old = try await rig.program(browser)
                let new = try await rig.rotate(old)
                #expect(try await old.get("/api/v1/token").status == .ok)
                #expect(try await new.get("/api/v1/token").status == .ok)
                // What was on its way when the program changed over is no theft.
                #expect(try await old.get("/api/v1/token").errorCode == "tokenSuperseded")
                #expect(try await new.get("/api/v1/token").status == .ok)
                rig.clock.advance(by: .seconds(61))
                #expect(try await old.get("/api/v1/token").errorCode == "tokenReused")
                #expect(try await new.get("/api/v1/token").errorCode == "programEnded")
                let rows = try await rig.database.query(
                    "SELECT body FROM audit_record WHERE action = 'tokenReused'"
                )
                #expect(rows.count == 1)
                let body = try rows.first?.decode("body", as: String.self)
                #expect(body?.contains("\"program\":\"\(old.id)\"") == true)
                #expect(body?.contains("\"outcome\":\"denied\"") == true)
                let administrator = try await rig.signIn(browser, role: .administrator)
                let page = try await administrator.get("/account").text
                #expect(page.contains("The program “Register” was ended"))
                _ = try await administrator.post("/programs/\(old.id)/seen", [:], headers: .ours)
                #expect(try await !administrator.get("/account").text.contains("was ended"))
            }
        }
    }

    @Test func `the overlap has an end of its own`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let old = try await rig.program(browser)
                let new = try await rig.rotate(old)
                rig.clock.advance(by: ProgramStore.usualOverlap)
                #expect(try await old.get("/api/v1/token").errorCode == "tokenExpired")
                #expect(try await new.get("/api/v1/token").status == .ok)
            }
        }
    }

    @Test func `the database keeps no token, and the audit says which program read`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let program = try await rig.program(browser)
                _ = try await program.get("/api/v1/readings")
                let dump = try await rig.database.query(
                    "SELECT program_token::text AS row FROM program_token"
                )
                #expect(dump.count == 1)
                let text = try dump.first?.decode("row", as: String.self) ?? ""
                #expect(!text.contains(program.token) && !text.contains(program.token.dropFirst(4)))
                let rows = try await rig.database.query(
                    "SELECT action FROM audit_record WHERE program_id = \(program.id)"
                )
                #expect(
                    try rows.map { try $0.decode("action", as: String.self) }
                        == ["programMade", "GET /api/v1/readings"]
                )
                let auditor = try await rig.signIn(browser, role: .auditor)
                #expect(try await auditor.get("/audit").text.contains("program Register"))
            }
        }
    }
}
