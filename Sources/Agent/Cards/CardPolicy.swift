import ServiceLifecycle
import Sync

/// Has the photo read where the site asks for it and this PC does not forbid it; nowhere else.
struct CardPolicy: Service {
    let desk: CardDesk
    let store: AgentStore
    /// What this PC's configuration says: it can forbid, and never allow.
    let mayReadPhoto: Bool

    func run() async throws {
        let changes = store.configurationChanges.changes(beginning: true)
        await cancelWhenGracefulShutdown {
            for await _ in changes { await apply() }
        }
    }

    /// What cannot be looked up is not allowed.
    func apply() async {
        let site = try? await PulledConfiguration(store: store).site()
        desk.setReadsPhoto(mayReadPhoto && site?.readsPhoto == true)
    }
}
