import Hummingbird
import Shared
import Sync

/// What an Agent asks for so that a browser on its PC can say where it stands.
struct WorkstationRoutes: Sendable {
    let workstations: WorkstationStore
    /// How browsers call the Hub; nil where the configuration does not say.
    let origin: String?

    func add(to group: RouterGroup<AgentsContext>) {
        group.post(.init(SyncPaths.workstation), use: code)
    }

    @Sendable
    private func code(_ request: Request, context: AgentsContext) async throws -> Response {
        let code = try await workstations.makeCode(for: try context.agent.id)
        return try Response(
            json: WorkstationReply(
                code: code.spelled,
                address: origin.map { "\($0)/station/open?code=\(code.text)" },
                validSeconds: Int(WorkstationCode.lifetime.components.seconds)
            )
        )
    }
}
