import Hummingbird
import Shared

/// Lets a person through to one route, and has it recorded where that is called for.
struct Door: Sendable {
    let gate: Gate
    let trail: AuditTrail
    let entry: Routes.Entry

    /// Who comes, recorded: what cannot be recorded does not happen.
    func admit(_ request: Request, _ context: HubContext) async throws -> Person {
        let person = try await identify(request, context)
        try await record(person, request, context)
        return person
    }

    /// Who comes, with the sites that they see here; somebody who may not is recorded as well.
    func identify(_ request: Request, _ context: HubContext) async throws -> Person {
        let person = try await gate.person(for: request)
        guard person.account.role.permissions.contains(entry.permission) else {
            try await trail.record(entry, .denied, by: person, request, context)
            throw PageError.forbidden
        }
        if entry.permission.needsFreshFactor {
            let age = trail.clock.now().duration(since: person.factorAt)
            guard age <= SessionLimits.fresh else { throw PageError.freshFactorNeeded }
        }
        return person.narrowed(to: entry.permission)
    }

    func record(_ person: Person, _ request: Request, _ context: HubContext) async throws {
        guard entry.permission.isAudited else { return }
        try await trail.record(entry, .allowed, by: person, request, context)
    }
}
