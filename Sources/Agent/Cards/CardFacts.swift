import Foundation
import GRDB
import Logging
import ServiceLifecycle
import Shared
import Sync

/// Tells the Hub of the cards: seals to its key what a card says, and appends it to the outbox.
///
/// Without the Hub the facts wait there like readings do. On an Agent that is not enrolled, or has
/// never heard the Hub's key, a card has no one to be told to, and nothing of it is kept.
struct CardFacts: Service {
    /// Asked for before the desk starts, so that a card that is in already is told as well.
    let readings: AsyncStream<CardReading>
    let store: AgentStore
    let outbox: Outbox
    let folder: IdentityFolder
    let logger: Logger

    func run() async throws {
        var sessions = CardSessions(clock: store.clock)
        for await reading in readings.cancelOnGracefulShutdown() {
            do {
                try await tell(try sessions.take(reading))
            } catch {
                logger.error("a card cannot be told to the Hub", metadata: ["error": "\(error)"])
            }
        }
    }

    private func tell(_ drafts: [CardSessions.Draft]) async throws {
        guard !drafts.isEmpty, let agent = try folder.load()?.agent,
            let key = try await PulledConfiguration(store: store).envelopeKey()
        else { return }
        let operations = try drafts.map { draft in
            var fact = draft.fact
            if let content = draft.content {
                let place = Envelope.Place(
                    agent: agent,
                    session: fact.session,
                    event: fact.event.rawValue
                )
                let sealed = try Envelope.seal(content, to: key, at: place)
                fact.envelope = Data(sealed).base64EncodedString()
            }
            return NewOperation(
                id: store.clock.identifier(),
                kind: CardFact.kind,
                version: CardFact.version,
                payload: try JSON.encode(fact)
            )
        }
        try await store.write { [outbox] in try outbox.append(operations, in: $0) }
    }
}

extension PulledConfiguration {
    /// The Hub's key for what it alone may open; nil before it was pulled.
    fileprivate func envelopeKey() async throws -> EnvelopeKey? {
        let content = try await payload(of: EnvelopeKey.key)
        return content.flatMap { try? JSON.decode(EnvelopeKey.self, from: $0) }
    }
}
