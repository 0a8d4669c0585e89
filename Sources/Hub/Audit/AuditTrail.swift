import Hummingbird
import Shared

/// What every route that touches patients' data writes before it acts.
struct AuditTrail: Sendable {
    let writer: any AuditSink
    let network: NetworkName
    let clock: WallClock

    /// Records that somebody does something; returns once that is durable.
    func record(
        _ entry: Routes.Entry,
        _ outcome: AuditRecord.Outcome,
        by person: Person?,
        _ request: Request,
        _ context: HubContext
    ) async throws {
        let site = request.uri.queryParameters.get("site").flatMap { Identifier($0) }
        var record = AuditRecord(
            at: clock.now(),
            action: "\(entry.method) \(entry.path)",
            outcome: outcome,
            account: person?.account.id,
            session: person?.sessionID,
            site: site,
            subject: context.parameters.get("id").flatMap { Identifier($0) },
            network: network.of(request, context)
        )
        // A page without a site shows the person's first one.
        record.emergency = (site ?? person?.sites.first?.id).flatMap {
            person?.emergency(at: $0)?.id
        }
        try await writer.record(record)
    }

    /// Records that a program reads something; nil for one that nobody knows.
    func record(
        _ entry: Routes.Entry,
        _ outcome: AuditRecord.Outcome,
        program: Identifier?,
        token: Identifier? = nil,
        reason: String? = nil,
        _ request: Request,
        _ context: HubContext
    ) async throws {
        var record = AuditRecord(
            at: clock.now(),
            action: "\(entry.method) \(entry.path)",
            outcome: outcome,
            session: token,
            site: request.uri.queryParameters.get("site").flatMap { Identifier($0) },
            subject: context.parameters.get("id").flatMap { Identifier($0) },
            network: network.of(request, context),
            reason: reason
        )
        record.program = program
        try await writer.record(record)
    }

    /// Records what no route with a permission does: signing in and out.
    func record(
        _ action: String,
        _ outcome: AuditRecord.Outcome,
        account: Identifier?,
        session: Identifier? = nil,
        _ request: Request,
        _ context: HubContext
    ) async throws {
        try await writer.record(
            AuditRecord(
                at: clock.now(),
                action: action,
                outcome: outcome,
                account: account,
                session: session,
                network: network.of(request, context)
            )
        )
    }
}
