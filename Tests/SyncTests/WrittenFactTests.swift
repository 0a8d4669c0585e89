import Shared
import Sync
import Testing

/// The fast reader has to give what the general one gives, or leave the text to it.
@Suite struct WrittenFactTests {
    private let hostile =
        "a\"b\\c/d\u{8}\u{9}\u{A}\u{B}\u{C}\u{D}\u{0}\u{1F}\u{7F}é\u{301}𝄞\u{202E}<script>\u{2028}"

    private func reading(full: Bool) -> ReadingFact {
        var value = ReadingValue(
            eye: .right,
            quantity: .cylinder,
            value: ExactDecimal("-0.05"),
            unit: .dioptre
        )
        value.path = "/a[1]/b"
        let plain = value
        value.text = hostile
        value.statistic = .single
        value.shot = -3
        value.distance = .far
        value.distanceCm = ExactDecimal("40.000")
        value.zone = 7
        value.meridian = .flat
        value.lighting = .photopic
        value.corrected = false
        value.base = .up
        value.raw = hostile
        value.derived = true
        let reference = DocumentReference(
            sha256: Digest256(of: [1, 2]),
            format: full ? "joia" : nil,
            bytes: 12,
            name: hostile
        )
        var problem = ReadingProblem(.shotFailed, eye: .left, quantity: .axis, detail: hostile)
        problem.severity = .rejected
        return ReadingFact(
            id: Sample.identifier(1),
            revision: 2,
            reading: Reading(
                kind: .keratometry,
                label: hostile,
                role: full ? .echo : .measured,
                device: full
                    ? DeviceIdentity(manufacturer: "T", model: hostile, serial: "", software: "2")
                    : DeviceIdentity(),
                measuredAt: full ? LocalTime("2026-11-20T10:14:37") : nil,
                patient: full
                    ? DevicePatient(
                        number: "4711",
                        numberIsCounter: true,
                        familyName: hostile,
                        givenName: "",
                        birthDate: CalendarDate("1985-03-14"),
                        sex: "F"
                    ) : DevicePatient(),
                values: full ? [value, plain] : [],
                problems: full ? [problem, ReadingProblem(.valueOutOfRange)] : [],
                document: reference,
                otherDocuments: full ? [reference] : nil
            ),
            decoderVersion: 3,
            source: hostile,
            workstation: "Room 1",
            capturedAt: Sample.time
        )
    }

    private func document(full: Bool) -> DocumentFact {
        DocumentFact(
            sha256: Digest256(of: [3]),
            bytes: 5,
            name: hostile,
            format: full ? "joia" : nil,
            decoderVersion: full ? 1 : nil,
            source: "s",
            capturedAt: Sample.time,
            modifiedAt: full ? Sample.time : nil,
            failure: full ? DocumentFailure(.malformed, hostile, at: "line 3") : nil,
            content: full ? "AAEC/+==" : nil,
            isPartial: full
        )
    }

    @Test(arguments: [true, false])
    func `what is written is read the fast way`(full: Bool) {
        let reading = reading(full: full)
        #expect(ReadingFact(written: reading.payload) == reading)
        let document = document(full: full)
        #expect(DocumentFact(written: document.payload) == document)
    }

    @Test(arguments: [true, false])
    func `a reading's text is as it stands in the payload, or not known`(full: Bool) throws {
        let fact = reading(full: full)
        let read = try ReadingFact.read(fact.payload)
        #expect(read.fact == fact)
        #expect(try read.text == JSON.encode(fact.reading))
        let spaced = [UInt8(ascii: " ")] + fact.payload
        #expect(try ReadingFact.read(spaced).fact == fact)
        #expect(try ReadingFact.read(spaced).text == nil)
    }

    @Test func `a cut never lies`() {
        let payloads = (reading(full: true).payload, document(full: true).payload)
        for count in payloads.0.indices {
            #expect(ReadingFact(written: Array(payloads.0.prefix(count))) == nil)
        }
        for count in payloads.1.indices {
            #expect(DocumentFact(written: Array(payloads.1.prefix(count))) == nil)
        }
    }

    @Test func `a changed byte is read as any JSON is, or left to the general reader`() throws {
        let others: [UInt8] = Array("\"\\0}],: n-".utf8) + [0, 0x1F, 0x80, 0xFF]
        func check<Fact: Decodable & Equatable>(
            _ payload: [UInt8],
            _ read: ([UInt8]) -> Fact?
        ) throws {
            for index in payload.indices {
                for other in others where other != payload[index] {
                    var changed = payload
                    changed[index] = other
                    guard let fact = read(changed) else { continue }
                    #expect(try JSON.decode(Fact.self, from: changed) == fact)
                }
            }
        }
        try check(reading(full: true).payload) { ReadingFact(written: $0) }
        try check(document(full: true).payload) { DocumentFact(written: $0) }
    }

    @Test(arguments: [
        ("\"revision\":2", "\"revision\": 2"), ("\"revision\":2", "\"revision\":2,\"sooner\":1"),
        ("\"revision\":2", "\"revision\":2.0"),
        ("\"workstation\":\"Room 1\"", "\"workstation\":\"R\\u006fom 1\""),
        ("{\"capturedAt\"", "{\"aNewField\":[1],\"capturedAt\""), ("/a[1]/b", "\\/a[1]\\/b"),
        ("2025-11-20T09:00:00.000Z", "2025-11-20T09:00:00Z"), ("\"shot\":-3,", "\"shot\":null,"),
    ])
    func `what another hand wrote is read by the general reader`(
        part: String,
        other: String
    ) throws {
        let text = String(decoding: reading(full: true).payload, as: UTF8.self)
        #expect(text.contains(part))
        let payload = Array(text.replacing(part, with: other).utf8)
        #expect(ReadingFact(written: payload) == nil)
        let read = try ReadingFact(payload: payload)
        #expect(try read == JSON.decode(ReadingFact.self, from: payload))
        #expect(read.workstation == "Room 1")
    }

    @Test func `numbers beyond what a machine counts are left to the general reader`() {
        for number in ["9223372036854775808", "18446744073709551616", "-", "", "007", "-0"] {
            let text = String(decoding: reading(full: false).payload, as: UTF8.self)
                .replacing("\"revision\":2", with: "\"revision\":\(number)")
            #expect(ReadingFact(written: Array(text.utf8)) == nil, "\(number)")
        }
    }

    @Test func `a push whose lines are laid out otherwise is the same push`() throws {
        let golden = String(decoding: try Golden.bytes("push-v1.txt"), as: UTF8.self)
        let other = golden.replacing("{\"at\":", with: "{ \"later\": {}, \"at\" : ")
        #expect(other != golden)
        #expect(try Push(text: Array(other.utf8)) == Push(text: Array(golden.utf8)))
    }

    @Test func `a reply is written as the general encoder writes it, and read back`() throws {
        let golden = try JSON.decode(
            PushReply.self,
            from: try Golden.line("push-reply-v1.json")
        )
        var full = golden
        full.flow.paused = ["telemetry", hostile]
        full.receivedAt = Sample.time
        full.verdicts = [
            Verdict(sequence: .max, outcome: .quarantined, code: hostile),
            Verdict(sequence: 1, outcome: .duplicate),
        ]
        var empty = golden
        empty.verdicts = []
        empty.receivedAt = nil
        for reply in [golden, full, empty] {
            #expect(try reply.text == JSON.encode(reply))
            #expect(try PushReply(text: reply.text) == reply)
            #expect(throws: (any Error).self) {
                try PushReply(text: Array(reply.text.dropLast()))
            }
        }
    }

    @Test func `a reply that another hand wrote is read too`() throws {
        let golden = try Golden.line("push-reply-v1.json")
        let text = String(decoding: golden, as: UTF8.self)
            .replacing("\"verdicts\":", with: "\"later\": null, \"verdicts\" : ")
        #expect(try PushReply(text: Array(text.utf8)) == PushReply(text: golden))
    }

    @Test func `a page of a snapshot is written as the general encoder does`()
        throws
    {
        let rows = [
            SnapshotReply.Row(key: hostile, rowVersion: .max, payload: hostile),
            SnapshotReply.Row(key: "", rowVersion: 1, payload: "{\"a\":\"b\\n\"}"),
        ]
        for rows in [rows, []] {
            let page = SnapshotReply(
                rows: rows,
                position: 7,
                more: rows.isEmpty,
                hub: Sample.hub,
                serverTime: Sample.time
            )
            #expect(try page.text == JSON.encode(page))
            #expect(try SnapshotReply(text: page.text) == page)
            let other = String(decoding: page.text, as: UTF8.self)
                .replacing("\"rows\":", with: "\"later\":1,\"rows\": ")
            #expect(try SnapshotReply(text: Array(other.utf8)) == page)
        }
    }

    @Test func `the highest hybrid time travels`() throws {
        var push = try Push(text: try Golden.bytes("push-v1.txt"))
        push.operations[0].time = OperationTime(
            hybrid: HybridTime(bits: .max),
            boot: Sample.identifier(4),
            monotonic: .max
        )
        #expect(try Push(text: try push.encoded()) == push)
    }
}
