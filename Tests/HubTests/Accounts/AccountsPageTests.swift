import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

struct AccountsPageTests {
    @Test func `people are listed with what they have, as text`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                _ = try await administrator.post(
                    "/accounts",
                    [
                        "email": "x@clinic.example", "name": "<script>alert(1)</script>",
                        "role": "clinician", "nihdi": "1-12345-67-890",
                    ],
                    headers: .ours
                )
                let page = try await administrator.get("/accounts").text
                #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
                #expect(!page.contains("<script>alert"))
                #expect(page.contains("NIHDI 11234567890"))
                #expect(page.contains(">invited<"))
                #expect(page.contains("app (given)"))
            }
        }
    }

    @Test(arguments: [
        ["email": "nonsense", "name": "X", "role": "it"],
        ["email": "administrator@clinic.example", "name": "X", "role": "it"],
        ["email": "x@clinic.example", "name": "", "role": "it"],
        ["email": "x@clinic.example", "name": "X", "role": "god"],
        ["email": "x@clinic.example", "name": "X", "role": "it", "nihdi": "12"],
    ])
    func `an invitation that cannot be is told, and what was typed stays`(
        fields: [String: String]
    ) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                let page = try await administrator.post("/accounts", fields, headers: .ours)
                #expect(page.status == .unprocessableContent)
                #expect(page.text.contains("Not invited yet."))
                #expect(page.text.contains("value=\"\(fields["email"] ?? "")\""))
                #expect(try await rig.accounts.all().count == 1)
            }
        }
    }

    @Test func `somebody of one site sees that site alone`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let first = try await rig.site()
                let second = try await rig.secondSite()
                let administrator = try await rig.signIn(browser, role: .administrator)
                let page = try await administrator.post(
                    "/accounts",
                    [
                        "email": "x@clinic.example", "name": "X", "role": "it",
                        "site-\(second)": "1",
                    ],
                    headers: .ours
                )
                #expect(page.status == .ok)
                let none = try await administrator.post(
                    "/accounts",
                    ["email": "y@clinic.example", "name": "Y", "role": "it"],
                    headers: .ours
                )
                #expect(none.status == .unprocessableContent)
                let rows = try await rig.database.query("SELECT site_id FROM account_site")
                #expect(try rows.map { try $0.decode("site_id", as: Identifier.self) } == [second])
                #expect(first != second)
            }
        }
    }

    @Test func `an administrator neither disables themselves nor takes their own factor`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                let own = try #require(try await rig.accounts.all().first).id
                for action in ["disable", "factors"] {
                    #expect(
                        try await administrator.post(
                            "/accounts/\(own)/\(action)",
                            [:],
                            headers: .ours
                        ).status == .conflict
                    )
                }
                #expect(try await administrator.get("/accounts").status == .ok)
            }
        }
    }

    @Test func `what is done to a person ends their sessions and stands in the audit`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let administrator = try await rig.signIn(browser, role: .administrator)
                let clinician = try await rig.signIn(browser)
                let id = try #require(
                    try await rig.accounts.account(email: "clinician@clinic.example")
                ).id
                _ = try await administrator.post("/accounts/\(id)/factors", [:], headers: .ours)
                #expect(try await clinician.get("/readings").status == .ok)
                _ = try await administrator.post("/accounts/\(id)/disable", [:], headers: .ours)
                #expect(try await clinician.get("/readings").status == .unauthorized)
                let rows = try await rig.database.query(
                    "SELECT action FROM audit_record WHERE subject = \(id) ORDER BY sequence"
                )
                #expect(
                    try rows.map { try $0.decode("action", as: String.self) }
                        == ["POST /accounts/{id}/factors", "POST /accounts/{id}/disable"]
                )
            }
        }
    }
}

extension PeopleRig {
    /// Another site than that of the first migration.
    func secondSite() async throws -> Identifier {
        let register = SiteRegister(database: database)
        _ = try await register.add(
            SiteConfiguration(name: "Branch", timeZone: "Europe/Brussels", retentionDays: 35)
        )
        let rows = try await database.query("SELECT id FROM site WHERE name = 'Branch'")
        guard let row = rows.first else { throw PageError.noSite }
        return try row.decode("id")
    }
}
