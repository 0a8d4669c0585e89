import Shared
import Testing

@testable import Hub

struct ProgramWaitingTests {
    private let everywhere = ProgramApprover(name: "Ann", isForEverySite: true, siteNames: [])
    private let north = ProgramApprover(name: "Ben", isForEverySite: false, siteNames: ["North"])
    private let both = ProgramApprover(
        name: "Cas",
        isForEverySite: false,
        siteNames: ["North", "South"]
    )

    private func program(_ sites: [String]?) -> Program {
        Program(
            id: Identifier(derivedFrom: []),
            name: "Register",
            permissions: [.readPatients],
            isForEverySite: sites == nil,
            siteNames: sites ?? [],
            madeAt: Instant(milliseconds: 0),
            end: nil,
            tokens: []
        )
    }

    private func sentence(_ people: [ProgramApprover], _ sites: [String]?) -> String {
        ProgramWaiting(approvers: people, sites: ["East", "North", "South"])
            .sentence(program(sites))
    }

    @Test func `a token waits for those who see all of its sites`() {
        #expect(
            sentence([everywhere, north, both], ["North"])
                == "Waits for Ann, Ben, Cas to let it in; they are told."
        )
        #expect(
            sentence([everywhere, north, both], ["North", "South"])
                == "Waits for Ann, Cas to let it in; they are told."
        )
        #expect(
            sentence([everywhere, north, both], nil)
                == "Waits for Ann to let it in; they are told."
        )
    }

    @Test func `where nobody can let it in, the page says so, and which sites have nobody`() {
        let every = sentence([north, both], nil)
        #expect(every.hasPrefix("Nobody can let it in: no clinician sees every site"))
        #expect(every.contains("sees every site; East has none at all."))
        let some = sentence([north], ["North", "South"])
        #expect(some.contains("no clinician sees all of its sites; South has none at all."))
        let split = ProgramApprover(name: "Dia", isForEverySite: false, siteNames: ["South"])
        #expect(!sentence([north, split], ["North", "South"]).contains("none at all"))
    }

    @Test func `the page of programs names who is waited for`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                _ = try await administrator.post(
                    "/programs",
                    ["name": "Register", "days": "90", "readPatients": "1", "every": "1"],
                    headers: .ours
                )
                let nobody = try await administrator.get("/programs").text
                #expect(nobody.contains("Nobody can let it in"))
                #expect(nobody.contains("Clinic has none at all"))
                _ = try await rig.account(.clinician)
                let somebody = try await administrator.get("/programs").text
                #expect(somebody.contains("Waits for Dr. Test to let it in"))
            }
        }
    }
}
