import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Compares the database with the witness at the start, and keeps the witness from then on: once a
/// minute, and when the Hub stops.
struct WitnessService: Service {
    let database: PostgresClient
    let file: WitnessFile
    let clock: WallClock
    let logger: Logger

    private static let interval = Duration.seconds(60)

    /// Begins a recovery where the database is older than it was; before any Agent is served.
    func check() async throws {
        let witnessed = file.read()
        let clock = clock
        let expected = try await database.withTransaction { connection in
            _ = try await connection.query("SELECT FROM hub FOR UPDATE")
            let present = try await Self.present(connection)
            guard let expected = witnessed.expected(behind: present) else {
                return nil as [Identifier: Witness.Mark]?
            }
            try await RecoveryLog(connection: connection, clock: clock)
                .begin(.witness, fence: witnessed.fence, expected: expected)
            return expected
        }
        if let expected {
            logger.error(
                "the database is older than it was: Agents are asked for what it lost",
                metadata: ["agents": "\(expected.count)"]
            )
        }
        try await write(since: witnessed)
    }

    func run() async throws {
        // Read back each time, so that what is compared with is what is durable.
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil { await keep() }
        }
        await keep()
    }

    /// A witness that cannot be kept is told and keeps nobody from working.
    private func keep() async {
        do {
            try await write(since: file.read())
        } catch {
            logger.warning("the witness is not kept", metadata: ["error": "\(type(of: error))"])
        }
    }

    private func write(since written: Witness) async throws {
        let present = try await database.withTransaction { try await Self.present($0) }
        try file.write(present, since: written)
    }

    private static func present(_ connection: PostgresConnection) async throws -> Witness {
        let hub = try await connection.query("SELECT instance, command_fence FROM hub")
        let agents = try await connection.query("SELECT id, epoch, applied, chain FROM agent")
        var marks: [Identifier: Witness.Mark] = [:]
        for row in agents {
            marks[try row.decode("id")] = Witness.Mark(
                epoch: try row.decode("epoch"),
                applied: try row.decode("applied"),
                chain: try row.decode("chain")
            )
        }
        return Witness(
            instance: try hub.first?.decode("instance"),
            fence: try hub.first?.decode("command_fence") ?? 0,
            marks: marks
        )
    }
}
