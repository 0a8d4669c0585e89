import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct FactorRemovalTests {
    /// An administrator at the pages, a second one, and a clinician who is signed in.
    private struct Scene: Sendable {
        let administrator: SignedIn
        let second: Identifier
        let clinician: SignedIn
        let person: Identifier

        func ask(_ what: String = "") async throws -> TestResponse {
            try await administrator.post(
                "/accounts/\(person)/factors\(what)",
                [:],
                headers: .ours
            )
        }
    }

    private func with(
        _ body: @escaping @Sendable (PeopleRig, FactorRemovalStore, Scene) async throws -> Void
    ) async throws {
        try await PeopleRig.with { rig in
            let second = try await administrator(rig, "second")
            rig.clock.advance(by: FactorRemoval.wait)
            let removals = FactorRemovalStore(database: rig.database, clock: rig.clock.wall)
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                let clinician = try await rig.signIn(browser)
                let person = try #require(
                    try await rig.accounts.account(email: "clinician@clinic.example")
                ).id
                try await body(
                    rig,
                    removals,
                    Scene(
                        administrator: administrator,
                        second: second,
                        clinician: clinician,
                        person: person
                    )
                )
            }
        }
    }

    private func administrator(_ rig: PeopleRig, _ name: String) async throws -> Identifier {
        try await rig.accounts.add(
            NewAccount(
                email: "\(name)@clinic.example",
                name: "Dr. \(name)",
                role: .administrator,
                password: PeopleRig.password
            )
        ).id
    }

    @Test func `an administrator alone takes no factor away, in any order of acts`() async throws {
        try await with { rig, removals, scene in
            #expect(try await scene.ask().status == .seeOther)
            for what in ["", "/agree", "/carry-out"] {
                #expect(try await scene.ask(what).status == .conflict, "\(what)")
            }
            _ = try await scene.administrator.post(
                "/accounts/\(scene.person)/reset",
                [:],
                headers: .ours
            )
            rig.clock.advance(by: .seconds(86399))
            let later = try await rig.signInAgain(
                scene.administrator.browser,
                role: .administrator
            )
            let early = try await later.post(
                "/accounts/\(scene.person)/factors/carry-out",
                [:],
                headers: .ours
            )
            #expect(early.status == .conflict)
            let newcomer = try await rig.newcomer(scene.clinician.browser)
            #expect(try await newcomer.get("/sign-in/enrol").status != .ok)
        }
    }

    @Test func `another administrator agrees, and it is done at once`() async throws {
        try await with { rig, removals, scene in
            _ = try await scene.ask()
            #expect(try await scene.clinician.get("/readings").status == .ok)
            let page = try await scene.administrator.get("/accounts").text
            #expect(page.contains("asks to take the factor away"))
            #expect(!page.contains("/factors/agree"))
            try await removals.agree(to: scene.person, by: scene.second)
            let newcomer = try await rig.newcomer(scene.clinician.browser)
            #expect(try await newcomer.get("/sign-in/enrol").status == .ok)
            #expect(try await removals.open().isEmpty)
            let rows = try await rig.database.query(
                "SELECT body FROM audit_record WHERE action = 'factorsRemoved'"
            )
            let body = try rows.first?.decode("body", as: String.self) ?? ""
            #expect(body.contains("\"account\":\"\(scene.second)\""))
            #expect(body.contains("\"reason\":\"agreed\""))
        }
    }

    @Test func `an administrator who was made for the purpose cannot agree`() async throws {
        try await with { rig, removals, scene in
            _ = try await scene.ask()
            let puppet = try await administrator(rig, "puppet")
            await #expect(throws: FactorRemoval.Refusal.notSecond) {
                try await removals.agree(to: scene.person, by: puppet)
            }
            await #expect(throws: FactorRemoval.Refusal.notSecond) {
                try await removals.agree(to: scene.person, by: scene.person)
            }
            #expect(try await removals.open().count == 1)
        }
    }

    @Test func `after a day it may be done, and the person's sessions end`() async throws {
        try await with { rig, removals, scene in
            _ = try await scene.ask()
            rig.clock.advance(by: FactorRemoval.wait)
            let clinician = try await rig.signInAgain(scene.clinician.browser)
            let later = try await rig.signInAgain(
                scene.administrator.browser,
                role: .administrator
            )
            #expect(try await later.get("/accounts").text.contains("the day has passed"))
            let done = try await later.post(
                "/accounts/\(scene.person)/factors/carry-out",
                [:],
                headers: .ours
            )
            #expect(done.status == .seeOther)
            #expect(try await clinician.get("/readings").status == .unauthorized)
            let newcomer = try await rig.newcomer(scene.clinician.browser)
            #expect(try await newcomer.get("/sign-in/enrol").status == .ok)
        }
    }

    @Test func `the person is told on every page, and their word ends it`() async throws {
        try await with { rig, removals, scene in
            _ = try await scene.ask()
            for page in ["/readings", "/patients", "/account"] {
                let text = try await scene.clinician.get(page).text
                #expect(text.contains("asked to take away your second factor"), "\(page)")
            }
            let objected = try await scene.clinician.post(
                "/account/factors/object",
                [:],
                headers: .ours
            )
            #expect(objected.status == .seeOther)
            #expect(try await !scene.clinician.get("/readings").text.contains("asked to take away"))
            rig.clock.advance(by: FactorRemoval.wait)
            await #expect(throws: FactorRemoval.Refusal.unknown) {
                try await removals.carryOut(scene.person, by: scene.second)
            }
            let none = try await rig.signInAgain(scene.clinician.browser)
                .post("/account/factors/object", [:], headers: .ours)
            #expect(none.status == .notFound)
        }
    }

    @Test func `nobody asks for themselves, or for who has no factor`() async throws {
        try await with { rig, removals, scene in
            await #expect(throws: FactorRemoval.Refusal.unknown) {
                try await removals.ask(for: scene.person, by: scene.person)
            }
            await #expect(throws: FactorRemoval.Refusal.unknown) {
                try await removals.ask(for: scene.second, by: scene.person)
            }
        }
    }

    @Test func `the command line acts at once, and leaves no wish behind`() async throws {
        try await with { rig, removals, scene in
            _ = try await scene.ask()
            let desk = AccountDesk(database: rig.database, clock: rig.clock.wall)
            try await desk.removeFactors(try await desk.account("clinician@clinic.example"))
            #expect(try await removals.open().isEmpty)
        }
    }
}
