import Logging
import ServiceLifecycle
import Shared
import Sync

extension AgentApp {
    /// Nil where no card is to be read.
    static func cardDesk(
        _ configuration: AgentConfiguration,
        clock: WallClock
    ) throws(ConfigurationError) -> CardDesk? {
        guard configuration.cards.isEnabled else { return nil }
        return CardDesk(
            roots: try configuration.cards.roots(),
            readsPhoto: false,
            clock: clock
        )
    }

    /// What runs for cards, the desk first.
    ///
    /// Services stop in the reverse order, and the end of the desk ends what the others listen to.
    /// They listen from here on, before it starts.
    static func cardServices(
        _ desk: CardDesk,
        _ store: AgentStore,
        _ outbox: Outbox,
        _ configuration: AgentConfiguration,
        _ devices: DeviceWiring,
        _ logger: Logger
    ) -> [any Service] {
        let facts = CardFacts(
            readings: desk.readings(),
            store: store,
            outbox: outbox,
            folder: IdentityFolder(state: configuration.stateDirectory),
            logger: logger
        )
        let policy = CardPolicy(
            desk: desk,
            store: store,
            mayReadPhoto: configuration.cards.mayReadPhoto
        )
        let readers = ReaderFacts(
            desk: desk,
            changes: desk.changes(),
            driver: configuration.cards.testRoots.isEmpty ? .belgium : .withTestRoots,
            facts: devices.facts,
            board: devices.board,
            clock: store.clock
        )
        let watch = CardReaderWatch(logger: logger) { desk.relist() }
        return [CardService(desk: desk, logger: logger), facts, policy, readers, watch]
    }
}
