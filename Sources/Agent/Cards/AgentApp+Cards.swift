import Logging
import ServiceLifecycle
import Shared

extension AgentApp {
    /// Nil where no card is to be read.
    static func desk(
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
}
