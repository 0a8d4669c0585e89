import Hummingbird
import Shared
import Sync

/// The routes of an epoch's change, and of a copy that asks to be a PC of its own.
struct EpochRoutes: Sendable {
    let epochs: EpochIntake
    let claims: ClaimIntake

    func add(to group: RouterGroup<AgentsContext>) {
        group.post(.init(SyncPaths.epoch)) { request, context in
            let body = try await request.json(EpochRequest.self, upTo: SyncLimits.requestBytes)
            return try Response(json: try await epochs.open(body, from: context.agent))
        }
        group.post(.init(SyncPaths.missing)) { request, context in
            let body = try await request.json(MissingRequest.self, upTo: SyncLimits.requestBytes)
            return try Response(json: try await epochs.missing(body, from: context.agent))
        }
        group.post(.init(SyncPaths.claim)) { request, context in
            let body = try await request.json(ClaimRequest.self, upTo: SyncLimits.requestBytes)
            return try Response(json: try await claims.claim(body, from: context.agent))
        }
    }
}
