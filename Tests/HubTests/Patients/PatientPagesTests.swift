import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct PatientPagesTests {
    @Test func `a patient is registered by a form, and found by everything that is known of them`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                #expect(try await person.get("/patients").text.contains("No patient is registered"))
                let answer = try await person.post(
                    "/patients",
                    [
                        "token": person.formToken, "family": "D'Hondt", "given": "Émilie",
                        "born": "14 mars 1985", "sex": "f",
                    ]
                )
                #expect(answer.status == .seeOther)
                let address = try #require(answer.headers[.location])
                let page = try await person.get(address).text
                for text in ["D&#39;Hondt, Émilie", "1000002", "14 Mar 1985", "41 years", "Female"]
                {
                    #expect(page.contains(text), "\(text)")
                }
                for query in ["hondt", "emilie", "1000002", "14/3/1985"] {
                    let list = try await person.get("/patients?q=\(Address.encode(query))").text
                    #expect(list.contains("1000002"), "\(query)")
                }
                let search = try await person.get("/search?q=1000002")
                #expect(search.headers[.location]?.hasPrefix("/patients/") == true)
                #expect(try await person.get("/patients?q=1000003").text.contains("mistyped"))
            }
        }
    }

    @Test(arguments: [
        ("", "", "Write the family name"), ("Testcase", "31/2/1985", "Write day, month and year"),
        ("Testcase", "14/3/85", "Write day, month and year"),
        ("Testcase", "21/11/2026", "lies in the future"),
    ])
    func `a form that is not right says what to do and keeps what was typed`(
        family: String,
        born: String,
        sentence: String
    ) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let answer = try await person.post(
                    "/patients",
                    ["token": person.formToken, "family": family, "given": "Kept", "born": born]
                )
                #expect(answer.status == .unprocessableContent)
                #expect(answer.text.contains(sentence))
                #expect(answer.text.contains("value=\"Kept\""))
                let rows = try await rig.database.query("SELECT count(*) AS n FROM patient")
                #expect(try rows.first?.decode("n", as: Int.self) == 0)
            }
        }
    }

    @Test func `somebody like one who is registered is registered only on a second word`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let site = try await rig.site()
                let first = try await rig.patients.register(
                    try SamplePatient.draft(),
                    site: site,
                    by: nil
                )
                func send(_ anyway: String) async throws -> TestResponse {
                    try await person.post(
                        "/patients",
                        [
                            "token": person.formToken, "family": "Testcase", "given": "Amina",
                            "born": "14/3/1985", "anyway": anyway,
                        ]
                    )
                }
                let asked = try await send("")
                #expect(asked.status == .conflict)
                #expect(asked.text.contains("Somebody like this is registered already"))
                #expect(asked.text.contains("Same name and birth date."))
                #expect(asked.text.contains("/patients/\(first.id)"))
                // Somebody who came since the warning was shown is warned of again.
                _ = try await rig.patients.register(
                    try SamplePatient.draft("Testkaas"),
                    site: site,
                    by: nil
                )
                #expect(try await send("1000002").status == .conflict)
                let shown = try #require(
                    asked.text.firstMatch(of: /name="anyway" value="([^"]*)"/)
                ).output.1
                #expect(shown == "1000002")
                let second = try await rig.patients.duplicates(
                    of: PersonName(family: "Testcase", given: "Amina"),
                    PartialDate("1985-03-14"),
                    site: site
                )
                #expect(try await send(AlikePart.agreed(second)).status == .seeOther)
            }
        }
    }

    @Test func `the form's script is told who is alike, as a part of the page`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                _ = try await rig.patients.register(
                    try SamplePatient.draft(),
                    site: try await rig.site(),
                    by: nil
                )
                let part = try await person.post(
                    "/patients/alike",
                    ["token": person.formToken, "family": "Testkase", "born": "14/3/1985"]
                )
                #expect(part.status == .ok)
                #expect(part.text.contains("Testcase, Amina") && !part.text.contains("<html"))
                let none = try await person.post(
                    "/patients/alike",
                    ["token": person.formToken, "family": "Quite"]
                )
                #expect(none.text.trimmed.isEmpty)
            }
        }
    }

    @Test func `a change from an older version is refused, and shows what holds`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let site = try await rig.site()
                let patient = try await rig.patients.register(
                    try SamplePatient.draft(),
                    site: site,
                    by: nil
                )
                func change(_ family: String, version: String) async throws -> TestResponse {
                    try await person.post(
                        "/patients/\(patient.id)",
                        [
                            "token": person.formToken, "version": version, "family": family,
                            "given": "Amina", "born": "1985",
                        ]
                    )
                }
                #expect(try await change("First", version: "1").status == .seeOther)
                let late = try await change("Second", version: "1")
                #expect(late.status == .conflict)
                #expect(late.text.contains("Somebody changed this record"))
                #expect(late.text.contains("value=\"First\"") && !late.text.contains("Second"))
                #expect(try await change("Second", version: "x").status == .badRequest)
                let page = try await person.get("/patients/\(patient.id)").text
                #expect(page.contains("First, Amina") && page.contains("Testcase, Amina"))
            }
        }
    }

    @Test func `forms without the session's token change nothing`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let site = try await rig.site()
                let patient = try await rig.patients.register(
                    try SamplePatient.draft(),
                    site: site,
                    by: nil
                )
                let id = try await rig.add(1, DevicePatient())
                for address in [
                    "/patients", "/patients/\(patient.id)", "/patients/alike",
                    "/patients/\(patient.id)/join", "/patients/\(patient.id)/part",
                    "/readings/\(id)/match",
                ] {
                    let answer = try await person.post(address, ["family": "X", "token": "wrong"])
                    #expect(answer.status == .forbidden, "\(address)")
                }
            }
        }
    }

    @Test func `IT sees no patient, and nobody sees another site's`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let site = try await rig.site()
                let foreign = try await rig.foreignSite()
                let patient = try await rig.patients.register(
                    try SamplePatient.draft(),
                    site: foreign,
                    by: nil
                )
                let it = try await rig.signIn(browser, role: .it)
                for address in ["/patients", "/patients/\(patient.id)", "/search?q=x"] {
                    let answer = try await it.get("\(address)")
                    #expect(answer.status == .forbidden)
                    #expect(!answer.text.contains("Testcase"))
                }
                let person = try await rig.signIn(browser)
                try await rig.database.execute("UPDATE account SET every_site = false")
                try await rig.database.execute(
                    "INSERT INTO account_site SELECT id, \(site) FROM account"
                )
                for page in ["", "/edit", "/join?into=1000002"] {
                    let answer = try await person.get("/patients/\(patient.id)\(page)")
                    #expect(answer.status == .notFound, "\(page)")
                }
                #expect(
                    try await person.get("/patients/\(patient.id)?site=\(foreign)").status
                        == .notFound
                )
                for (page, fields) in [
                    ("", ["family": "X", "version": "1"]),
                    ("/join", ["into": "\(patient.id)", "version": "1"]),
                    ("/part", [:]),
                ] {
                    let answer = try await browser.post(
                        "/patients/\(patient.id)\(page)",
                        fields,
                        token: person.formToken,
                        cookie: person.cookie
                    )
                    #expect(answer.status == .notFound, "\(page)")
                }
                #expect(!(try await person.get("/patients").text.contains("Testcase")))
                #expect(!(try await person.get("/patients?q=1000002").text.contains("Testcase")))
                let search = try await person.get("/search?q=1000002")
                #expect(search.headers[.location] == "/patients?q=1000002")
            }
        }
    }

    @Test func `HTML in a patient's name is shown as text, everywhere`() async throws {
        let nasty = "<script>x</script>\"onmouseover='y'"
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let site = try await rig.site()
                let patient = try await rig.patients.register(
                    try SamplePatient.draft(nasty, nasty),
                    site: site,
                    by: nil
                )
                let id = try await rig.add(1, DevicePatient(number: "1000002"))
                try await rig.weigh()
                for address in [
                    "/patients", "/patients?q=\(Address.encode(nasty))", "/patients/\(patient.id)",
                    "/patients/\(patient.id)/edit",
                    "/patients/\(patient.id)/join?into=\(Address.encode(nasty))",
                    "/readings", "/readings/\(id)", "/readings/\(id)/match",
                    "/readings/\(id)/match?q=\(Address.encode(nasty))",
                ] {
                    let page = try await person.get(address)
                    #expect(page.status == .ok, "\(address)")
                    #expect(
                        !page.text.contains("<script>x") && !page.text.contains("\"onmouseover")
                    )
                    #expect(page.text.contains("&lt;script&gt;x"), "\(address)")
                }
            }
        }
    }

    @Test(arguments: ["?after=x", "?after=1000003-A", "?q=a&q=b"])
    func `a query that means nothing is refused with a page`(query: String) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                #expect(try await person.get("/patients\(query)").status == .badRequest)
            }
        }
    }
}

extension Browser {
    /// A form of a dictionary, for tables of forms.
    func post(
        _ address: String,
        _ fields: [String: String],
        token: String,
        cookie: String
    ) async throws -> TestResponse {
        let body = fields.merging(["token": token]) { one, _ in one }
            .map { "\(Address.encode($0.key))=\(Address.encode($0.value))" }.joined(separator: "&")
        return try await client.executeRequest(
            uri: address,
            method: .post,
            headers: [
                .cookie: cookie, .origin: PeopleRig.origin,
                .contentType: "application/x-www-form-urlencoded",
            ],
            body: ByteBuffer(string: body)
        )
    }
}
