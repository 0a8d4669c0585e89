import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Testing

@testable import Hub

struct APITests {
    /// What the tests look at of an answer.
    private struct Changes: Decodable {
        struct Reading: Decodable {
            struct Match: Decodable {
                let state: String
                let patient: String?
                let patientNumber: String?
            }
            let id: String
            let revision: Int
            let isRejected: Bool
            let match: Match?
        }
        let readings: [Reading]
        let next: String?
        let hasMore: Bool
    }

    private func changes(_ program: TestProgram, _ query: String = "") async throws -> Changes {
        let answer = try await program.get("/api/v1/readings\(query)")
        #expect(answer.status == .ok)
        return try JSON.decode(Changes.self, from: Array(answer.text.utf8))
    }

    @Test func `a program pages through what changed, and then gets what is new`() async throws {
        try await PeopleRig.with { rig in
            let store = SampleStore(database: rig.database, site: try await rig.site())
            var added: [String] = []
            for number in 1...5 {
                added.append(
                    "\(try await store.add(SampleReading.refraction(), number: number))"
                )
            }
            let expected = added
            try await rig.test { browser in
                let program = try await rig.program(browser)
                var (seen, after, pages) = ([String](), "", 0)
                while true {
                    let page = try await changes(program, "?limit=2\(after)")
                    seen += page.readings.map(\.id)
                    after = "&after=\(try #require(page.next))"
                    pages += 1
                    guard page.hasMore else { break }
                }
                #expect(seen == expected)
                #expect(pages == 3)
                let none = try await changes(program, "?limit=2\(after)")
                #expect(none.readings.isEmpty && !none.hasMore)
                #expect("&after=\(none.next ?? "")" == after)
                try await store.add(SampleReading.refraction(), number: 2, revision: 2)
                let again = try await changes(program, "?limit=2\(after)")
                #expect(again.readings.map(\.id) == [expected[1]])
                #expect(again.readings.map(\.revision) == [2])
            }
        }
    }

    @Test func `a Hub that was restored tells a program to begin anew`() async throws {
        try await PeopleRig.with { rig in
            let store = SampleStore(database: rig.database, site: try await rig.site())
            try await store.add(SampleReading.refraction(), number: 1)
            try await rig.test { browser in
                let program = try await rig.program(browser)
                let next = try #require(try await changes(program).next)
                try await rig.database.execute("UPDATE hub SET instance = gen_random_uuid()")
                let answer = try await program.get("/api/v1/readings?after=\(next)")
                #expect(answer.status == .conflict)
                #expect(answer.errorCode == "historyChanged")
                let fresh = try #require(try await changes(program).next)
                try await rig.database.execute("UPDATE site SET reading_position = 0")
                let ahead = try await program.get("/api/v1/readings?after=\(fresh)")
                #expect(ahead.errorCode == "historyChanged")
            }
        }
    }

    @Test func `what devices wrote of a patient stays here, and numbers need their permission`()
        async throws
    {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            let store = SampleStore(database: rig.database, site: site)
            let reading = try await store.add(SampleReading.refraction(), number: 1)
            let patient = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: nil
            )
            let author = try await rig.account()
            try await MatchStore(database: rig.database, clock: rig.clock.wall).decide(
                .assign(patient.id),
                reading: reading,
                site: site,
                version: 0,
                by: author
            )
            try await rig.test { browser in
                let both = try await rig.program(browser)
                let text = try await both.get("/api/v1/readings").text
                #expect(text.contains("\"value\":\"-2.25\""))
                for word in ["Testcase", "Amina", "one.xml"] { #expect(!text.contains(word)) }
                let match = try #require(try await changes(both).readings.first?.match)
                #expect(match.state == "matched")
                #expect(match.patient == "\(patient.id)")
                #expect(match.patientNumber == "\(patient.number)")
                let blind = try await rig.program(browser, [.readReadings], name: "Blind")
                let less = try #require(try await changes(blind).readings.first?.match)
                #expect(less.patient == "\(patient.id)" && less.patientNumber == nil)
                let record = try await both.get("/api/v1/patients/\(patient.id)")
                #expect(record.text.contains("\"familyName\":\"Testcase\""))
                #expect(record.text.contains("\"birthDate\":\"1985-03-14\""))
                let found = try await both.get("/api/v1/patients?number=\(patient.number)")
                #expect(found.text.contains("\"id\":\"\(patient.id)\""))
                let timeline = try await both.get("/api/v1/patients/\(patient.id)/readings")
                #expect(timeline.text.contains("\"id\":\"\(reading)\""))
                #expect(try await both.get("/api/v1/readings/\(reading)").status == .ok)
            }
        }
    }

    @Test(arguments: [
        "/api/v1/readings?limit=0", "/api/v1/readings?limit=501", "/api/v1/readings?limit=x",
        "/api/v1/readings?after=1", "/api/v1/readings?after=x.1", "/api/v1/readings?site=x&a=%00",
        "/api/v1/patients", "/api/v1/patients?number=1", "/api/v1/patients?number=%27%20OR%201=1",
    ])
    func `a question that makes no sense is refused in JSON`(address: String) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let program = try await rig.program(browser)
                let answer = try await program.get(address)
                #expect(answer.status.kind == .clientError)
                #expect(answer.errorCode != nil)
            }
        }
    }

    @Test func `of several sites one has to be named`() async throws {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            _ = try await rig.secondSite()
            try await rig.test { browser in
                let program = try await rig.program(browser)
                #expect(try await program.get("/api/v1/readings").errorCode == "siteNeeded")
                #expect(try await program.get("/api/v1/readings?site=\(site)").status == .ok)
                #expect(try await program.get("/api/v1/nothing").errorCode == "notFound")
            }
        }
    }
}
