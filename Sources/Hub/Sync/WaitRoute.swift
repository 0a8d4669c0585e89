import Hummingbird
import Shared
import Sync

/// The request that waits until something is new: for agents behind a proxy that lets no events
/// through.
struct WaitRoute: Sendable {
    let changes: ChangeStore
    let hints: HintBroadcaster
    /// Shorter than what proxies wait for an answer.
    var patience = Duration.seconds(50)

    func add(to group: RouterGroup<AgentsContext>) {
        group.get(.init(SyncPaths.waiting), use: wait)
    }

    @Sendable
    private func wait(_ request: Request, context: AgentsContext) async throws -> Response {
        let agent = try context.agent
        let query = request.uri.queryParameters
        var known: [String: Int64] = [:]
        for name in ChangeStore.classes {
            guard let text = query.get(name) else { continue }
            guard let position = Int64(text) else {
                throw SyncError.malformed("a position is a number")
            }
            known[name] = position
        }
        // Listened to before it is looked: what comes between is not lost.
        let stream = await hints.hints(for: agent, beat: patience)
        let present = try await moved(known, agent)
        if !present.isEmpty { return try Response(json: WaitReply(hints: present)) }
        for await beat in stream {
            switch beat {
            case .element(let hint): return try Response(json: WaitReply(hints: [hint]))
            case .pulse: return try Response(json: WaitReply(hints: []))
            }
        }
        return try Response(json: WaitReply(hints: []))
    }

    /// Where the classes stand that are elsewhere than an agent knows: behind it too, which is how a
    /// restored Hub shows.
    private func moved(
        _ known: [String: Int64],
        _ agent: EnrolledAgent
    ) async throws -> [Hint] {
        var hints: [Hint] = []
        for name in ChangeStore.classes.sorted() {
            let position = try await changes.position(
                site: agent.site,
                class: ChangeStore.stream(of: name, for: agent)
            )
            if position != known[name] ?? 0 { hints.append(Hint(class: name, position: position)) }
        }
        return hints
    }
}
