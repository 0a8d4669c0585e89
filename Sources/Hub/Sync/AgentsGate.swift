import Hummingbird
import Shared
import Sync

/// Lets through what comes with the certificate of an agent that is not revoked, and nothing else.
struct AgentsGate: RouterMiddleware {
    let agents: EnrolledAgentStore

    func handle(
        _ request: Request,
        context: AgentsContext,
        next: @concurrent (Request, AgentsContext) async throws -> Response
    ) async throws -> Response {
        guard let digest = try await context.peerKeyDigest(),
            let agent = try await agents.agent(keyDigest: digest)
        else { throw SyncError.certificate }
        guard !agent.isRevoked else { throw SyncError.revoked }
        var context = context
        context.identify(agent)
        let admitted = context
        return try await Scope.agent(at: agent.site).run { try await next(request, admitted) }
    }
}
