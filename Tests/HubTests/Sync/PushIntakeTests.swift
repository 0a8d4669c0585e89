import Foundation
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct PushIntakeTests {
    /// Opens the first session and answers a log that may push.
    private func open(_ rig: IntakeRig, _ agent: EnrolledAgent) async throws -> AgentLogModel {
        var log = AgentLogModel()
        log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
        return log
    }

    @Test func `a push is stored, shown and acknowledged`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(document: "<a/>")
            try log.append(reading: SampleFact.reading("<a/>"))
            let reply = try await rig.intake.take(log.push(), from: agent)
            #expect(reply.appliedThrough == 2)
            #expect(reply.verdicts.map(\.outcome) == [.applied, .applied])
            #expect(reply.nextNonce != log.nonce)
            #expect(try await rig.count("operation") == 2)
            #expect(try await rig.count("reading_document") == 1)
            let row = try #require(
                try await rig.database.query(
                    """
                    SELECT content, body -> 'values' -> 0 ->> 'value' AS sphere, position
                    FROM document, reading, reading_revision
                    """
                ).first
            )
            #expect(try row.decode("content", as: [UInt8].self) == Array("<a/>".utf8))
            #expect(try row.decode("sphere", as: String.self) == "-2.25")
            #expect(try row.decode("position", as: Int.self) == 1)
        }
    }

    @Test func `a push that was committed and comes again changes nothing`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(document: "<a/>")
            log.append(kind: "unheardOf", payload: Array("{}".utf8))
            _ = try await rig.intake.take(log.push(), from: agent)
            // The reply was lost: the Agent asks, and sends again what it does not know about.
            log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
            let again = try await rig.intake.take(log.push(), from: agent)
            #expect(again.verdicts.map(\.outcome) == [.duplicate, .quarantined])
            #expect(again.verdicts[1].code == "kindUnknown")
            #expect(try await rig.count("operation") == 2)
            #expect(try await rig.count("document") == 1)
        }
    }

    @Test func `a replayed push is refused by its nonce`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(document: "<a/>")
            _ = try await rig.intake.take(log.push(), from: agent)
            await #expect(throws: SyncError.cloneSuspect) {
                try await rig.intake.take(log.push(), from: agent)
            }
        }
    }

    @Test func `a wrong chain stores nothing`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(document: "<a/>")
            try log.append(document: "<b/>")
            var push = log.push()
            push.operations[1].payload = Array("{}".utf8)
            await #expect(throws: SyncError.self) {
                try await rig.intake.take(push, from: agent)
            }
            #expect(try await rig.count("operation") == 0)
            #expect(try await rig.count("document") == 0)
        }
    }

    @Test func `what cannot be used is kept and stops nothing behind it`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            log.append(kind: DocumentFact.kind, payload: Array(#"{"broken":true}"#.utf8))
            var liar = SampleFact.document("<a/>")
            liar.content = Data("<other/>".utf8).base64EncodedString()
            log.append(kind: DocumentFact.kind, payload: try JSON.encode(liar))
            log.append(kind: ReadingFact.kind, version: 9, payload: Array("{}".utf8))
            try log.append(reading: SampleFact.reading("<n/>", id: 2, family: "A\u{0}B"))
            try log.append(document: "<good/>")
            let reply = try await rig.intake.take(log.push(), from: agent)
            #expect(reply.appliedThrough == 5)
            #expect(
                reply.verdicts.map(\.code)
                    == ["payloadMalformed", "contentDiffers", "versionUnknown", "unstorable", nil]
            )
            #expect(try await rig.count("operation WHERE verdict = 'quarantined'") == 4)
            let store = OperationStore(
                database: rig.database,
                ring: try SealingRing.sample(),
                clock: rig.clock.wall
            )
            let shown = try await store.newest(of: agent.site, DocumentFilter(), limit: 10)
            #expect(
                shown.map(\.code)
                    == ["unstorable", "versionUnknown", "contentDiffers", "payloadMalformed"]
            )
            #expect(shown.allSatisfy { $0.workstation == "Room 1" })
            #expect(try await rig.count("document") == 1)
            #expect(try await rig.count("reading") == 0)
        }
    }

    @Test func `what came before, or twice, or cannot be read is told apart in one push`()
        async throws
    {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(document: "<a/>")
            log.nonce = try await rig.intake.take(log.push(), from: agent).nextNonce
            let first = log.operations[0]
            log.append(kind: first.kind, payload: first.payload, id: first.id)
            log.append(kind: DocumentFact.kind, payload: Array(#"{"broken":true}"#.utf8))
            try log.append(document: "<b/>")
            let second = log.operations[3]
            log.append(kind: second.kind, payload: second.payload, id: second.id)
            let reply = try await rig.intake.take(log.push(2...5), from: agent)
            #expect(
                reply.verdicts.map(\.outcome) == [.duplicate, .quarantined, .applied, .duplicate]
            )
            let rows = try await rig.database.query(
                "SELECT verdict FROM operation ORDER BY sequence"
            )
            #expect(
                try rows.map { try $0.decode("verdict") }
                    == ["applied", "duplicate", "quarantined", "applied", "duplicate"]
            )
            #expect(try await rig.count("document") == 2)
        }
    }

    @Test func `SQL and HTML in every field are stored as they came`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            let hostile = #"'); DROP TABLE reading; --<script>alert("x")</script>\{},"NULL"#
            var document = SampleFact.document("<a/>")
            document.name = hostile
            document.source = hostile
            log.append(kind: DocumentFact.kind, payload: try JSON.encode(document))
            var fact = SampleFact.reading("<a/>", family: hostile)
            fact.workstation = hostile
            fact.reading.label = hostile
            fact.reading.device.model = hostile
            try log.append(reading: fact)
            let reply = try await rig.intake.take(log.push(), from: agent)
            #expect(reply.verdicts.allSatisfy { $0.outcome == .applied })
            let row = try #require(
                try await rig.database.query(
                    """
                    SELECT document.name, reading.label, workstation, device_model,
                        body -> 'patient' ->> 'familyName' AS family
                    FROM reading, reading_revision, document
                    """
                ).first
            )
            for column in ["name", "label", "workstation", "device_model", "family"] {
                #expect(try row.decode(column, as: String.self) == hostile)
            }
        }
    }

    @Test(arguments: [
        ("\u{0}", false), ("A\u{0}B", false), ("\\\u{0}", false), ("\\\\\u{0}u0000", false),
        ("\\u0000", true), ("A\\\\u0000B", true), ("\\\\\\u0000", true), ("u0000", true),
    ])
    func `a character that no text can hold is told from what looks like its escape`(
        family: String,
        isText: Bool
    ) async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(reading: SampleFact.reading("<a/>", family: family))
            let reply = try await rig.intake.take(log.push(), from: agent)
            #expect(reply.verdicts.map(\.outcome) == [isText ? .applied : .quarantined])
            let rows = try await rig.database.query(
                "SELECT body -> 'patient' ->> 'familyName' AS family FROM reading_revision"
            )
            #expect(try rows.map { try $0.decode("family") } == (isText ? [family] : []))
        }
    }

    @Test func `the readings of a push stand in its order, and say whether one is to be looked at`()
        async throws
    {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            for number in 1...3 {
                var fact = SampleFact.reading("<\(number)/>", id: number)
                fact.reading.problems = []
                if number == 2 {
                    fact.reading.problems = [
                        ReadingProblem(.planeUnknown, detail: "which plane?")
                    ]
                }
                try log.append(reading: fact)
            }
            log.nonce = try await rig.intake.take(log.push(), from: agent).nextNonce
            func shown() async throws -> [String] {
                try await rig.database.query(
                    """
                    SELECT position || ' ' || id || ' ' || flagged AS row FROM reading
                    ORDER BY position
                    """
                ).map { try $0.decode("row") }
            }
            let ids = (1...3).map { SampleFact.reading("", id: $0).id }
            #expect(
                try await shown()
                    == ["1 \(ids[0]) false", "2 \(ids[1]) true", "3 \(ids[2]) false"]
            )
            // Exported again, without what was to be looked at.
            var better = SampleFact.reading("<2/>", id: 2, revision: 2)
            better.reading.problems = []
            try log.append(reading: better)
            _ = try await rig.intake.take(log.push(4...4), from: agent)
            #expect(
                try await shown()
                    == ["1 \(ids[0]) false", "3 \(ids[2]) false", "4 \(ids[1]) false"]
            )
        }
    }

    @Test func `the second eye's file completes the reading and moves it up`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(reading: SampleFact.reading("<a/>", id: 1))
            try log.append(reading: SampleFact.reading("<b/>", id: 2))
            try log.append(reading: SampleFact.reading("<a2/>", id: 1, revision: 2))
            _ = try await rig.intake.take(log.push(), from: agent)
            #expect(try await rig.count("reading") == 2)
            #expect(try await rig.count("reading_revision") == 3)
            #expect(try await rig.count("reading WHERE revision = 2") == 1)
            // An older revision that comes late does not hide the newer one.
            log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
            var late = SampleFact.reading("<a/>", id: 1, revision: 1)
            late.reading.label = "older"
            try log.append(reading: late)
            _ = try await rig.intake.take(log.push(4...4), from: agent)
            #expect(try await rig.count("reading WHERE label = 'older'") == 0)
        }
    }

    @Test func `bytes that have not been uploaded are asked for, then taken`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            let content = [UInt8](repeating: 0x41, count: 200_000)
            var fact = SampleFact.document(String(decoding: content, as: UTF8.self))
            fact.content = nil
            log.append(kind: DocumentFact.kind, payload: try JSON.encode(fact))
            await #expect(throws: SyncError.contentMissing([fact.sha256])) {
                try await rig.intake.take(log.push(), from: agent)
            }
            #expect(try await rig.count("operation") == 0)
            try await rig.uploads.store(
                content,
                digest: fact.sha256,
                agent: agent
            )
            let reply = try await rig.intake.take(log.push(), from: agent)
            #expect(reply.verdicts.map(\.outcome) == [.applied])
            #expect(try await rig.count("document WHERE length(content) = 200000") == 1)
            #expect(try await rig.count("upload") == 0)
        }
    }

    @Test func `a document that is read at last loses its failure, and never the reverse`()
        async throws
    {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            let failure = DocumentFailure(.unsupported, "No decoder knows this root.")
            try log.append(document: "<a/>", failure: failure)
            _ = try await rig.intake.take(log.push(), from: agent)
            #expect(try await rig.count("document WHERE failure_code = 'unsupported'") == 1)
            log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
            try log.append(document: "<a/>")
            try log.append(document: "<a/>", failure: failure)
            _ = try await rig.intake.take(log.push(2...3), from: agent)
            #expect(try await rig.count("document WHERE failure_code IS NULL") == 1)
        }
    }

    @Test func `a revoked agent is refused between the door and the row`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(document: "<a/>")
            #expect(try await AgentRegister(database: rig.database).revoke(agent.id))
            await #expect(throws: SyncError.revoked) {
                try await rig.intake.take(log.push(), from: agent)
            }
        }
    }

    @Test func `what an agent says of itself is noted`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            _ = try await open(rig, agent)
            let row = try #require(
                try await rig.database.query(
                    "SELECT software, pending, clock_offset_ms, last_seen_at FROM agent"
                ).first
            )
            #expect(try row.decode("software", as: String.self) == "1.2.3")
            #expect(try row.decode("pending", as: Int.self) == 7)
            #expect(try row.decode("clock_offset_ms", as: Int.self) == -15)
            #expect(try row.decode("last_seen_at", as: Instant.self) == rig.clock.wall.now())
        }
    }

    @Test func `each reading is announced with its position at commit`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            try log.append(reading: SampleFact.reading("<a/>"))
            let push = log.push()
            var notifications = rig.database.notifications(on: ["reading"]).makeAsyncIterator()
            #expect(try await notifications.next() == .reconnected)
            _ = try await rig.intake.take(push, from: agent)
            let payload = try #require(try await notifications.next()?.payload)
            let id = SampleFact.reading("<a/>").id
            #expect(payload == "\(agent.site)/\(id)/1")
        }
    }

    @Test func `two pushes of one agent at once do not interleave`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = try await open(rig, agent)
            for number in 1...20 { try log.append(document: "<n\(number)/>") }
            let push = log.push()
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        (try? await rig.intake.take(push, from: agent)) != nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(outcomes == 1)
            #expect(try await rig.count("operation") == 20)
        }
    }
}
