import HTTPTypes
import HummingbirdTesting
import Shared
import Testing

@testable import Hub

struct ReadingPageTests {
    @Test func `the page shows values, problems in words, origin and documents`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                let bytes = Array("document".utf8)
                let digest = try await store.add(document: bytes, name: "one.xml")
                let id = try await store.add(
                    SampleReading.refraction(
                        problems: [ReadingProblem(.shotFailed, eye: .left, detail: "NO CENTER")],
                        document: bytes
                    ),
                    number: 1
                )
                let page = try await person.get("/readings/\(id)").text
                for text in [
                    "R · right eye", "L · left eye", "shot failed", "NO CENTER",
                    "The device says that a shot failed", "Testcase", "TOPCON CV-5000",
                    "20 Nov 2026, 10:14:37", "one.xml", "8 bytes", "joia, decoder 1",
                    digest.hexadecimal, "/documents/\(digest)/raw", "/R/Sph", "version 1",
                    "href=\"#v1\"", "id=\"v1\"",
                ] {
                    #expect(page.contains(text), "\(text)")
                }
                // The left eye has no axis: a dash, not nothing.
                #expect(page.contains("<span class=\"absent\">—</span>"))
            }
        }
    }

    @Test func `an older revision is shown as such, beside the way to the newest`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                let first = SampleReading.refraction([SampleReading.value(.right, .sphere, "1.00")])
                let second = SampleReading.refraction([
                    SampleReading.value(.right, .sphere, "1.00"),
                    SampleReading.value(.left, .sphere, "3.75"),
                ])
                let id = try await store.add(first, number: 1)
                try await store.add(second, number: 1, revision: 2)
                let newest = try await person.get("/readings/\(id)").text
                #expect(newest.contains("+3.75"))
                #expect(newest.contains("/readings/\(id)?revision=1"))
                #expect(!newest.contains("This is revision"))
                let older = try await person.get("/readings/\(id)?revision=1").text
                #expect(!older.contains("+3.75"))
                #expect(older.contains("This is revision 1 of 2"))
                #expect(try await person.get("/readings/\(id)?revision=3").status == .notFound)
                #expect(try await person.get("/readings/\(id)?revision=x").status == .badRequest)
            }
        }
    }

    @Test func `a copy of what the device was given is never shown as a measurement`() async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                let id = try await store.add(
                    SampleReading.refraction(label: "Objective Data", role: .echo),
                    number: 1
                )
                #expect(try await person.get("/readings").text.contains("class=\"echo\""))
                let page = try await person.get("/readings/\(id)").text
                #expect(page.contains("a copy, not a new measurement"))
            }
        }
    }

    @Test func `a reading that waits for a person says so`() async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                let id = try await store.add(
                    SampleReading.refraction(problems: [ReadingProblem(.axisMissing, eye: .left)]),
                    number: 1
                )
                let page = try await person.get("/readings/\(id)").text
                #expect(page.contains("Kept from use until a person decides"))
            }
        }
    }

    @Test(arguments: ["/readings/x", "/readings/0193a5c2-7b1e-7c44-9d2f-4a6b8c0d1e2f"])
    func `a reading that is not there is a page that says so`(address: String) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                #expect(try await person.get(address).status == .notFound)
            }
        }
    }
}
