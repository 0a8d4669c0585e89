import HTTPTypes
import HummingbirdTesting
import Shared

@testable import Hub

/// A program of another system, with a token.
struct TestProgram: Sendable {
    let browser: Browser
    let id: Identifier
    let token: String

    func get(_ address: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        var headers = headers
        headers[.authorization] = "Bearer \(token)"
        return try await browser.get(address, headers: headers)
    }
}

extension PeopleRig {
    var programs: ProgramStore { ProgramStore(database: database, clock: clock.wall) }

    /// A program whose token works at once.
    func program(
        _ browser: Browser,
        _ permissions: Set<Permission> = Permission.forPrograms,
        sites: [Identifier]? = nil,
        name: String = "Register"
    ) async throws -> TestProgram {
        let made = try await programs.make(
            ProgramDraft(name: name, permissions: permissions, sites: sites),
            by: nil
        )
        return TestProgram(browser: browser, id: made.program, token: made.token.text)
    }

    /// Its next token.
    func rotate(_ program: TestProgram) async throws -> TestProgram {
        let made = try await programs.rotate(program.id, by: nil)
        return TestProgram(browser: program.browser, id: program.id, token: made.token.text)
    }
}

extension TestResponse {
    /// The word of an error in JSON; nil where there is none.
    var errorCode: String? {
        struct Answer: Decodable {
            struct Content: Decodable { let code: String }
            let error: Content
        }
        return try? JSON.decode(Answer.self, from: Array(text.utf8)).error.code
    }
}
