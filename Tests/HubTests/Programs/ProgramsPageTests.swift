import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct ProgramsPageTests {
    /// The token that a page shows.
    private func token(_ answer: TestResponse) throws -> String {
        String(try #require(answer.text.firstMatch(of: /cgw_[0-9A-Z]{56}/)).output)
    }

    @Test func `a token that an administrator makes opens nothing until a clinician lets it in`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                let clinician = try await rig.signIn(browser)
                let made = try await administrator.post(
                    "/programs",
                    ["name": "Scheduler", "days": "30", "readReadings": "1"],
                    headers: .ours
                )
                #expect(made.status == .ok)
                let text = try token(made)
                #expect(try await !administrator.get("/programs").text.contains(text))
                let program = TestProgram(
                    browser: browser,
                    id: try #require(try await rig.programs.find("scheduler")).id,
                    token: text
                )
                #expect(try await program.get("/api/v1/readings").errorCode == "tokenWaiting")
                #expect(try await clinician.get("/account").text.contains("“Scheduler” asks"))
                let page = try await clinician.get("/programs/waiting").text
                let action = try #require(page.firstMatch(of: /\/programs\/waiting\/[0-9a-f-]{36}/))
                let decided = try await clinician.post(
                    String(action.output),
                    ["decision": "approved"],
                    headers: .ours
                )
                #expect(decided.status == .seeOther)
                #expect(try await program.get("/api/v1/readings").status == .ok)
                #expect(try await !clinician.get("/account").text.contains("“Scheduler” asks"))
                let again = try await clinician.post(
                    String(action.output),
                    ["decision": "refused"],
                    headers: .ours
                )
                #expect(again.status == .notFound)
            }
        }
    }

    @Test func `a refused new token leaves the old one in force; a refused first one ends all`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                let clinician = try await rig.account(.clinician)
                let program = try await rig.program(browser)
                let rotated = try await administrator.post(
                    "/programs/\(program.id)/rotate",
                    [:],
                    headers: .ours
                )
                let next = TestProgram(
                    browser: browser,
                    id: program.id,
                    token: try token(rotated)
                )
                #expect(try await next.get("/api/v1/token").errorCode == "tokenWaiting")
                let waiting = try #require(
                    try await rig.programs.waiting(for: clinician).first?.newest
                )
                try await rig.programs.decide(waiting.id, isApproved: false, by: clinician)
                #expect(try await next.get("/api/v1/token").errorCode == "tokenUnknown")
                rig.clock.advance(by: ProgramStore.usualOverlap)
                #expect(try await program.get("/api/v1/token").status == .ok)
                let made = try await rig.programs.make(
                    ProgramDraft(name: "New", permissions: [.readPatients], sites: nil),
                    by: clinician.id
                )
                let first = try #require(
                    try await rig.programs.waiting(for: clinician).first?.newest
                )
                try await rig.programs.decide(first.id, isApproved: false, by: clinician)
                let ended = try await rig.programs.find("\(made.program)")
                #expect(ended?.end?.cause == .revoked)
            }
        }
    }

    @Test func `a clinician lets in what reads at their own sites alone`() async throws {
        try await PeopleRig.with { rig in
            let (own, foreign) = (try await rig.site(), try await rig.secondSite())
            let clinician = try await rig.account(.clinician, sites: [own])
            for sites in [[foreign], [own, foreign], nil] {
                let made = try await rig.programs.make(
                    ProgramDraft(
                        name: "P\(sites?.count ?? 0)",
                        permissions: [.readReadings],
                        sites: sites
                    ),
                    by: clinician.id
                )
                #expect(try await rig.programs.waiting(for: clinician).isEmpty)
                let token = try #require(
                    try await rig.programs.find("\(made.program)")?.newest
                )
                await #expect(throws: ProgramError.self) {
                    try await rig.programs.decide(token.id, isApproved: true, by: clinician)
                }
            }
            _ = try await rig.programs.make(
                ProgramDraft(name: "Own", permissions: [.readReadings], sites: [own]),
                by: clinician.id
            )
            #expect(try await rig.programs.waiting(for: clinician).map(\.name) == ["Own"])
        }
    }

    @Test(arguments: [
        ["name": "", "days": "90", "readReadings": "1"],
        ["name": "X", "days": "366", "readReadings": "1"],
        ["name": "X", "days": "0", "readReadings": "1"],
        ["name": "X", "days": "soon", "readReadings": "1"],
        ["name": "X", "days": "90"],
        ["name": "X", "days": "90", "manageAccounts": "1", "decideDocuments": "1"],
        ["name": "register", "days": "90", "readReadings": "1"],
    ])
    func `a program that cannot be is told, and what was typed stays`(
        fields: [String: String]
    ) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.program(browser)
                let administrator = try await rig.signIn(browser, role: .administrator)
                let page = try await administrator.post("/programs", fields, headers: .ours)
                #expect(page.status == .unprocessableContent)
                #expect(page.text.contains("Nothing was changed."))
                #expect(page.text.contains("value=\"\(fields["name"] ?? "")\""))
                #expect(try await rig.programs.all().count == 1)
            }
        }
    }

    @Test func `nobody gives a program more sites than they have`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let (own, foreign) = (try await rig.site(), try await rig.secondSite())
                let administrator = try await rig.signIn(
                    browser,
                    role: .administrator,
                    sites: [own]
                )
                _ = try await administrator.post(
                    "/programs",
                    [
                        "name": "Wide", "days": "90", "readReadings": "1", "every": "1",
                        "site-\(foreign)": "1",
                    ],
                    headers: .ours
                )
                let program = try #require(try await rig.programs.find("Wide"))
                #expect(!program.isForEverySite)
                #expect(program.siteNames == ["Clinic"])
            }
        }
    }

    @Test func `the report names what is old, unused, waits, or is good for long`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let author = try await rig.account(.clinician)
                _ = try await rig.program(browser, name: "Quiet")
                _ = try await rig.programs.make(
                    ProgramDraft(
                        name: "Long",
                        permissions: [.readReadings],
                        sites: nil,
                        days: 365
                    ),
                    by: nil
                )
                _ = try await rig.programs.make(
                    ProgramDraft(name: "Waits", permissions: [.readReadings], sites: nil),
                    by: author.id
                )
                func kinds(_ name: String) async throws -> Set<String> {
                    let report = try await rig.asCommand { client in
                        try await SecurityReport(
                            database: client,
                            clock: rig.clock.wall,
                            checkpoints: []
                        )
                    }
                    return Set(report.findings.filter { $0.subject == name }.map(\.kind))
                }
                #expect(try await kinds("Quiet").isEmpty)
                #expect(try await kinds("Long") == ["tokenLongLived"])
                rig.clock.advance(by: .seconds(80 * 86400))
                #expect(try await kinds("Quiet") == ["tokenExpiresSoon", "tokenUnused"])
                #expect(try await kinds("Waits") == ["tokenWaiting"])
                rig.clock.advance(by: .seconds(110 * 86400))
                #expect(try await kinds("Quiet") == ["tokenExpired"])
                #expect(try await kinds("Long") == ["tokenOld", "tokenUnused"])
            }
        }
    }
}
