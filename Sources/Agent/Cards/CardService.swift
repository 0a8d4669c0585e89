import BelgianEID
import Logging
import ServiceLifecycle

/// Keeps the card desk open while the Agent runs.
struct CardService: Service {
    private let desk: CardDesk
    private let logger: Logger

    init(desk: CardDesk, logger: Logger) {
        self.desk = desk
        self.logger = logger
    }

    /// Runs until the service stops; logs outcomes and never what a card says.
    func run() async throws {
        let readings = desk.readings()
        desk.start()
        await cancelWhenGracefulShutdown {
            for await reading in readings {
                guard case .ended(let seat, let outcome, _, _) = reading else { continue }
                logger.info(
                    "a card was read",
                    metadata: ["reader": "\(seat.reader)", "outcome": "\(outcome.word)"]
                )
            }
        }
        desk.stop()
    }
}
