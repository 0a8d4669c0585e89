import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Postgres
import Shared
import Testing

@testable import Hub

/// What somebody tries who means no good; each is refused, and nothing of it is a fault.
struct AttackTests {
    private static let hostile = [
        "\"><script>alert(1)</script>", "'; DROP TABLE account; --", "' OR '1'='1",
        "{{frame.formToken}}", "../../../../etc/passwd", "%00", "\u{202E}evil", "-1", "1e309",
        "0192d3e4-0000-7000-8000-00000000000z", String(repeating: "9", count: 40),
        "javascript:alert(1)", "\r\nSet-Cookie: a=b", "\u{1F469}\u{200D}\u{1F4BB}", "NaN", "null",
    ]

    /// Every name that a form or a query of the Hub knows.
    private static let names = [
        "site", "q", "after", "before", "account", "subject", "patient", "kind", "device",
        "reading",
        "version", "family", "given", "born", "sex", "email", "name", "role", "nihdi", "code",
        "password", "again", "present", "next", "into", "reason", "room", "plane", "driver",
        "vendor", "product", "serial", "baud", "choice", "matchVersion", "credential", "clientData",
        "attestation", "signature", "authenticatorData", "workstation", "refused", "source",
        "status", "zone", "day", "command", "destination", "number", "emergency", "finding", "note",
        "days", "decision", "limit",
    ]

    private static let roles: [Role] = [.clinician, .administrator, .auditor, .it]

    /// Signs in once for each role that together may do everything.
    private func everybody(_ rig: PeopleRig, _ browser: Browser) async throws -> [Role: SignedIn] {
        var people: [Role: SignedIn] = [:]
        for role in Self.roles { people[role] = try await rig.signIn(browser, role: role) }
        return people
    }

    private func whoMay(_ entry: Routes.Entry, _ people: [Role: SignedIn]) -> SignedIn? {
        Self.roles.first { $0.permissions.contains(entry.permission) }.flatMap { people[$0] }
    }

    private func address(_ entry: Routes.Entry, _ id: String) -> String {
        entry.path.replacing(/\{[A-Za-z0-9]+\}/, with: Address.encode(id))
    }

    /// True for what would end the session of whoever tries.
    private func ends(_ entry: Routes.Entry) -> Bool {
        ["/sign-out", "/account/sign-out-everywhere"].contains(entry.path)
    }

    @Test func `no form is taken without its token, from elsewhere, or from nowhere`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let people = try await everybody(rig, browser)
                for entry in rig.application.routes.table
                where entry.method == "POST" && entry.permission != .passwordShown {
                    guard let person = whoMay(entry, people) else { continue }
                    let address = address(entry, "0192d3e4-0000-7000-8000-000000000001")
                    var tries: [(HTTPFields, String)] = [
                        ([.cookie: person.cookie], person.formToken),
                        (
                            [.cookie: person.cookie, .origin: "https://evil.example"],
                            person.formToken
                        ),
                        ([.cookie: person.cookie, .origin: "null"], person.formToken),
                        (
                            [
                                .cookie: person.cookie, .origin: PeopleRig.origin,
                                .secFetchSite: "same-site",
                            ], person.formToken
                        ),
                    ]
                    if entry.permission != .everyone {
                        let ours: HTTPFields = [
                            .cookie: person.cookie, .origin: PeopleRig.origin,
                        ]
                        tries += [
                            (ours, ""), (ours, String(repeating: "0", count: 64)),
                            (
                                ours,
                                people[.it]?.formToken == person.formToken
                                    ? "" : people[.it]?.formToken ?? ""
                            ),
                        ]
                    }
                    for (headers, token) in tries {
                        let answer = try await browser.post(
                            address,
                            ["token": token],
                            headers: headers
                        )
                        #expect(answer.status == .forbidden, "\(entry.path) \(headers)")
                    }
                }
                let left = try await rig.database.query(
                    "SELECT count(*) AS n FROM session WHERE ended_at IS NULL"
                ).first?.decode("n", as: Int.self)
                #expect(left == Self.roles.count)
            }
        }
    }

    @Test func `a session that an attacker chose is never taken over`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                _ = try await rig.account(.clinician)
                let chosen = "clinic_session=" + String(repeating: "ab", count: 32)
                let newcomer = try await rig.newcomer(
                    browser,
                    headers: [.origin: PeopleRig.origin, .cookie: chosen]
                )
                #expect(newcomer.cookie != chosen)
                // The attacker's own half session does not become the victim's whole one.
                let half = try await rig.newcomer(browser)
                let whole = try await rig.signInAgain(
                    browser,
                    headers: [.origin: PeopleRig.origin, .cookie: half.cookie]
                )
                #expect(whole.cookie != half.cookie)
                for cookie in [chosen, half.cookie] {
                    let answer = try await browser.get("/readings", headers: [.cookie: cookie])
                    #expect(answer.status == .unauthorized)
                }
            }
        }
    }

    @Test func `a cookie with one digit changed is nobody's`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let letters = Array(person.cookie)
                for index in letters.indices.suffix(64) {
                    var changed = letters
                    changed[index] = letters[index] == "0" ? "1" : "0"
                    let answer = try await browser.get(
                        "/readings",
                        headers: [.cookie: String(changed)]
                    )
                    #expect(answer.status == .unauthorized)
                }
                for cookie in [
                    person.cookie.uppercased(), person.cookie + "00", "clinic_session=\"\"",
                    "clinic_session=..; clinic_session=", String(repeating: "a=b; ", count: 500),
                ] {
                    let answer = try await browser.get("/readings", headers: [.cookie: cookie])
                    #expect(answer.status == .unauthorized)
                }
                #expect(try await person.get("/readings").status == .ok)
            }
        }
    }

    @Test func `what hostile fields hold is text, and never a fault`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let people = try await everybody(rig, browser)
                for entry in rig.application.routes.table
                where entry.permission != .passwordShown && !ends(entry)
                    && !entry.path.hasSuffix("/live") && !entry.path.hasPrefix("/live")
                {
                    guard let person = whoMay(entry, people) else { continue }
                    for text in Self.hostile {
                        let answer: TestResponse
                        if entry.method == "GET" {
                            let query = Self.names.map { "\($0)=\(Address.encode(text))" }
                                .joined(separator: "&")
                            answer = try await person.get("\(address(entry, text))?\(query)")
                            try await check(answer, entry, text)
                            let plain = try await person.get(
                                "\(address(entry, text))?q=\(Address.encode(text))"
                            )
                            try await check(plain, entry, text)
                        } else {
                            let fields = Dictionary(
                                uniqueKeysWithValues: Self.names.map { ($0, text) }
                            )
                            answer = try await person.post(
                                address(entry, "0192d3e4-0000-7000-8000-000000000001"),
                                fields,
                                headers: .ours
                            )
                            try await check(answer, entry, text)
                        }
                    }
                }
                #expect(try await rig.accounts.all().count >= Self.roles.count)
            }
        }
    }

    private func check(_ answer: TestResponse, _ entry: Routes.Entry, _ text: String) async throws {
        #expect(answer.status.kind != .serverError, "\(entry.method) \(entry.path): \(text)")
        #expect(!answer.text.contains("<script>alert"), "\(entry.path)")
        #expect(!answer.text.contains("root:x:"), "\(entry.path)")
        #expect(!answer.text.contains("href=\"javascript:"), "\(entry.path)")
        #expect(answer.headers[.setCookie]?.contains("a=b") != true, "\(entry.path)")
        if let location = answer.headers[.location] {
            #expect(location.hasPrefix("/") && !location.hasPrefix("//"), "\(entry.path)")
        }
    }

    @Test func `what belongs to another site is not there, under any address`() async throws {
        try await PeopleRig.with { rig in
            let own = try await rig.site()
            let foreign = try await rig.secondSite()
            let patient = try await rig.patients.register(
                try SamplePatient.draft(),
                site: foreign,
                by: nil
            )
            let store = SampleStore(database: rig.database, site: foreign)
            let reading = try await store.add(SampleReading.refraction(), number: 1)
            let device = try await SampleDevice(store: store).tell([SampleDevice.fact()])
            let document = Digest256(of: Array("document".utf8)).hexadecimal
            try await rig.test { browser in
                let person = try await rig.signIn(browser, sites: [own])
                for entry in rig.application.routes.table
                where entry.path.contains("{") && !entry.path.hasPrefix("/account")
                    && Role.clinician.permissions.contains(entry.permission)
                {
                    for id in ["\(patient.id)", "\(reading)", "\(device)", document] {
                        for site in ["", "?site=\(own)", "?site=\(foreign)"] {
                            let address = address(entry, id) + site
                            let answer =
                                entry.method == "GET"
                                ? try await person.get(address)
                                : try await person.post(address, ["version": "1"], headers: .ours)
                            let isOver = answer.headers[.location]?.contains("done=over") == true
                            #expect(
                                [404, 400, 422].contains(answer.status.code) || isOver,
                                "\(entry.method) \(address) \(answer.status)"
                            )
                            #expect(!answer.text.contains("Testcase"), "\(address)")
                        }
                    }
                }
                for list in ["/readings", "/patients", "/devices", "/agents", "/sends"] {
                    let page = try await person.get("\(list)?q=Testcase").text
                    #expect(!page.contains("Amina") && !page.contains("Room 2"), "\(list)")
                }
            }
        }
    }

    @Test(arguments: [
        "//readings", "/readings/../audit", "/%2e%2e/audit", "/assets/..%2f..%2fetc%2fpasswd",
        "/readings%00", "/readings/%c0%ae%c0%ae/", "/audit/", "/AUDIT", "/accounts;role=x",
        "/assets/", "/.env", "/.git/config", "/sign-in/../accounts",
    ])
    func `a crooked path leads nowhere`(path: String) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let stranger = try await browser.get(path)
                #expect(stranger.status.kind == .clientError || stranger.status == .seeOther)
                let person = try await rig.signIn(browser, role: .lab)
                let answer = try await person.get(path)
                #expect(answer.status.kind == .clientError || answer.status == .seeOther)
                #expect(!answer.text.contains("root:"))
            }
        }
    }

    @Test func `what is too long is refused before it is read`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let long = String(repeating: "a", count: WebLimits.formBytes + 1)
                let form = try await person.post("/patients", ["family": long], headers: .ours)
                #expect(form.status.kind == .clientError)
                let open = try await browser.post("/sign-in", ["email": long, "password": "x"])
                #expect(open.status.kind == .clientError)
                let query = try await person.get("/readings?q=\(long.prefix(5000))")
                #expect(query.status == .badRequest)
                let many = (0..<2000).map { "f\($0)=1" }.joined(separator: "&")
                let crowd = try await browser.client.executeRequest(
                    uri: "/sign-in",
                    method: .post,
                    headers: [
                        .origin: PeopleRig.origin,
                        .contentType: "application/x-www-form-urlencoded",
                    ],
                    body: ByteBuffer(string: many)
                )
                #expect(crowd.status.kind == .clientError)
            }
        }
    }

    @Test func `an error names a reference and nothing of the inside`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                try await rig.database.execute("ALTER TABLE reading RENAME TO reading_gone")
                let answer = try await person.get("/readings")
                #expect(answer.status == .internalServerError)
                for word in ["SELECT", "reading_gone", "relation", "Postgres", ".swift", "42P01"] {
                    #expect(!answer.text.contains(word), "\(word)")
                }
                #expect(answer.text.contains("Something went wrong here"))
            }
        }
    }

    @Test func `other methods than those of the table do nothing`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                for method in [HTTPRequest.Method.put, .delete, .patch, .trace, .options] {
                    for path in ["/readings", "/sign-out", "/account"] {
                        let answer = try await browser.client.executeRequest(
                            uri: path,
                            method: method,
                            headers: [.cookie: person.cookie, .origin: PeopleRig.origin],
                            body: nil
                        )
                        #expect(answer.status.kind == .clientError, "\(method) \(path)")
                    }
                }
                let stranger = try await browser.client.executeRequest(
                    uri: "/readings",
                    method: .head,
                    headers: [:],
                    body: nil
                )
                #expect(stranger.status == .unauthorized)
            }
        }
    }
}
