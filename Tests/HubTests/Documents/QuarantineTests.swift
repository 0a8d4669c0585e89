import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Sync
import TestKit
import Testing

@testable import Hub

@Suite struct QuarantineTests {
    private func with(
        _ body: @Sendable @escaping (PeopleRig, SignedIn, SampleStore) async throws -> Void
    ) async throws {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let person = try await rig.signIn(browser)
                let store = SampleStore(database: rig.database, site: try await rig.site())
                try await body(rig, person, store)
            }
        }
    }

    private func token(_ person: SignedIn, _ reason: String = "a picture") -> [(String, String)] {
        [("token", person.formToken), ("reason-text", reason)]
    }

    @Test func `a document's page says why and where, and shows its bytes harmlessly`()
        async throws
    {
        try await with { _, person, store in
            let digest = try await store.add(
                document: Array("<script>alert(1)</script>\u{202E}".utf8) + [0, 27],
                name: "folder/a<b>.xml",
                failure: DocumentFailure(.malformed, "A key stands twice.", at: "line 7")
            )
            let page = try await person.get("/documents/\(digest)").text
            for text in [
                "Damaged", "A key stands twice, line 7", "&lt;script&gt;alert(1)&lt;/script&gt;",
                "a&lt;b&gt;.xml", "/documents/\(digest)/raw", "/documents/\(digest)/decode",
                digest.hexadecimal, "Room 2",
            ] {
                #expect(page.contains(text), "\(text)")
            }
            #expect(!page.contains("<script>alert"))
            let hex = try await person.get("/documents/\(digest)?view=hex").text
            #expect(hex.contains("3c 73 63 72 69 70 74 3e  61 6c 65 72 74 28 31 29"))
            for query in ["view=x", "page=2", "page=0", "page=x", "view=hex&page=2"] {
                let answer = try await person.get("/documents/\(digest)?\(query)")
                #expect(answer.status == .badRequest, "\(query)")
            }
        }
    }

    @Test func `the list is filtered by device and reason, and its address says so`() async throws {
        try await with { _, person, store in
            let device = try await SampleDevice(store: store).tell([SampleDevice.fact()])
            let other = try await SampleDevice(store: store).tell([
                SampleDevice.fact(key: "source:other", source: "other")
            ])
            for (name, code) in [
                ("cut.xml", DocumentFailure.Code.truncated), ("bad.xml", .malformed),
            ] {
                _ = try await store.add(
                    document: Array(name.utf8),
                    name: name,
                    failure: DocumentFailure(code, "")
                )
            }
            func names(_ query: String) async throws -> [String] {
                try await person.get("/quarantine?\(query)").text
                    .matches(of: /<bdi>(\w+\.xml)<\/bdi>/).map { String($0.output.1) }.sorted()
            }
            #expect(try await names("") == ["bad.xml", "cut.xml"])
            #expect(try await names("device=\(device)") == ["bad.xml", "cut.xml"])
            #expect(try await names("device=\(other)") == [])
            #expect(try await names("reason=truncated") == ["cut.xml"])
            #expect(try await names("device=\(device)&reason=malformed") == ["bad.xml"])
            for query in ["reason=x", "status=x", "device=x"] {
                #expect(try await person.get("/quarantine?\(query)").status == .badRequest)
            }
        }
    }

    @Test func `a dismissal keeps who, when and why, and can be taken back`() async throws {
        try await with { rig, person, store in
            let digest = try await store.add(
                document: [1],
                name: "a.xml",
                failure: DocumentFailure(.unsupported, "")
            )
            let path = "/documents/\(digest)"
            let without = try await person.send("\(path)/dismiss", token(person, " "))
            #expect(without.status == .unprocessableContent)
            let long = String(repeating: "x", count: 501)
            #expect(
                try await person.send("\(path)/dismiss", token(person, long)).status
                    == .unprocessableContent
            )
            let answer = try await person.send("\(path)/dismiss", token(person, "a <picture>"))
            #expect(answer.status == .seeOther)
            #expect(try await !person.get("/quarantine").text.contains("a.xml"))
            #expect(try await person.get("/quarantine?status=dismissed").text.contains("a.xml"))
            let page = try await person.get(path).text
            #expect(page.contains("Dismissed: a &lt;picture&gt;"))
            #expect(page.contains("Dr. Test"))
            #expect(page.contains("20 Nov 2026, 10:14:37"))
            _ = try await person.send("\(path)/restore", token(person))
            #expect(try await person.get("/quarantine").text.contains("a.xml"))
            #expect(try await rig.count("document_decision") == 2)
            #expect(try await rig.count("document") == 1)
        }
    }

    @Test func `all of one reason are dismissed at once, but none that came later`() async throws {
        try await with { rig, person, store in
            for (name, second) in [("a.jpg", 1), ("b.jpg", 2), ("late.jpg", 9)] {
                _ = try await store.add(
                    document: Array(name.utf8),
                    name: name,
                    failure: DocumentFailure(.unsupported, ""),
                    receivedAt: "2026-11-20T09:14:0\(second).000Z"
                )
            }
            _ = try await store.add(
                document: [1],
                name: "cut.xml",
                failure: DocumentFailure(.truncated, "")
            )
            let list = try await person.get("/quarantine?reason=unsupported").text
            #expect(list.contains("Dismiss all 3"))
            #expect(list.contains("name=\"until\" value=\"2026-11-20T09:14:09.000Z\""))
            let form =
                token(person) + [
                    ("reason", "unsupported"), ("until", "2026-11-20T09:14:02.000Z"),
                ]
            #expect(try await person.send("/quarantine/dismiss", form).status == .seeOther)
            let left = try await person.get("/quarantine").text
            #expect(left.contains("late.jpg"))
            #expect(left.contains("cut.xml"))
            #expect(!left.contains("a.jpg"))
            #expect(try await rig.count("document_decision") == 2)
            let everything = token(person) + [("until", "2026-11-20T09:14:02.000Z")]
            #expect(
                try await person.send("/quarantine/dismiss", everything).status == .badRequest
            )
        }
    }

    @Test func `another site's document is not found, and stays as it is`() async throws {
        try await with { rig, person, store in
            let digest = try await store.add(
                document: [1],
                name: "a.xml",
                failure: DocumentFailure(.unsupported, "")
            )
            _ = try await SampleDevice(store: store).elsewhere()
            let rows = try await rig.database.query("SELECT id FROM site WHERE name = 'Elsewhere'")
            let other: Identifier = try #require(rows.first).decode("id")
            for end in ["", "/raw", "/decode"] {
                let answer = try await person.get("/documents/\(digest)\(end)?site=\(other)")
                #expect(answer.status == .notFound)
            }
            for end in ["dismiss", "restore"] {
                let answer = try await person.send(
                    "/documents/\(digest)/\(end)?site=\(other)",
                    token(person)
                )
                #expect(answer.status == .notFound)
            }
            #expect(try await rig.count("document_decision") == 0)
        }
    }

    @Test func `an operation that is understood since an update is shown after another try`()
        async throws
    {
        try await with { rig, person, store in
            let agent = try await store.agent()
            let good = try JSON.encode(SampleDevice.fact())
            for (sequence, payload) in [(1, good), (2, Array("{<x>".utf8))] {
                try await rig.database.execute(
                    """
                    INSERT INTO operation (agent_id, epoch, sequence, id, kind, version, created_at,
                        payload, chain, verdict, code)
                    VALUES (\(agent), 1, \(sequence), gen_random_uuid(), 'device', 1, now(),
                        \(payload), \(Chain.start), 'quarantined', 'kindUnknown')
                    """
                )
            }
            let path = "/operations/\(agent)/1"
            let page = try await person.get("\(path)/2").text
            #expect(page.contains("Newer than this Hub"))
            #expect(page.contains("{&lt;x&gt;"))
            let refused = try await person.send("\(path)/2/replay", token(person))
            #expect(refused.status == .conflict)
            #expect(refused.text.contains("This Hub cannot show it still"))
            let shown = try await person.send("\(path)/1/replay", token(person))
            #expect(shown.status == .seeOther)
            #expect(try await rig.count("device") == 1)
            #expect(try await person.get("\(path)/1").text.contains("Replayed"))
            // A second try changes nothing.
            _ = try await person.send("\(path)/1/replay", token(person))
            #expect(try await rig.count("operation_decision") == 1)
            _ = try await person.send("\(path)/2/dismiss", token(person))
            #expect(try await person.get("/quarantine").text.contains("Every file could be read"))
            _ = try await person.send("\(path)/2/restore", token(person))
            #expect(try await person.get("/quarantine").text.contains("\(path)/2"))
            #expect(try await person.get("\(path)/3").status == .notFound)
            #expect(try await person.get("/operations/x/1/2").status == .notFound)
            // What the agent was told stays.
            #expect(try await rig.count("operation WHERE verdict = 'quarantined'") == 2)
        }
    }

    @Test func `what an update has made known is shown by itself, in batches and in order`()
        async throws
    {
        try await with { rig, person, store in
            let agent = try await store.agent()
            for (sequence, payload, kind, version, code) in [
                (1, try JSON.encode(SampleDevice.fact()), "device", 1, "kindUnknown"),
                (2, Array("{".utf8), "device", 1, "versionUnknown"),
                (
                    3, try JSON.encode(SampleDevice.fact(key: "source:b")), "device", 1,
                    "kindUnknown"
                ),
                (4, Array("{}".utf8), "device", 9, "versionUnknown"),
                (5, Array("{}".utf8), "other", 1, "kindUnknown"),
                (6, Array("{}".utf8), "device", 1, "payloadMalformed"),
            ] as [(Int, [UInt8], String, Int, String)] {
                try await rig.database.execute(
                    """
                    INSERT INTO operation (agent_id, epoch, sequence, id, kind, version, created_at,
                        payload, chain, verdict, code)
                    VALUES (\(agent), 1, \(sequence), gen_random_uuid(), \(kind), \(version),
                        now(), \(payload), \(Chain.start), 'quarantined', \(code))
                    """
                )
            }
            let replay = QuarantineReplay(
                operations: OperationStore(
                    database: rig.database,
                    ring: try SealingRing.sample(),
                    clock: rig.clock.wall
                ),
                logger: TemporaryPostgres.logger,
                batch: 2
            )
            #expect(try await replay.replay() == 2)
            #expect(try await rig.count("device") == 2)
            #expect(try await rig.count("operation WHERE replayed_at IS NOT NULL") == 2)
            let page = try await person.get("/operations/\(agent)/1/1").text
            #expect(page.contains("the Hub, after an update"))
            // What is known and broken is not tried at every start, and says what it is now.
            #expect(
                try await person.get("/operations/\(agent)/1/2").text.contains("Not understood")
            )
            #expect(try await person.get("/operations/\(agent)/1/4").text.contains("Newer than"))
            #expect(try await replay.replay() == 0)
        }
    }
}
