import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct MatchPagesTests {
    private static let dated = DevicePatient(
        familyName: "TESTCASE",
        givenName: "AMINA",
        birthDate: CalendarDate("1985-03-14")
    )

    /// The patient of every test, and a reading that proposes her.
    private static func proposed(_ rig: PeopleRig) async throws -> (Patient, Identifier) {
        let patient = try await rig.patients.register(
            try SamplePatient.draft(),
            site: try await rig.site(),
            by: nil
        )
        let id = try await rig.add(1, dated)
        try await rig.weigh()
        return (patient, id)
    }

    @Test func `a proposal is confirmed from the list, and undone`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let (patient, id) = try await Self.proposed(rig)
                let list = try await person.get("/readings?patient=open").text
                #expect(list.contains("? proposed: name"))
                #expect(list.contains(">Confirm</button>") && list.contains("Other…"))
                #expect(list.contains("name=\"next\" value=\"/readings?patient=open\""))
                let answer = try await person.post(
                    "/readings/\(id)/match",
                    [
                        "token": person.formToken, "version": "1", "patient": "\(patient.id)",
                        "next": "/readings?patient=open",
                    ]
                )
                #expect(answer.headers[.location] == "/readings?patient=open")
                let matched = try await person.get("/readings").text
                #expect(matched.contains("by Dr. Test") && matched.contains(">Undo</button>"))
                #expect(!(try await person.get("/readings?patient=open").text.contains("r-\(id)")))
                #expect(try await person.get("/patients/\(patient.id)").text.contains("r-\(id)"))
                _ = try await person.post(
                    "/readings/\(id)/match",
                    ["token": person.formToken, "version": "2", "undo": "1"]
                )
                let undone = try await person.get("/readings").text
                #expect(undone.contains("undone by Dr. Test") && undone.contains("Assign…"))
            }
        }
    }

    @Test func `the record's name stands in the list, and the device's where it differs`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let (patient, id) = try await Self.proposed(rig)
                for (number, file) in [
                    (2, DevicePatient(familyName: "Husband", givenName: "Amina")), (1, Self.dated),
                ] {
                    let reading = number == 1 ? id : try await rig.add(number, file)
                    try await rig.weigh()
                    _ = try await person.post(
                        "/readings/\(reading)/match",
                        ["token": person.formToken, "version": "1", "patient": "\(patient.id)"]
                    )
                }
                let list = try await person.get("/readings").text
                #expect(list.contains("Testcase, Amina"))
                #expect(list.contains("device says <q><bdi>Husband, Amina</bdi></q>"))
                #expect(!list.contains("TESTCASE"))
            }
        }
    }

    @Test func `a contradiction is shown loudly with both, and waits for a person`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let (_, _) = try await Self.proposed(rig)
                _ = try await rig.patients.register(
                    try SamplePatient.draft("Beispiel", "Bruno", born: "1990-12-01"),
                    site: try await rig.site(),
                    by: nil
                )
                let id = try await rig.add(
                    2,
                    DevicePatient(
                        number: "1000002",
                        familyName: "Beispiel",
                        givenName: "Bruno",
                        birthDate: CalendarDate("1990-12-01")
                    )
                )
                try await rig.weigh()
                let list = try await person.get("/readings?patient=contradiction").text
                for text in ["contradiction", "Testcase, Amina", "Beispiel, Bruno", "Decide…"] {
                    #expect(list.contains(text), "\(text)")
                }
                #expect(!list.contains(">Confirm</button>"))
                let page = try await person.get("/readings/\(id)/match").text
                #expect(page.contains("The signals contradict each other."))
                #expect(page.contains("Assign all the same"))
            }
        }
    }

    @Test func `a decision on an out-of-date page is refused and shows what holds`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let (patient, id) = try await Self.proposed(rig)
                let author = try await rig.account()
                try await rig.matches.decide(
                    .undo,
                    reading: id,
                    site: try await rig.site(),
                    version: 1,
                    by: author
                )
                let answer = try await person.post(
                    "/readings/\(id)/match",
                    ["token": person.formToken, "version": "1", "patient": "\(patient.id)"]
                )
                #expect(answer.status == .conflict)
                #expect(answer.text.contains("Somebody decided this while you were looking"))
                #expect(
                    answer.text.contains("undone by Dr. author") || answer.text.contains("undone")
                )
                #expect(try await rig.match(id)?.state == .nobody)
            }
        }
    }

    @Test func `a form that means nothing, or names what is not there, changes nothing`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let (patient, id) = try await Self.proposed(rig)
                let stranger = SampleReading.identifier(77)
                for (address, fields, status) in [
                    ("/readings/\(id)/match", ["version": "1"], HTTPResponse.Status.badRequest),
                    ("/readings/\(id)/match", ["patient": "\(patient.id)"], .badRequest),
                    ("/readings/\(id)/match", ["version": "1", "patient": "x"], .badRequest),
                    ("/readings/\(id)/match", ["version": "-1", "undo": "1"], .badRequest),
                    (
                        "/readings/\(id)/match", ["version": "1", "patient": "\(stranger)"],
                        .notFound
                    ),
                    ("/readings/\(stranger)/match", ["version": "1", "undo": "1"], .notFound),
                    ("/readings/x/match", ["version": "1", "undo": "1"], .notFound),
                ] {
                    let answer = try await browser.post(
                        address,
                        fields,
                        token: person.formToken,
                        cookie: person.cookie
                    )
                    #expect(answer.status == status, "\(address) \(fields)")
                }
                #expect(try await rig.match(id)?.version == 1)
                let leads = try await person.post(
                    "/readings/\(id)/match",
                    [
                        "token": person.formToken, "version": "1", "patient": "\(patient.id)",
                        "next": "//evil.example",
                    ]
                )
                #expect(leads.headers[.location] == "/")
            }
        }
    }

    @Test func `a patient registered for a reading gets it in the same step`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let id = try await rig.add(1, Self.dated)
                try await rig.weigh()
                let form = try await person.get("/patients/new?reading=\(id)").text
                #expect(form.contains("value=\"TESTCASE\"") && form.contains("value=\"14/3/1985\""))
                let answer = try await person.post(
                    "/patients",
                    [
                        "token": person.formToken, "reading": "\(id)", "matchVersion": "1",
                        "family": "Testcase", "given": "Amina", "born": "14/3/1985",
                    ]
                )
                #expect(answer.headers[.location] == "/readings/\(id)")
                let match = try #require(try await rig.match(id))
                #expect(match.patient?.number == "1000002" && match.isByPerson)
                // The registration has the reading looked at again; the person's word stands.
                try await rig.weigh()
                #expect(try await rig.match(id)?.version == 2)
            }
        }
    }
}
