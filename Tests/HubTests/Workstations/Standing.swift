import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Shared

@testable import Hub

/// A signed-in browser that stands at a PC.
struct Standing: Sendable {
    let rig: PeopleRig
    let person: SignedIn
    let teller: CardTeller
    /// The cookies of session and workstation.
    let cookies: String

    static func with(
        _ body: @Sendable @escaping (Standing) async throws -> Void
    ) async throws {
        try await PeopleRig.with { rig in
            let agent = try await rig.agent()
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let code = try await store(rig).makeCode(for: agent.id)
                let answer = try await person.post(
                    "/station/claim",
                    ["token": person.formToken, "code": code.spelled.lowercased()]
                )
                guard answer.status == .seeOther else { throw PageError.noWorkstation }
                let cookie = answer.headers[.setCookie]?.split(separator: ";").first ?? ""
                try await body(
                    Standing(
                        rig: rig,
                        person: person,
                        teller: try rig.teller(agent),
                        cookies: "\(person.cookie); \(cookie)"
                    )
                )
            }
        }
    }

    static func store(_ rig: PeopleRig) -> WorkstationStore {
        WorkstationStore(database: rig.database, clock: rig.clock.wall)
    }

    func get(_ address: String) async throws -> TestResponse {
        try await person.browser.get(address, headers: [.cookie: cookies])
    }

    func post(
        _ address: String,
        _ fields: KeyValuePairs<String, String>
    ) async throws -> TestResponse {
        try await person.browser.post(
            address,
            fields,
            headers: [.cookie: cookies, .origin: PeopleRig.origin]
        )
    }

    /// Registers the holder of the first card of the tests.
    func register(session: Int = 1) async throws -> TestResponse {
        try await post(
            "/station/card/register",
            ["token": person.formToken, "session": SampleCard.session(session).description]
        )
    }
}
