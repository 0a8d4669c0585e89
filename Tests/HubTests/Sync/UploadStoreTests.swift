import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Shared
import Sync
import Testing

@testable import Hub

@Suite struct UploadStoreTests {
    private let content = (0..<(SyncLimits.uploadBytes + 9)).map {
        UInt8(truncatingIfNeeded: $0 &* 7)
    }
    private var digest: Digest256 { Digest256(of: content) }

    private func append(
        _ rig: IntakeRig,
        _ agent: EnrolledAgent,
        from start: Int,
        _ bytes: ArraySlice<UInt8>,
        total: Int? = nil,
        digest: Digest256? = nil
    ) async throws -> UploadReply {
        let range = try #require(
            UploadRange(start: start, count: bytes.count, total: total ?? content.count)
        )
        return try await rig.uploads.append(
            Array(bytes),
            range,
            digest: digest ?? self.digest,
            agent: agent
        )
    }

    @Test func `runs become a document, and its operation is applied`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            var log = AgentLogModel()
            log.nonce = try await rig.sessions.open(log.session(), from: agent).nonce
            var fact = SampleFact.document("x")
            fact.sha256 = digest
            fact.bytes = content.count
            fact.content = nil
            log.append(kind: DocumentFact.kind, payload: try JSON.encode(fact))
            await #expect(throws: SyncError.contentMissing([digest])) {
                try await rig.intake.take(log.push(), from: agent)
            }
            let middle = SyncLimits.uploadBytes
            let first = try await append(rig, agent, from: 0, content[..<middle])
            #expect(first == UploadReply(sha256: digest, received: middle, isComplete: false))
            #expect(try await rig.uploads.state(of: digest, for: agent) == first)
            await #expect(throws: SyncError.contentMissing([digest])) {
                try await rig.intake.take(log.push(), from: agent)
            }
            let last = try await append(rig, agent, from: middle, content[middle...])
            #expect(last.isComplete == true)
            #expect(try await rig.count("upload_run") == 0)
            let reply = try await rig.intake.take(log.push(), from: agent)
            #expect(reply.verdicts.map(\.outcome) == [.applied])
            #expect(try await rig.count("upload") == 0)
            #expect(try await rig.uploads.state(of: digest, for: agent).isComplete == true)
        }
    }

    @Test func `a run that comes twice or too early changes nothing`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let early = try await append(rig, agent, from: 5, content[5..<9])
            #expect(early.received == 0)
            _ = try await append(rig, agent, from: 0, content[..<5])
            let twice = try await append(rig, agent, from: 0, content[..<5])
            #expect(twice.received == 5)
            let ahead = try await append(rig, agent, from: 9, content[9..<12])
            #expect(ahead.received == 5)
            #expect(try await rig.count("upload_run") == 1)
        }
    }

    @Test func `bytes of another digest are not kept`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let wrong = Digest256(of: [1])
            _ = try await append(rig, agent, from: 0, content[..<9], digest: wrong)
            await #expect(throws: SyncError.malformed("the bytes have another SHA-256")) {
                try await append(rig, agent, from: 9, content[9...], digest: wrong)
            }
            #expect(try await rig.count("upload_part") == 0)
            #expect(try await rig.count("upload_run") == 0)
            #expect(try await rig.count("upload") == 0)
            #expect(try await rig.uploads.state(of: wrong, for: agent).received == 0)
        }
    }

    @Test func `another size begins anew`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            _ = try await append(rig, agent, from: 0, content[..<9], total: 50)
            let reply = try await append(rig, agent, from: 0, content[..<4])
            #expect(reply.received == 4)
        }
    }

    @Test func `what is unfinished is bounded for each agent, the oldest going first`()
        async throws
    {
        try await IntakeRig.with { rig in
            let (agent, other) = (try await rig.agent(), try await rig.agent())
            _ = try await append(rig, other, from: 0, content[..<9])
            for number in 0...SyncLimits.unfinishedUploads {
                rig.clock.advance(by: .seconds(1))
                let digest = Digest256(of: [UInt8(number)])
                _ = try await append(rig, agent, from: 0, content[..<9], digest: digest)
            }
            #expect(
                try await rig.count("upload_part") == SyncLimits.unfinishedUploads + 1
            )
            let oldest = Digest256(of: [0])
            #expect(try await rig.uploads.state(of: oldest, for: agent).received == 0)
            #expect(try await rig.uploads.state(of: digest, for: other).received == 9)
            for number in 0..<9 {
                rig.clock.advance(by: .seconds(1))
                _ = try await append(
                    rig,
                    agent,
                    from: 0,
                    content[..<9],
                    total: Limits.documentBytes,
                    digest: Digest256(of: [9, UInt8(number)])
                )
            }
            let large = try await rig.count("upload_part WHERE total > 1000000")
            #expect(large == SyncLimits.unfinishedBytes / Limits.documentBytes)
        }
    }

    @Test func `what nobody goes on with for a week is removed`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            _ = try await append(rig, agent, from: 0, content[..<9])
            try await rig.uploads.store([1], digest: Digest256(of: [1]), agent: agent)
            rig.clock.advance(by: .seconds(8 * 86400))
            _ = try await append(rig, agent, from: 0, content[..<9], digest: Digest256(of: [2]))
            #expect(try await rig.count("upload_part") == 1)
            #expect(try await rig.count("upload_run") == 1)
            #expect(try await rig.count("upload") == 0)
        }
    }

    @Test func `the routes take runs, wholes, and nothing else`() async throws {
        try await IntakeRig.with { rig in
            let agent = try await rig.agent()
            let (content, digest) = (content, digest)
            try await rig.routes(as: agent) { client in
                func put(
                    _ body: ArraySlice<UInt8>,
                    _ range: String?
                ) async throws
                    -> TestResponse
                {
                    var headers = HTTPFields()
                    headers[.contentRange] = range
                    return try await client.executeRequest(
                        uri: SyncPaths.upload(digest),
                        method: .put,
                        headers: headers,
                        body: ByteBuffer(bytes: body)
                    )
                }
                let total = content.count
                #expect(try await put(content[..<9], "bytes 0-8/\(total)").status == .ok)
                #expect(
                    try await put(content[..<9], "bytes 0-9/\(total)").status
                        == .unprocessableContent
                )
                #expect(
                    try await put(content[..<9], "bytes 0-8/*").status == .unprocessableContent
                )
                #expect(
                    try await put(content[...], "bytes 0-\(total - 1)/\(total)").status
                        == .contentTooLarge
                )
                #expect(try await put(content[..<9], nil).status == .unprocessableContent)
                let state = try await client.executeRequest(
                    uri: SyncPaths.upload(digest),
                    method: .get,
                    headers: [:],
                    body: nil
                )
                let reply = try JSON.decode(UploadReply.self, from: state.body.readableBytesView)
                #expect(reply == UploadReply(sha256: digest, received: 9, isComplete: false))
                #expect(try await put(content[...], nil).status == .ok)
            }
            #expect(try await rig.uploads.state(of: digest, for: agent).isComplete == true)
        }
    }
}
