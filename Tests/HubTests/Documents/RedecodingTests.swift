import DeviceFormats
import HTTPTypes
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct RedecodingTests {
    private static func exam(_ sphere: String, eye: String = "R") -> [UInt8] {
        Array(
            [
                "[PATIENT]", "Surname=PROBE", "Firstname=Lena", "CurrentDate=20 Nov 2026",
                "CurrentTime=10:05:51", "[SPHERE]", "R_5=\(sphere)", "[CYLINDER]", "R_5=-0.50",
                "[AXIS]", "R_5=0.15708",
            ].map { "\($0)\r\n" }.joined().utf8
        )
    }
    private static let folder = "PROBE#Lena/20 Nov 2026#10-05-51/WF"
    private static let failure = DocumentFailure(.unsupported, "No decoder knows this exam.")

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

    private func take(_ person: SignedIn, _ digest: Digest256) async throws -> HTTPResponse.Status {
        let page = try await person.get("/documents/\(digest)/decode").text
        let shown = page.firstMatch(of: /name="shown" value="([0-9a-f]{64})"/)
        return try await person.send(
            "/documents/\(digest)/decode",
            [("token", person.formToken), ("shown", String(shown?.output.1 ?? ""))]
        ).status
    }

    private func sphere(_ rig: PeopleRig, _ eye: String) async throws -> [String] {
        try await rig.database.query(
            """
            SELECT value ->> 'value' AS sphere
            FROM reading JOIN reading_revision AS shown
                    ON reading_id = reading.id AND shown.revision = reading.revision,
                json_array_elements(body -> 'values') AS value
            WHERE value ->> 'quantity' = 'sphere' AND value ->> 'eye' = \(eye)
            """
        ).map { try $0.decode("sphere") }
    }

    @Test func `what a document gives is shown before it is taken, and then stored whole`()
        async throws
    {
        try await with { rig, person, store in
            let digest = try await store.add(
                document: Self.exam("-1.93"),
                name: "\(Self.folder)/RightWF_Meas_1.txt",
                failure: Self.failure
            )
            let page = try await person.get("/documents/\(digest)/decode").text
            for text in ["−1.93", "PROBE, Lena", "visionix, decoder", "plane unknown", "new"] {
                #expect(page.contains(text), "\(text)")
            }
            #expect(try await rig.count("reading") == 0)
            #expect(try await take(person, digest) == .seeOther)
            #expect(try await sphere(rig, "right") == ["-1.93"])
            #expect(try await rig.count("document WHERE failure_code IS NULL") == 1)
            #expect(try await rig.count("reading_revision WHERE taken_by IS NOT NULL") == 1)
            // The identifier is the Agent's own: source, folder, exam, number, kind.
            let expected = Identifier(
                derivedFrom: ["phoropter", Self.folder, "WF", "1", "objectiveRefraction"]
                    .map { Array($0.utf8) }
            )
            #expect(try await rig.count("reading WHERE id = '\(expected)'") == 1)
            let document = try await person.get("/documents/\(digest)").text
            #expect(document.contains("Decoded again and taken: it was unsupported before"))
            #expect(document.contains("/readings/\(expected)"))
        }
    }

    @Test func `taking it twice stores it once`() async throws {
        try await with { rig, person, store in
            let digest = try await store.add(
                document: Self.exam("-1.93"),
                name: "\(Self.folder)/RightWF_Meas_1.txt",
                failure: Self.failure
            )
            _ = try await take(person, digest)
            let again = try await person.get("/documents/\(digest)/decode").text
            #expect(again.contains("It gives no new reading"))
            #expect(again.contains("1 of its readings are here already"))
            #expect(try await take(person, digest) == .seeOther)
            #expect(try await rig.count("reading_revision") == 1)
        }
    }

    @Test func `what was not shown is not taken`() async throws {
        try await with { rig, person, store in
            let digest = try await store.add(
                document: Self.exam("-1.93"),
                name: "\(Self.folder)/RightWF_Meas_1.txt",
                failure: Self.failure
            )
            let other = Digest256(of: [1])
            let answer = try await person.send(
                "/documents/\(digest)/decode",
                [("token", person.formToken), ("shown", other.hexadecimal)]
            )
            #expect(answer.status == .conflict)
            #expect(answer.text.contains("something else than what you were shown"))
            #expect(try await rig.count("reading") == 0)
        }
    }

    @Test func `a document that is still unreadable says why`() async throws {
        try await with { rig, person, store in
            let digest = try await store.add(
                document: Array("<Unknown/>".utf8),
                name: "a.xml",
                failure: Self.failure
            )
            let answer = try await person.get("/documents/\(digest)/decode")
            #expect(answer.status == .ok)
            #expect(answer.text.contains("This Hub cannot read it either"))
            #expect(!answer.text.contains("name=\"shown\""))
            let taken = try await person.send(
                "/documents/\(digest)/decode",
                [("token", person.formToken), ("shown", Digest256(of: [1]).hexadecimal)]
            )
            #expect(taken.status == .conflict)
            #expect(try await rig.count("reading") == 0)
        }
    }

    @Test func `an agent's next revision stands behind a taken one and loses no eye`() async throws
    {
        try await with { rig, person, store in
            let agent = EnrolledAgent(
                id: try await store.agent(),
                site: try await rig.site(),
                workstation: "Room 2",
                isRevoked: false
            )
            func push(_ facts: [ReadingFact]) async throws {
                try await rig.database.withTransaction { connection in
                    let projection = Projection(
                        connection: connection,
                        agent: agent,
                        epoch: 1,
                        ring: try SealingRing.sample(),
                        clock: rig.clock.wall
                    )
                    try await projection.store(facts.map { .reading($0, text: nil) })
                }
            }
            let first = try Self.fact(Self.exam("-1.25"), revision: 1)
            try await push([first])
            let digest = try await store.add(
                document: Self.exam("-1.93"),
                name: "\(Self.folder)/LeftWF_Meas_1.txt",
                failure: Self.failure
            )
            #expect(try await take(person, digest) == .seeOther)
            #expect(try await sphere(rig, "right") == ["-1.25"])
            #expect(try await sphere(rig, "left") == ["-1.93"])
            // The right eye is exported again; the Agent knows nothing of the left one.
            let second = try Self.fact(Self.exam("-1.50"), revision: 2)
            try await push([second])
            #expect(try await sphere(rig, "right") == ["-1.50"])
            #expect(try await sphere(rig, "left") == ["-1.93"])
            #expect(try await rig.count("reading_revision") == 3)
            // What comes again is older than what is shown.
            try await push([first, second])
            #expect(try await sphere(rig, "right") == ["-1.50"])
            #expect(try await rig.count("reading_revision") == 3)
        }
    }

    /// What the Agent tells of a right eye's file.
    private static func fact(_ bytes: [UInt8], revision: Int) throws -> ReadingFact {
        let decoded = try DeviceFormats.decode(
            DeviceDocument(
                bytes: bytes,
                name: "RightWF_Meas_1.txt",
                folders: folder.split(separator: "/").map(String.init)
            )
        )
        let item = try #require(decoded.readings.first)
        return ReadingFact(
            id: Identifier(
                derivedFrom: ["phoropter", folder, "WF", "1", "objectiveRefraction"]
                    .map { Array($0.utf8) }
            ),
            revision: revision,
            reading: item.reading,
            decoderVersion: decoded.decoderVersion,
            source: "phoropter",
            workstation: "Room 2",
            capturedAt: SampleReading.instant("2026-11-20T09:14:37.218Z")
        )
    }
}
