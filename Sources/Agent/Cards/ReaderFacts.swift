import ServiceLifecycle
import Shared
import Sync

/// Tells of card readers as of devices, whenever one comes, goes, or cannot be used.
struct ReaderFacts: Service {
    let desk: CardDesk
    /// Asked for before the desk starts.
    let changes: AsyncStream<Void>
    let driver: CardReaderDriver
    let facts: DeviceFacts
    let board: DeviceBoard
    let clock: WallClock

    func run() async throws {
        await facts.load()
        await cancelWhenGracefulShutdown {
            var devices = ReaderDevices(driver, told: facts.written)
            for await _ in changes {
                for state in devices.take(desk.board, at: clock.now()) {
                    _ = board.note(state)
                    facts.note(state.fact())
                }
            }
        }
    }
}
