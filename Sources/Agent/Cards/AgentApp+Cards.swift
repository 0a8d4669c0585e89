import Logging
import ServiceLifecycle
import Shared

extension AgentApp {
    /// Nil where no card is to be read.
    static func cardDesk(
        _ configuration: AgentConfiguration,
        clock: WallClock
    ) throws(ConfigurationError) -> CardDesk? {
        guard configuration.cards.isEnabled else { return nil }
        return CardDesk(
            roots: try configuration.cards.roots(),
            readsPhoto: configuration.cards.readsPhoto,
            clock: clock
        )
    }

    /// What runs for cards; the facts listen before the desk starts.
    static func cardServices(
        _ desk: CardDesk,
        _ store: AgentStore,
        _ outbox: Outbox,
        _ configuration: AgentConfiguration,
        _ logger: Logger
    ) -> [any Service] {
        let facts = CardFacts(
            readings: desk.readings(),
            store: store,
            outbox: outbox,
            folder: IdentityFolder(state: configuration.stateDirectory),
            logger: logger
        )
        let watch = CardReaderWatch(logger: logger) { desk.relist() }
        return [facts, CardService(desk: desk, logger: logger), watch]
    }
}
