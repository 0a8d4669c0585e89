import ArgumentParser
import Foundation
import Hub
import Postgres
import Shared

/// Prints a code, or puts it into the outbox of the Hub, which mails it.
func give(
    _ isMailed: Bool,
    _ account: Account,
    _ purpose: AccountCode.Purpose,
    _ desk: AccountDesk,
    _ configuration: HubConfiguration,
    _ client: PostgresClient
) async throws {
    guard isMailed else {
        let (code, until) = try await desk.code(for: account, purpose)
        print(handout(account, code, until, configuration))
        return
    }
    guard configuration.mail != nil else {
        throw ValidationError("mail.server is not set: the Hub mails nothing.")
    }
    let keys = try await SealingKeys.open(
        state: configuration.state,
        database: client,
        environment: ProcessInfo.processInfo.environment,
        clock: .system
    )
    let outbox = MailOutbox(ring: keys.ring, clock: .system, origin: configuration.browserOrigin)
    try await desk.mailCode(for: account, purpose, outbox)
    print("The Hub mails it to \(account.email); clinic-hub mail list says when it has.")
}

/// What is handed to the person.
private func handout(
    _ account: Account,
    _ code: AccountCode,
    _ until: Instant,
    _ configuration: HubConfiguration
) -> String {
    let origin = configuration.browserOrigin ?? "https://THIS-HUB"
    return """
        \(code.text)

        For \(account.name), \(account.email): valid once, until \(until).
        It is typed at \(origin)/join, or opened as
          \(origin)/join?code=\(code.text)
        """
}
