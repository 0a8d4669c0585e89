import ArgumentParser
import Foundation
import Glibc
import Hub
import Logging
import Postgres
import Systemd

/// The options that every subcommand takes.
struct HubArguments: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("The YAML configuration file.", valueName: "file")
    )
    var configurationFile: String?

    @Option(help: ArgumentHelp("The Hub's own folder.", valueName: "dir"))
    var state: String?

    @Option(
        help: ArgumentHelp(
            "The clinic's own Postgres: postgres://user@host/database. A password belongs in "
                + "CLINIC_HUB_DATABASE_URL or a credential, for others see this command line.",
            valueName: "url"
        )
    )
    var database: String?

    @Flag(help: "Use a private Postgres cluster in the Hub's folder.")
    var embeddedPostgres = false

    /// The configuration with these options above everything else.
    func configuration(
        web: String? = nil,
        agents: String? = nil
    ) async throws -> HubConfiguration {
        try await HubConfiguration(
            options: HubOptions(
                configurationFile: configurationFile,
                state: state,
                databaseURL: database,
                usesEmbeddedPostgres: embeddedPostgres,
                web: web,
                agents: agents
            ),
            environment: ProcessInfo.processInfo.environment
        )
    }

    /// Lends `body` the configuration and its database.
    ///
    /// With `onWall` a role that is more than it should be is lent all the same, and it is called
    /// where there is no wall to work behind.
    func withDatabase<Value>(
        onWall: ((WallError) throws -> Value)? = nil,
        _ body: (HubConfiguration, PostgresClient) async throws -> Value
    ) async throws -> Value {
        try await orExit {
            let configuration = try await configuration()
            var logger = Logger(label: "clinic-hub") { JournalLogHandler(label: $0) }
            logger.logLevel = .warning
            do {
                return try await HubDatabase.withClient(
                    configuration,
                    needsWall: onWall == nil,
                    logger: logger
                ) { client in
                    try await Scope.command.run { try await body(configuration, client) }
                }
            } catch let error as WallError {
                guard let onWall else { throw error }
                return try onWall(error)
            }
        }
    }
}

/// Ends the command with one line and a status of sysexits(3) where `body` fails.
func orExit<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let error as ConfigurationError {
        throw fail(EX_CONFIG, "\(error)")
    } catch let error as WallError {
        throw fail(EX_CONFIG, "\(error)")
    } catch let error as AccountError {
        throw fail(EX_DATAERR, "\(error)")
    } catch let error as ProgramError {
        throw fail(EX_DATAERR, "\(error)")
    } catch let error as PostgresError {
        throw fail(EX_UNAVAILABLE, sentence(error))
    } catch let error as ExitCode {
        throw error
    } catch let error as ValidationError {
        throw error
    } catch {
        throw fail(EX_SOFTWARE, "\(error)")
    }
}

/// What went wrong with the database, and what to do.
private func sentence(_ error: PostgresError) -> String {
    guard case .migration(let problem) = error.code else { return "the database: \(error)" }
    return switch problem {
    case .databaseIsNewer(let number):
        "the database was made by a newer Hub (migration \(number)); install that or a later one."
    case .changed(let number):
        "migration \(number) of this Hub is not the one that the database had; the two do not "
            + "belong together. Use the Hub that made it, or another state folder."
    default: "the database's tables and this Hub do not belong together: \(problem)"
    }
}

private func fail(_ status: Int32, _ sentence: String) -> ExitCode {
    FileHandle.standardError.write(Data("clinic-hub: \(sentence)\n".utf8))
    return ExitCode(status)
}
