import Logging
import Shared
import Sync

/// Follows the Hub's event stream; each hint rings the pull's doorbell.
///
/// Losing it costs nothing but time: the reconcile interval finds what a hint would have said.
struct HintListener: Sendable {
    let client: HubClient
    let doorbell: Doorbell
    let logger: Logger

    /// Listens until the task is cancelled.
    func run() async {
        var attempts = 0
        while !Task.isCancelled {
            do {
                try await client.hints { _ in doorbell.ring() }
                attempts = 0
            } catch {
                attempts += 1
                logger.debug("event stream ended", metadata: ["code": "\(error.code)"])
            }
            let pause = Backoff.delay(
                attempts,
                .unreachable(""),
                jitter: Double.random(in: 0.5..<1)
            )
            try? await Task.sleep(for: .milliseconds(pause))
        }
    }
}
