import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct ReadingsPageTests {
    @Test
    func `a site without an agent is told how to install one, with one it is told to measure`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let first = try await person.get("/readings").text
                #expect(first.contains("No device has been seen at this site"))
                #expect(first.contains("clinic-hub agent invite"))
                let store = SampleStore(database: rig.database, site: try await rig.site())
                _ = try await store.agent()
                let second = try await person.get("/readings").text
                #expect(second.contains("No reading has arrived yet"))
            }
        }
    }

    @Test func `a reading's line has its time, place, kind, both eyes and the patient's name`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                let id = try await store.add(SampleReading.refraction(), number: 1)
                let page = try await person.get("/readings").text
                // 09:14 UTC is 10:14 in Brussels in November.
                for text in [
                    "<b>10:14</b>", "20 Nov", "Room 2", "CV-5000", "Subjective refraction",
                    "Prescription", "−2.25", "−0.75", "× 172°", "−1.75", "sph", "Testcase, Amina",
                    "not weighed yet", "/readings/\(id)",
                ] {
                    #expect(page.contains(text), "\(text)")
                }
            }
        }
    }

    @Test func `pages follow one another without a gap or a repetition`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                var expected: [String] = []
                for number in 0..<(2 * WebLimits.pageRows + 3) {
                    let id = try await store.add(SampleReading.refraction(), number: number)
                    expected.insert(ReadingRow.anchor(id), at: 0)
                }
                var seen: [String] = []
                var address: String? = "/readings"
                while let next = address {
                    let page = try await person.get(next).text
                    seen += page.matches(of: /<tr id="(r-[^"]+)"/).map { String($0.output.1) }
                    address =
                        page.firstMatch(of: /id="older" class="button" href="([^"]+)">/)
                        .map { String($0.output.1) }
                }
                #expect(seen == expected)
            }
        }
    }

    @Test func `filters choose, and their links reproduce the choice`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                try await store.add(SampleReading.refraction(label: "Clean"), number: 1)
                try await store.add(
                    SampleReading.refraction(
                        problems: [ReadingProblem(.planeUnknown)],
                        label: "Flagged"
                    ),
                    number: 2
                )
                try await store.add(
                    SampleReading.refraction(
                        kind: .keratometry,
                        problems: [ReadingProblem(.axisMissing)],
                        label: "Rejected"
                    ),
                    number: 3
                )
                func labels(_ query: String) async throws -> Set<String> {
                    let page = try await person.get("/readings\(query)").text
                    return Set(["Clean", "Flagged", "Rejected"].filter(page.contains))
                }
                #expect(try await labels("") == ["Clean", "Flagged", "Rejected"])
                #expect(try await labels("?status=flagged") == ["Flagged", "Rejected"])
                #expect(try await labels("?status=rejected") == ["Rejected"])
                #expect(try await labels("?status=clean") == ["Clean"])
                #expect(try await labels("?kind=keratometry") == ["Rejected"])
                #expect(try await labels("?kind=keratometry&status=clean") == [])
            }
        }
    }

    @Test(arguments: [
        "?kind=unheard", "?status=x", "?before=x", "?before=-1", "?kind=a&kind=b",
        "?before=99999999999999999999",
    ])
    func `a query that means nothing is refused with a page`(query: String) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                #expect(try await person.get("/readings\(query)").status == .badRequest)
            }
        }
    }

    @Test func `HTML and SQL in every field of a reading are shown as text`() async throws {
        let nasty = "<script>x</script>\"onmouseover='y'`'; DROP TABLE reading; --"
        let bidi = "\u{202E}dlrow"
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                var reading = SampleReading.refraction(
                    [
                        SampleReading.value(.right, .visualAcuity, nil, .one) {
                            $0.text = nasty
                            $0.raw = nasty
                            $0.path = nasty
                        }
                    ],
                    kind: ReadingKind(rawValue: nasty),
                    problems: [ReadingProblem(.shotFailed, detail: nasty)],
                    patient: DevicePatient(
                        number: nasty,
                        familyName: nasty,
                        givenName: bidi,
                        sex: nasty
                    ),
                    label: nasty
                )
                reading.device = DeviceIdentity(
                    manufacturer: nasty,
                    model: nasty,
                    serial: nasty,
                    software: nasty
                )
                let id = try await store.add(reading, number: 1, workstation: nasty)
                for address in ["/readings", "/readings/\(id)"] {
                    let page = try await person.get(address).text
                    #expect(!page.contains("<script>x"))
                    #expect(!page.contains("\"onmouseover"))
                    #expect(page.contains("&lt;script&gt;x&lt;/script&gt;&quot;onmouseover"))
                }
                let list = try await person.get("/readings").text
                #expect(list.firstMatch(of: /<bdi>[^<]*\u{202E}dlrow<\/bdi>/) != nil)
                let rows = try await rig.database.query("SELECT count(*) AS n FROM reading")
                #expect(try rows.first?.decode("n", as: Int.self) == 1)
            }
        }
    }

    @Test func `a site that is not the person's is not there`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let foreign = SampleReading.identifier(9)
                try await rig.database.execute(
                    "INSERT INTO site (id, name) VALUES (\(foreign), 'Foreign')"
                )
                let store = SampleStore(database: rig.database, site: foreign)
                let id = try await store.add(SampleReading.refraction(), number: 1)
                let digest = try await store.add(document: [1, 2, 3], name: "a.xml")
                let addresses = [
                    "/readings", "/readings/\(id)", "/documents/\(digest)/raw", "/quarantine",
                    "/agents", "/live/readings",
                ]
                // While the account is for every site, it may.
                #expect(try await person.get("/readings/\(id)?site=\(foreign)").status == .ok)
                try await rig.database.execute(
                    "UPDATE account SET every_site = false"
                )
                #expect(try await person.get("/readings").status == .forbidden)
                let own = try await rig.site()
                try await rig.database.execute(
                    "INSERT INTO account_site SELECT id, \(own) FROM account"
                )
                for address in addresses {
                    let answer = try await person.get("\(address)?site=\(foreign)&after=0")
                    #expect(answer.status == .notFound, "\(address)")
                }
                #expect(try await person.get("/readings/\(id)").status == .notFound)
            }
        }
    }
}
