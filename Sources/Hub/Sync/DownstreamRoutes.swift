import Hummingbird
import Logging
import Shared
import Sync

/// What agents fetch: changes behind a position, or every row.
struct DownstreamRoutes: Sendable {
    let changes: ChangeStore
    let replicas: Replicas
    let commands: DeviceCommandStore
    let recoveries: RecoveryStore
    let clock: WallClock

    func add(to group: RouterGroup<AgentsContext>) {
        group.get(.init(SyncPaths.pull), use: pull)
        group.get(.init(SyncPaths.snapshot), use: snapshot)
    }

    @Sendable
    private func pull(_ request: Request, context: AgentsContext) async throws -> Response {
        let query = request.uri.queryParameters
        guard let name = Self.className(request),
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
        let stream = ChangeStore.stream(of: name, for: agent)
        let reply = try await changes.page(
            site: agent.site,
            class: stream,
            after: after,
            hub: hub,
            now: clock.now()
        )
        // What an agent asks behind, it has on its disk.
        try await replicas.passed(after, stream: stream, by: agent)
        return try Response(json: reply)
    }

    @Sendable
    private func snapshot(_ request: Request, context: AgentsContext) async throws -> Response {
        let query = request.uri.queryParameters
        guard let name = Self.className(request),
            let reason = query.get("reason").flatMap({ SnapshotReason(rawValue: $0) })
        else { throw SyncError.malformed("a snapshot names a class and a reason") }
        let key = try query.get("after").map(Self.key)
        let agent = try context.agent
        // After a restore nobody is given anything until what was lost is here again.
        if name == "work", try await recoveries.pausesCommands(site: agent.site) {
            throw SyncError.busy(retryAfterSeconds: 30)
        }
        let stream = ChangeStore.stream(of: name, for: agent)
        if key == nil {
            let isMended = try await replicas.refetches(stream, because: reason, by: agent)
            context.logger.notice(
                "an agent fetches every row",
                metadata: [
                    "agent": "\(agent.id)", "class": "\(name)", "reason": "\(reason.rawValue)",
                    "hubDigestMended": "\(isMended)",
                ]
            )
        }
        let reply = try await changes.snapshot(
            site: agent.site,
            class: stream,
            after: key,
            hub: try await changes.database.hubInstance(),
            now: clock.now()
        )
        return Response(jsonText: reply.text)
    }

    private static func className(_ request: Request) -> String? {
        request.uri.queryParameters.get("class").flatMap {
            ChangeStore.classes.contains($0) ? $0 : nil
        }
    }

    private static func key(_ digits: String) throws(SyncError) -> String {
        guard let bytes = Hexadecimal.decode(digits),
            let key = String(validating: bytes, as: UTF8.self), !key.contains("\0")
        else { throw .malformed("a snapshot goes on behind a key in hexadecimal digits") }
        return key
    }
}
