import Logging
import Shared
import Sync

/// Executes the effects of an epoch's change: asks for one, compares, numbers anew, or asks to be
/// a PC of its own.
struct EpochDriver: Sendable {
    let client: HubClient
    let store: SyncStore
    let installation: Installation
    let claims: ClaimDesk
    let logger: Logger

    /// Asks for a new epoch.
    func open(_ ledger: AgentLedger, _ reason: EpochReason) async throws -> EpochReply {
        let reply = try await client.call(
            SyncPaths.epoch,
            body: try await store.epochRequest(ledger, reason, installation),
            reply: EpochReply.self
        )
        logger.warning(
            "the Hub has opened a new epoch",
            metadata: ["epoch": "\(reply.epoch)", "reason": "\(reply.reason.rawValue)"]
        )
        for hole in reply.holes {
            logger.error(
                "operations are neither here nor at the Hub any more",
                metadata: [
                    "epoch": "\(hole.epoch)", "first": "\(hole.first)", "last": "\(hole.last)",
                ]
            )
        }
        return reply
    }

    /// Compares a page behind `number`; answers where the next begins, nil where it was the last.
    func compare(after number: Int64) async throws -> Int64? {
        let page = try await store.identifiers(after: number)
        var atHub: [Int64] = []
        if !page.isEmpty {
            let reply = try await client.call(
                SyncPaths.missing,
                body: MissingRequest(ids: page.map(\.id)),
                reply: MissingReply.self
            )
            let missing = Set(reply.missing)
            atHub = page.filter { !missing.contains($0.id) }.map(\.number)
        }
        try await store.note(atHub, isFirst: number == 0)
        return page.last?.number
    }

    /// Begins the epoch in the store; `hub` is the Hub's clock in the session that led to it.
    func renumber(_ reply: EpochReply, at hub: Instant?) async throws -> AgentLedger {
        let (ledger, damaged) = try await store.renumber(reply, at: hub)
        if damaged > 0 {
            logger.error("operations do not open any more", metadata: ["count": "\(damaged)"])
        }
        logger.notice(
            "a new epoch begins",
            metadata: ["epoch": "\(reply.epoch)", "operations": "\(ledger.head)"]
        )
        return ledger
    }
}
