import Foundation
import HTTPTypes
import Gzip
import Hummingbird
import NIOCore
import Postgres
import Shared
import Sync

/// The routes that agents use once they are enrolled.
struct SyncRoutes: Sendable {
    let sessions: SessionIntake
    let pushes: PushIntake
    let recoveries: RecoveryStore
    let uploads: UploadStore
    let changes: ChangeStore
    let commands: DeviceCommandStore
    let enrolment: EnrolmentStore
    let hints: HintBroadcaster
    let clock: WallClock

    func add(to group: RouterGroup<AgentsContext>) {
        group.post(.init(SyncPaths.session), use: session)
        group.post(.init(SyncPaths.push), use: push)
        group.put(.init(SyncPaths.documents + "/:sha256"), use: upload)
        group.get(.init(SyncPaths.pull), use: pull)
        group.get(.init(SyncPaths.events), use: events)
        group.post(.init(SyncPaths.certificate), use: renew)
    }

    @Sendable
    private func session(_ request: Request, context: AgentsContext) async throws -> Response {
        let body = try await request.json(SessionRequest.self, upTo: SyncLimits.requestBytes)
        return try Response(json: try await sessions.open(body, from: context.agent))
    }

    @Sendable
    private func push(_ request: Request, context: AgentsContext) async throws -> Response {
        let buffer = try await request.body.collect(upTo: SyncLimits.compressedBytes)
        let text: [UInt8]
        do {
            text = try Gzip.decompress(
                Array(buffer.readableBytesView),
                limit: SyncLimits.inflatedBytes
            )
        } catch GzipError.tooLarge {
            throw SyncError.tooLarge
        } catch {
            throw SyncError.malformed("the body is not one gzip member")
        }
        return try Response(json: try await pushes.take(Push(text: text), from: context.agent))
    }

    @Sendable
    private func upload(_ request: Request, context: AgentsContext) async throws -> Response {
        guard let digest = context.parameters.get("sha256").flatMap({ Digest256(hexadecimal: $0) })
        else { throw SyncError.malformed("an upload's path ends with a SHA-256") }
        let buffer = try await request.body.collect(upTo: Limits.documentBytes)
        let content = Array(buffer.readableBytesView)
        guard Digest256(of: content) == digest else {
            throw SyncError.malformed("the bytes have another SHA-256")
        }
        try await uploads.store(content, digest: digest, agent: context.agent)
        return try Response(json: UploadReply(sha256: digest))
    }

    @Sendable
    private func pull(_ request: Request, context: AgentsContext) async throws -> Response {
        let query = request.uri.queryParameters
        guard let name = query.get("class"), ChangeStore.classes.contains(name),
            let after = query.get("after").flatMap({ Int64($0) }), after >= 0
        else { throw SyncError.malformed("a pull names a class and a position") }
        let agent = try context.agent
        let hub = try await changes.database.hubInstance()
        if name == "work" {
            try await commands.giveUp(agent: agent.id)
            // After a restore nobody is given anything until what was lost is here again.
            if try await recoveries.pausesCommands(site: agent.site) {
                return try Response(
                    json: PullReply(
                        changes: [],
                        position: after,
                        more: false,
                        hub: hub,
                        serverTime: clock.now()
                    )
                )
            }
        }
        return try Response(
            json: try await changes.page(
                site: agent.site,
                class: ChangeStore.stream(of: name, for: agent),
                after: after,
                hub: hub,
                now: clock.now()
            )
        )
    }

    /// Hints until the agent goes or the Hub stops; a comment every 20 s shows a dead connection.
    @Sendable
    private func events(_ request: Request, context: AgentsContext) async throws -> Response {
        let agent = try context.agent
        let stream = await hints.hints(for: agent)
        let position = try await changes.position(site: agent.site, class: "config")
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: .init { writer in
                try await writer.write(try Hint(class: "config", position: position).event)
                loop: for await beat in stream.withHeartbeat(every: .seconds(20)) {
                    switch beat {
                    case .element(let hint): try await writer.write(try hint.event)
                    case .pulse: try await writer.write(ByteBuffer(string: ": alive\n\n"))
                    case .end: break loop
                    }
                }
                try await writer.finish(nil)
            }
        )
    }

    @Sendable
    private func renew(_ request: Request, context: AgentsContext) async throws -> Response {
        let body = try await request.json(RenewalRequest.self, upTo: 16 * 1024)
        return try Response(json: try await enrolment.renew(body, for: context.agent))
    }
}

/// Documents that came ahead of their operations.
struct UploadStore: Sendable {
    let database: PostgresClient

    /// Stores bytes whose digest has been checked; doing it twice is doing it once.
    func store(_ content: [UInt8], digest: Digest256, agent: EnrolledAgent) async throws {
        try await database.execute(
            """
            INSERT INTO upload (agent_id, sha256, content)
            VALUES (\(agent.id), \(digest), \(content)) ON CONFLICT DO NOTHING
            """
        )
    }
}

extension Request {
    /// The body as JSON, with a cap.
    func json<Value: Decodable>(_ type: Value.Type, upTo limit: Int) async throws -> Value {
        let buffer = try await body.collect(upTo: limit)
        return try JSON.decode(type, from: buffer.readableBytesView)
    }
}

extension Hint {
    /// The hint as a server-sent event.
    fileprivate var event: ByteBuffer {
        get throws {
            var buffer = ByteBuffer(string: "data: ")
            buffer.writeBytes(try JSON.encode(self))
            buffer.writeString("\n\n")
            return buffer
        }
    }
}
