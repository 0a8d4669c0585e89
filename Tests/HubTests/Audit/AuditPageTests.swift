import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

@Suite struct AuditPageTests {
    @Test func `the auditor sees who looked at a patient, and nobody else sees the audit`()
        async throws
    {
        try await PeopleRig.with { rig in
            let patient = try await rig.patients.register(
                SamplePatient.draft("Hidden", "Name"),
                site: try await rig.site(),
                by: nil
            )
            try await rig.test { browser in
                let clinician = try await rig.signIn(browser)
                _ = try await clinician.get("/patients/\(patient.id)")
                #expect(try await clinician.get("/audit").status == .forbidden)
                let auditor = try await rig.signIn(browser, role: .auditor)
                let page = try await auditor.get("/audit?patient=\(patient.id)")
                #expect(page.status == .ok)
                #expect(page.text.contains("Looked at a patient"))
                #expect(page.text.contains("Dr. Test"))
                #expect(!page.text.contains("Hidden"))
                let (id, end) = ("\(patient.id)", "\(patient.id)".suffix(12))
                #expect(page.text.contains("href=\"/audit?subject=\(id)\">\(end)</a>"))
                let refused = try await auditor.get("/audit?refused=1").text
                #expect(refused.contains("Read the audit"))
                #expect(!refused.contains("Looked at a patient"))
                #expect(try await auditor.get("/patients").status == .forbidden)
                #expect(try await auditor.get("/audit?patient=x").status == .badRequest)
            }
        }
    }

    @Test func `an assistant measures and registers, and sees no documents`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let assistant = try await rig.signIn(browser, role: .assistant)
                for address in ["/station", "/patients", "/readings", "/devices"] {
                    #expect(try await assistant.get(address).status == .ok, "\(address)")
                }
                for address in ["/quarantine", "/agents", "/audit"] {
                    #expect(try await assistant.get(address).status == .forbidden, "\(address)")
                }
            }
        }
    }

    @Test func `the table of routes says what each asks for and what it records`() throws {
        let routes = try PeopleApplication.routeTable()
        let reveal = routes.first { $0.path == "/patients/{id}/number" }
        #expect(reveal?.permission == "revealNumbers")
        #expect(reveal?.audits == true)
        let open = routes.filter { $0.permission == "everyone" }
        #expect(open.allSatisfy { !$0.audits })
    }
}
