import Hummingbird
import Shared
import Sync

/// The routes of the agents listener that need no certificate: they lead to one.
struct EnrolmentRoutes: Sendable {
    let enrolment: EnrolmentStore

    func add(to router: Router<AgentsContext>) {
        router.get(.init(SyncPaths.authority), use: authority)
        router.post(.init(SyncPaths.enrol), use: enrol)
        router.post(.init(SyncPaths.lateRenewal), use: renewLate)
    }

    @Sendable
    private func authority(_ request: Request, context: AgentsContext) async throws -> Response {
        try Response(json: AuthorityReply(certificate: enrolment.authority.certificate.pem))
    }

    @Sendable
    private func enrol(_ request: Request, context: AgentsContext) async throws -> Response {
        let body = try await request.json(EnrolmentRequest.self, upTo: 16 * 1024)
        return try Response(json: try await enrolment.enrol(body))
    }

    @Sendable
    private func renewLate(_ request: Request, context: AgentsContext) async throws -> Response {
        let body = try await request.json(LateRenewalRequest.self, upTo: 32 * 1024)
        return try Response(json: try await enrolment.renewLate(body))
    }
}
