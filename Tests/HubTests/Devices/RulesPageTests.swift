import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct RulesPageTests {
    private static let usual = [
        ("driver", "l70"), ("vendor", "0403"), ("product", "6001"), ("serial", "A10X42QZ"),
        ("baud", ""), ("dataBits", "8"), ("parity", "none"), ("stopBits", "1"), ("dtr", "1"),
        ("rts", "1"),
    ]

    private static func form(
        _ person: SignedIn,
        _ change: [String: String] = [:]
    ) -> [(String, String)] {
        [("token", person.formToken)] + usual.map { ($0.0, change[$0.0] ?? $0.1) }
    }

    private func with(
        _ body: @Sendable @escaping (PeopleRig, SignedIn) async throws -> Void
    ) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                try await body(rig, try await rig.signIn(browser, role: .it))
            }
        }
    }

    private func changes(_ rig: PeopleRig) async throws -> [(kind: String, rule: DeviceRule?)] {
        let rows = try await rig.database.query(
            """
            SELECT kind, payload FROM site_change WHERE key LIKE 'rule/%' ORDER BY position
            """
        )
        return try rows.map { row in
            let payload: [UInt8]? = try row.decode("payload")
            return (
                try row.decode("kind"),
                try payload.map { try JSON.decode(DeviceRule.self, from: $0) }
            )
        }
    }

    @Test func `a rule is added, told to the site's agents, and taken back`() async throws {
        try await with { rig, person in
            #expect(try await person.get("/device-rules").text.contains("No rule yet"))
            let form = Self.form(person, ["baud": "9600", "stopBits": "2", "vendor": "0A03"])
            #expect(try await person.send("/device-rules", form).status == .seeOther)
            let told = try #require(try await changes(rig).last?.rule)
            #expect(told.vendor == "0a03")
            #expect(told.serial == "A10X42QZ")
            #expect(told.label == nil)
            #expect(told.driver == "l70")
            #expect(told.line == DeviceRule.Line(baud: 9600, stopBits: 2))
            let page = try await person.get("/device-rules").text
            #expect(page.contains("Lensmeter L70"))
            #expect(page.contains("9600 baud, 8N2, DTR, RTS"))
            let remove = "/device-rules/\(told.id)/remove"
            let token = [("token", person.formToken)]
            #expect(try await person.send(remove, token).status == .seeOther)
            #expect(try await person.send(remove, token).status == .notFound)
            // Of each key the newest change is kept.
            #expect(try await changes(rig).map(\.kind) == ["remove"])
            // It stays as history.
            #expect(try await rig.count("device_rule WHERE removed_at IS NOT NULL") == 1)
        }
    }

    @Test func `a rule is filled in from a device that nothing serves`() async throws {
        try await with { rig, person in
            let store = SampleStore(database: rig.database, site: try await rig.site())
            let fact = DeviceFact(
                key: "port:1",
                attachment: .serial,
                state: .unserved,
                since: SampleReading.instant("2026-11-20T09:00:00.000Z"),
                adapter: DeviceFact.Adapter(
                    vendor: "067b",
                    product: "2303",
                    portPath: "pci-\"0\"",
                    title: "USB <Serial>"
                )
            )
            let id = try await SampleDevice(store: store).tell([fact])
            let list = try await person.get("/devices").text
            #expect(list.contains("/device-rules?device=\(id)"))
            let page = try await person.get("/device-rules?device=\(id)").text
            for text in [
                "Serve <bdi>USB &lt;Serial&gt;</bdi> as…", "value=\"067b\"", "value=\"2303\"",
                "value=\"pci-&quot;0&quot;\"",
            ] {
                #expect(page.contains(text), "\(text)")
            }
        }
    }

    @Test(arguments: [
        (["vendor": "", "product": "", "serial": ""], "Fill in at least one"),
        (["vendor": "403"], "Vendor: enter four hexadecimal digits"),
        (["product": "60g1"], "Product: enter four hexadecimal digits"),
        (["baud": "fast"], "Enter the speed"), (["baud": "0"], "Enter the speed"),
    ])
    func `what is wrong in a rule is said in a sentence, and nothing is stored`(
        change: [String: String],
        sentence: String
    ) async throws {
        try await with { rig, person in
            let answer = try await person.send("/device-rules", Self.form(person, change))
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains(sentence))
            #expect(try await rig.count("device_rule") == 0)
        }
    }

    @Test(arguments: ["driver", "parity", "dataBits", "stopBits"])
    func `a choice that the form does not offer is refused`(name: String) async throws {
        try await with { _, person in
            let form = Self.form(person, [name: "9"])
            let answer = try await person.send("/device-rules", form)
            #expect(answer.status == .badRequest)
        }
    }

    @Test func `another site's rule cannot be removed`() async throws {
        try await with { rig, person in
            let store = SampleStore(database: rig.database, site: try await rig.site())
            _ = try await SampleDevice(store: store).elsewhere()
            let site = try await rig.site()
            _ = try await person.send("/device-rules?site=\(site)", Self.form(person))
            let rule = try #require(try await changes(rig).last?.rule)
            let rows = try await rig.database.query("SELECT id FROM site WHERE name = 'Elsewhere'")
            let other: Identifier = try #require(rows.first).decode("id")
            let answer = try await person.send(
                "/device-rules/\(rule.id)/remove?site=\(other)",
                [("token", person.formToken)]
            )
            #expect(answer.status == .notFound)
        }
    }
}
