import ArgumentParser
import Hub
import Postgres

/// `clinic-hub migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's tables up to date; serve does so by itself.",
        discussion: "Running it twice changes nothing. Several Hubs may do it at once."
    )

    @OptionGroup var arguments: HubArguments

    func run() async throws {
        try await arguments.withDatabase { _, client in
            let rows = try await client.query(
                "SELECT max(number) AS newest FROM schema_migration"
            )
            let newest: Int = try rows.first?.decode("newest") ?? 0
            print("The tables are up to date (migration \(newest)).")
        }
    }
}
