import Foundation
import Gzip
import Shared
import Testing

@testable import Sync

@Suite struct FoldedPushTests {
    private static let ids = [
        "0193a5c2-7b1e-7c44-9d2f-4a6b8c0d1e2f", "0193a5c2-7b1e-7c45-8d2f-4a6b8c0d1e30",
        "0193a5c2-7b1e-7c46-8d2f-4a6b8c0d1e31", "0193a5c2-7b1e-7c47-8d2f-4a6b8c0d1e32",
    ]
    private static let times = [
        "2026-11-20T09:14:37.218Z", "2026-11-20T09:14:37.301Z", "2026-11-20T09:14:38.000Z",
        "2026-11-20T09:14:37.900Z",
    ]

    /// What the golden push says.
    private static func golden() throws -> [Sync.Operation] {
        let content = Array(UInt8(32)..<128)
        let payloads = [
            #"{"capturedAt":"2026-11-20T09:14:37.218Z","content":""#
                + Data(content).base64EncodedString()
                + #"","sha256":"\#(Digest256(of: content))"}"#,
            #"{"id":"95845512-1c35-881e-8e84-dfb3445ab275","values":[{"path":"/M/R/Sphere","#
                + #""value":"-1.25"},{"path":"/M/R/Axis","value":"5"}]}"#,
            #"{"id":"2c49db60-ad85-8fea-8e55-609131ff719c","values":[{"path":"/M/R/Sphere","#
                + #""value":"-1.50"},{"path":"/M/R/Axis","value":"5"}]}"#,
            "{\"a\":\n1}",
        ]
        let boot = try #require(Identifier("0193a5c2-7b1e-7c48-8d2f-4a6b8c0d1e33"))
        let other = try #require(Identifier("0193a5c2-7b1e-7c49-8d2f-4a6b8c0d1e34"))
        let created = try times.map { try #require(Instant($0)) }
        func hybrid(_ index: Int, _ counted: UInt64) -> HybridTime {
            HybridTime(bits: UInt64(created[index].milliseconds) << 16 | counted)
        }
        let moments = [
            OperationTime(hybrid: hybrid(0, 0), boot: boot, monotonic: 80_000),
            OperationTime(hybrid: hybrid(1, 7), boot: boot, monotonic: 80_083),
            nil,
            OperationTime(hybrid: nil, boot: other, monotonic: 500),
        ]
        let kinds = [("document", 1), ("reading", 1), ("reading", 1), ("note", 3)]
        return try (0..<4).map { index in
            Sync.Operation(
                sequence: Int64(41 + index),
                id: try #require(Identifier(ids[index])),
                kind: kinds[index].0,
                version: kinds[index].1,
                createdAt: created[index],
                payload: Array(payloads[index].utf8),
                time: moments[index]
            )
        }
    }

    private static func text() throws -> [UInt8] {
        let lines = String(decoding: try Golden.bytes("push-v2.hex"), as: UTF8.self)
            .split(separator: "\n")
        return try lines.filter { !$0.hasPrefix("#") }.flatMap { line in
            try #require(Hexadecimal.decode(line.prefix { $0 != " " }))
        }
    }

    @Test func `the golden push is unfolded as it was meant`() throws {
        let push = try Push(text: try Self.text())
        #expect(push.header.protocolVersion == 2)
        #expect(push.operations == (try Self.golden()))
        var chain = push.header.previousChain
        for operation in push.operations {
            chain = Chain.next(
                after: chain,
                sequence: operation.sequence,
                id: operation.id,
                payload: operation.payload
            )
        }
        #expect(chain == push.header.lastChain)
    }

    @Test func `a push is folded as the golden one`() throws {
        let golden = try Self.text()
        let header = try Push(text: golden).header
        #expect(try Push(header: header, operations: Self.golden()).encoded() == golden)
    }

    @Test func `a folded push that is cut at any byte is malformed`() throws {
        let golden = try Self.text()
        for length in 0..<golden.count {
            #expect(throws: SyncError.self, "cut at \(length)") {
                try Push(text: Array(golden.prefix(length)))
            }
        }
        #expect(throws: SyncError.self) { try Push(text: golden + [0]) }
    }

    @Test func `any other byte at any place is refused, or means something else`() throws {
        let golden = try Self.text()
        let push = try Push(text: golden)
        for index in golden.indices {
            for change in [0x01, 0x80, 0xFF] as [UInt8] {
                var hostile = golden
                hostile[index] ^= change
                // Line ends that move may mean the same; nothing else does.
                guard let read = try? Push(text: hostile) else { continue }
                #expect(read != push || golden[index] ^ change == 0x0A || golden[index] == 0x0A)
            }
        }
    }

    @Test(arguments: [
        "", "{", "}", "[{]", "\"", "{\"value\":\"", "{\"value\":\"a\\", "{\"value\":\"a\\\"b\"}",
        "{\"value\":-1.5e+9,\"raw\":12}", "{\"path\":\"a/b/\"}", "{\"path\":\"/\"}",
        "{\"path\":\"none\"}", "{\"value\":null,\"raw\":[\"a\",\"b\"],\"id\":{\"id\":\"\"}}",
        "{ \"value\" : \"spaced\" }", "not JSON at all: {\"value\":", "\u{0}\n\u{1}",
        "{\"name\":\"Zo\u{eb} \\u0000\"}", "[[[{},{}],[{}]]]",
        "{\"value\":{\"value\":{\"value\":1}}}",
    ])
    func `whatever a payload is, it comes back byte for byte`(payload: String) throws {
        // Three times, and between others: a column of one value is written otherwise than of many.
        let payloads = [payload, "{\"value\":\"x\"}", payload, "{\"value\":\"y\"}", payload]
            .map { Array($0.utf8) }
        #expect(try unfolded(payloads) == payloads)
    }

    @Test func `what only looks like a digest, an identifier, a time or base64 comes back`() throws
    {
        let digest = Digest256(of: [1]).hexadecimal
        let identifier = Sample.identifier(1).description
        let long = Data((0..<100).map { UInt8($0) }).base64EncodedString()
        let alike = [
            digest, digest.uppercased(), String(digest.dropLast()) + "g", digest + "0",
            identifier, identifier.uppercased(), identifier.replacing("-", with: "+"),
            "2026-11-20T09:14:37.218Z", "2026-11-20T09:14:37.218z", "2026-02-31T09:14:37.218Z",
            "2026-11-20 09:14:37.218Z", "2026-11-20T24:00:00.000Z", "0000-00-00T00:00:00.000Z",
            long, String(long.dropLast(1)), long.replacing("=", with: "A"), "!" + long,
            String(long.dropLast(3)) + "B==", long + long, String(long.dropLast(4)) + "====",
            long.replacing("C", with: "-"), long.replacing("DA", with: " \t"), "",
        ]
        for first in alike {
            for second in alike {
                let payloads = [first, second, first].map { Array("{\"value\":\"\($0)\"}".utf8) }
                #expect(try unfolded(payloads) == payloads, "\(first) and \(second)")
            }
        }
    }

    @Test func `a thousand payloads by chance come back`() throws {
        var random = SeededNumbers(state: 7)
        let words = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\"value\":", "\"path\":\"/a/", "\"id\":\"",
            "\"shot\":", "-1.5", "7", "true", "null", "0193a5c2-7b1e-7c44-9d2f-4a6b8c0d1e2f", "\n",
            "\u{0}", "é", "/",
        ]
        for _ in 0..<200 {
            let payloads = (0..<5).map { _ in
                (0..<Int.random(in: 0...40, using: &random)).flatMap { _ in
                    Array((words.randomElement(using: &random) ?? "").utf8)
                }
            }
            #expect(try unfolded(payloads) == payloads)
        }
    }

    @Test func `pieces that unfold to more than a push holds are refused`() throws {
        // 200,000 bytes in one piece, that each of 500 payloads has once: 1 MB that would be 100.
        let operations = (0..<500).map { index in
            Sync.Operation(
                sequence: Int64(1 + index),
                id: Sample.identifier(index),
                kind: "reading",
                version: 1,
                createdAt: Sample.time,
                payload: Array("{\"a\":\"\(String(repeating: "x", count: 200_000))\"}".utf8)
            )
        }
        let text = try Push(header: header(count: 500), operations: operations).encoded()
        #expect(text.count < 220_000)
        #expect(throws: SyncError.tooLarge) { try Push(text: text) }
    }

    @Test func `a payload of many pieces is bounded like any other`() throws {
        var sections = FoldedSections()
        let operation = try #require(try Self.golden().first)
        sections.write([operation], boot: nil)
        // One piece of 1,000 bytes, 300 times.
        sections.operations.number(300)
        sections.pieces.number(1)
        sections.pieces.append([UInt8](repeating: 0x41, count: 1000) + [0x0A])
        for _ in 0..<300 { sections.sequence.number(0) }
        let text = try Push(header: header(count: 1), operations: []).headerText()
        #expect(
            throws: SyncError.malformed("a payload has at most 262144 bytes")
        ) { try Push(text: text + sections.parts.joined()) }
    }

    @Test func `a piece that nobody sent is refused, also where there is none`() throws {
        for pieces in [0, 1] {
            var sections = FoldedSections()
            sections.write([try #require(try Self.golden().first)], boot: nil)
            sections.operations.number(1)
            sections.pieces.number(pieces)
            for _ in 0..<pieces { sections.pieces.append([0x41, 0x0A]) }
            sections.sequence.number(pieces)
            let text = try Push(header: header(count: 1), operations: []).headerText()
            #expect(throws: SyncError.self) { try Push(text: text + sections.parts.joined()) }
        }
    }

    @Test func `holes without end are refused before they take memory`() throws {
        var sections = FoldedSections()
        sections.write([try #require(try Self.golden().first)], boot: nil)
        sections.operations.number(0)
        sections.pieces.number(1)
        sections.pieces.append([UInt8](repeating: 0, count: 1_000_000) + [0x0A])
        let text = try Push(header: header(count: 1), operations: []).headerText()
        #expect(throws: SyncError.malformed("a folded push has too many holes")) {
            try Push(text: text + sections.parts.joined())
        }
    }

    @Test func `a number of more than 64 bits is refused`() throws {
        var reader = FoldedReader([UInt8](repeating: 0xFF, count: 9) + [0x01])
        #expect(try reader.number() == .max)
        var over = FoldedReader([UInt8](repeating: 0xFF, count: 9) + [0x02])
        #expect(throws: SyncError.self) { try over.number() }
        for value in [0, 1, -1, 63, 64, -64, -65, .max, .min] as [Int64] {
            var writer = FoldedWriter()
            writer.signed(value)
            var reader = FoldedReader(writer.bytes)
            #expect(try reader.signed() == value)
            #expect(reader.isAtEnd)
        }
    }

    @Test func `a push that begins near the last number is refused`() throws {
        let golden = try Self.text()
        let text = String(decoding: golden.prefix { $0 != 0x0A }, as: UTF8.self)
            .replacing("\"base\":41", with: "\"base\":\(Int64.max - 1)")
        #expect(throws: SyncError.self) {
            try Push(text: Array(text.utf8) + golden.drop { $0 != 0x0A })
        }
    }

    private func header(count: Int) -> PushHeader {
        PushHeader(
            protocolVersion: 2,
            requestId: Sample.identifier(0),
            epoch: 1,
            base: 1,
            count: count,
            previousChain: Chain.start,
            lastChain: Chain.start,
            nonce: nil,
            condition: AgentCondition(
                software: "test",
                pending: 0,
                oldestPendingAt: nil,
                clockOffsetMs: nil,
                roundTripMs: nil
            )
        )
    }

    /// What comes of payloads that travelled, compressed.
    private func unfolded(_ payloads: [[UInt8]]) throws -> [[UInt8]] {
        let operations = payloads.enumerated().map { index, payload in
            Sync.Operation(
                sequence: Int64(1 + index),
                id: Sample.identifier(index),
                kind: "reading",
                version: 1,
                createdAt: Sample.time,
                payload: payload
            )
        }
        let push = Push(header: header(count: payloads.count), operations: operations)
        let body = GzipTail(push.operationsParts()).member(behind: try push.headerText())
        let text = try Gzip.decompress(body, limit: SyncLimits.inflatedBytes)
        let read = try Push(text: text)
        #expect(read.header == push.header)
        return read.operations.map(\.payload)
    }
}

/// SplitMix64: the same numbers for the same seed.
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
