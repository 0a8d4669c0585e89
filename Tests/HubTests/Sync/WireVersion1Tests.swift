import Foundation
import Gzip
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

/// What an Agent of wire version 1 says, byte for byte, and what it reads of the answers.
///
/// The texts stand here and are not made by the product: they do not change with it.
@Suite struct WireVersion1Tests {
    /// The answers' fields that version 1 reads; more may be there, and it passes them over.
    private static let sessionFields = [
        "agent", "appliedThrough", "chain", "chainAtAcknowledged", "epoch", "flow", "hub", "nonce",
        "serverTime",
    ]
    private static let pushFields = [
        "appliedThrough", "chain", "flow", "hub", "nextNonce", "serverTime", "verdicts",
    ]

    private static let zeros = String(repeating: "0", count: 64)
    private static let condition =
        #"{"clockOffsetMs":-12,"oldestPendingAt":"2026-11-20T09:14:37.218Z","pending":2,"#
        + #""roundTripMs":3,"software":"1.0.0"}"#

    private func object(_ response: TestResponse) throws -> [String: Any] {
        #expect(response.status == .ok)
        let value = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return try #require(value as? [String: Any])
    }

    private func push(_ nonce: String) throws -> [UInt8] {
        let ids = [
            "0193a5c2-7b1e-7c44-9d2f-4a6b8c0d1e2f", "0193a5c2-7b1e-7c44-9d2f-4a6b8c0d1e30",
        ]
        // A document as version 1 writes it, and a kind that this Hub does not know.
        let payloads = [
            #"{"bytes":4,"capturedAt":"2026-11-20T09:14:37.218Z","content":"PGEvPg==","#
                + #""decoderVersion":1,"format":"joia","isPartial":false,"name":"a.xml","#
                + #""sha256":"\#(Digest256(of: Array("<a/>".utf8)))","source":"cv5000"}"#,
            #"{"a":1}"#,
        ]
        var chain = Chain.start
        for (index, payload) in payloads.enumerated() {
            chain = Chain.next(
                after: chain,
                sequence: Int64(index + 1),
                id: try #require(Identifier(ids[index])),
                payload: Array(payload.utf8)
            )
        }
        let lines = [
            #"{"base":1,"condition":\#(Self.condition),"count":2,"epoch":1,"lastChain":"\#(chain)","#
                + #""nonce":"\#(nonce)","previousChain":"\#(Self.zeros)","protocolVersion":1,"#
                + #""requestId":"0193a5c2-7b1e-7c44-9d2f-4a6b8c0d1e31"}"#,
            #"{"at":"2026-11-20T09:14:37.218Z","id":"\#(ids[0])","kind":"document","seq":1,"#
                + #""size":\#(payloads[0].utf8.count),"v":1}"#,
            payloads[0],
            #"{"at":"2026-11-20T09:14:37.301Z","id":"\#(ids[1])","kind":"unheardOf","seq":2,"#
                + #""size":7,"v":1}"#,
            payloads[1],
        ]
        return Gzip.compress(Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    @Test func `session, push and pull of version 1 are served`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            try await rig.fill(agent, ["site"])
            try await rig.routes(as: agent) { client in
                func post(_ path: String, _ body: [UInt8]) async throws -> TestResponse {
                    try await client.executeRequest(
                        uri: path,
                        method: .post,
                        headers: [.contentType: "application/json"],
                        body: ByteBuffer(bytes: body)
                    )
                }
                let session =
                    #"{"acknowledged":0,"acknowledgedChain":"\#(Self.zeros)","#
                    + #""condition":\#(Self.condition),"epoch":1,"head":2,"workstation":"Room 1"}"#
                let opened = try object(
                    try await post("/sync/v1/session", Array(session.utf8))
                )
                for field in Self.sessionFields { #expect(opened[field] != nil, "\(field)") }
                let nonce = try #require(opened["nonce"] as? String)
                let pushed = try object(try await post("/sync/v1/push", try push(nonce)))
                for field in Self.pushFields { #expect(pushed[field] != nil, "\(field)") }
                let verdicts = try #require(pushed["verdicts"] as? [[String: Any]])
                #expect(
                    verdicts.map { $0["outcome"] as? String } == ["applied", "quarantined"]
                )
                let pulled = try object(
                    try await client.executeRequest(
                        uri: "/sync/v1/pull?class=config&after=0",
                        method: .get,
                        headers: [:],
                        body: nil
                    )
                )
                for field in ["changes", "hub", "more", "position", "serverTime"] {
                    #expect(pulled[field] != nil, "\(field)")
                }
                let upload = try object(
                    try await client.executeRequest(
                        uri: "/sync/v1/documents/\(Digest256(of: [1, 2]))",
                        method: .put,
                        headers: [:],
                        body: ByteBuffer(bytes: [1, 2])
                    )
                )
                #expect(upload["sha256"] != nil)
            }
            #expect(try await rig.count("document") == 1)
        }
    }

    /// A session request of an Agent of tomorrow, with what no Hub of today knows.
    private func session(speaking versions: String) -> ByteBuffer {
        ByteBuffer(
            string: #"{"acknowledged":0,"acknowledgedChain":"\#(Self.zeros)","condition":"#
                + #"{"pending":2,"software":"9.0.0","unheardOf":{"a":[1]}},"epoch":1,"head":2,"#
                + #""unheardOf":true,"versions":\#(versions),"workstation":"Room 1"}"#
        )
    }

    @Test(arguments: [(3, 2), (2, 2), (1, 1)])
    func `Agent and Hub agree on the highest version that both speak`(
        highest: Int,
        agreed: Int
    ) async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            try await rig.routes(as: agent) { client in
                let opened = try object(
                    try await client.executeRequest(
                        uri: "/sync/v1/session",
                        method: .post,
                        headers: [.contentType: "application/json"],
                        body: session(speaking: #"{"highest":\#(highest),"lowest":1}"#)
                    )
                )
                #expect(opened["version"] as? Int == agreed)
                for field in Self.sessionFields { #expect(opened[field] != nil, "\(field)") }
            }
        }
    }

    @Test func `one that speaks only later versions is told, and people are`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            try await rig.routes(as: agent) { client in
                func open(_ versions: String) async throws -> TestResponse {
                    try await client.executeRequest(
                        uri: "/sync/v1/session",
                        method: .post,
                        headers: [.contentType: "application/json"],
                        body: session(speaking: versions)
                    )
                }
                let answer = try await open(#"{"highest":4,"lowest":3}"#)
                #expect(answer.status.code == 426)
                #expect(
                    String(buffer: answer.body)
                        == #"{"error":{"code":"versionNewer","version":2}}"#
                )
                #expect(try await rig.count("agent WHERE is_too_new AND pending = 2") == 1)
                // It was put back to a version that the Hub speaks.
                _ = try object(try await open(#"{"highest":2,"lowest":1}"#))
                #expect(try await rig.count("agent WHERE is_too_new") == 0)
            }
        }
    }

    @Test func `a push of a later version waits for the Hub's update`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            try await rig.routes(as: agent) { client in
                let text = String(
                    decoding: try Gzip.decompress(try push("n"), limit: 1 << 20),
                    as: UTF8.self
                )
                .replacing(#""protocolVersion":1"#, with: #""protocolVersion":3"#)
                let answer = try await client.executeRequest(
                    uri: "/sync/v1/push",
                    method: .post,
                    headers: [:],
                    body: ByteBuffer(bytes: Gzip.compress(Array(text.utf8)))
                )
                #expect(answer.status.code == 426)
                #expect(
                    String(buffer: answer.body)
                        == #"{"error":{"code":"versionNewer","version":2}}"#
                )
            }
            #expect(try await rig.count("operation") == 0)
        }
    }
}
