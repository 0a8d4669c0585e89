import Foundation
import HTTPTypes
import Hummingbird
import Logging
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
    let replicas: Replicas
    let commands: DeviceCommandStore
    let enrolment: EnrolmentStore
    let hints: HintBroadcaster
    let clock: WallClock

    func add(to group: RouterGroup<AgentsContext>) {
        group.post(.init(SyncPaths.session), use: session)
        group.post(.init(SyncPaths.push), use: push)
        group.post(.init(SyncPaths.isolated), use: isolated)
        group.post(.init(SyncPaths.withheld), use: withheld)
        UploadRoutes(uploads: uploads).add(to: group)
        DownstreamRoutes(
            changes: changes,
            replicas: replicas,
            commands: commands,
            recoveries: recoveries,
            clock: clock
        ).add(to: group)
        group.get(.init(SyncPaths.events), use: events)
        WaitRoute(changes: changes, hints: hints).add(to: group)
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
        let reply = try await pushes.take(
            Array(buffer.readableBytesView),
            from: context.agent
        )
        return Response(jsonText: reply.text)
    }

    @Sendable
    private func isolated(_ request: Request, context: AgentsContext) async throws -> Response {
        let limit = SyncLimits.isolatedLineBytes + SyncLimits.isolatedBytes
        let buffer = try await request.body.collect(upTo: limit)
        let operation = try IsolatedOperation(text: Array(buffer.readableBytesView))
        let agent = try context.agent
        context.logger.warning(
            "an operation came for itself",
            metadata: [
                "agent": "\(agent.id)", "sequence": "\(operation.header.sequence)",
                "withheld": "\(operation.header.isWithheld)",
            ]
        )
        let reply = try await IsolatedIntake(pushes: pushes).take(operation, from: agent)
        return try Response(json: reply)
    }

    @Sendable
    private func withheld(_ request: Request, context: AgentsContext) async throws -> Response {
        let limit = SyncLimits.headerLineBytes + SyncLimits.isolatedBytes
        let buffer = try await request.body.collect(upTo: limit)
        let payload = try WithheldPayload(text: Array(buffer.readableBytesView))
        let operations = OperationStore(
            database: pushes.database,
            ring: pushes.ring,
            clock: clock
        )
        let verdict = try await WithheldIntake(operations: operations)
            .take(payload, from: try context.agent)
        return try Response(json: WithheldReply(verdict: verdict, serverTime: clock.now()))
    }

    /// Hints until the agent goes or the Hub stops; a comment every 20 s shows a dead connection.
    @Sendable
    private func events(_ request: Request, context: AgentsContext) async throws -> Response {
        let agent = try context.agent
        let stream = await hints.hints(for: agent, beat: .seconds(20))
        let position = try await changes.position(site: agent.site, class: "config")
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: .init { writer in
                try await writer.write(try Hint(class: "config", position: position).event)
                for await beat in stream {
                    switch beat {
                    case .element(let hint): try await writer.write(try hint.event)
                    case .pulse: try await writer.write(ByteBuffer(string: ": alive\n\n"))
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
