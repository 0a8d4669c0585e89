import Foundation
import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Signs where the chain stands, every minute in which it has grown, into a file outside the
/// database.
struct AuditCheckpointService: Service {
    private let database: PostgresClient
    private let key: AuditKey
    private let file: AuditCheckpointFile
    private let mail: AuditCheckpointMail?
    private let clock: WallClock
    private let logger: Logger

    private static let interval = Duration.seconds(60)

    /// Takes what it is made of.
    init(
        database: PostgresClient,
        key: AuditKey,
        file: AuditCheckpointFile,
        mail: AuditCheckpointMail? = nil,
        clock: WallClock,
        logger: Logger
    ) {
        self.database = database
        self.key = key
        self.file = file
        self.mail = mail
        self.clock = clock
        self.logger = logger
    }

    /// Signs until the Hub stops, and once more then.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.attempt()
                try? await Task.sleep(for: Self.interval)
            }
        }
        await attempt()
    }

    /// Signs where the chain has grown since the last time; answers the new checkpoint.
    @discardableResult
    func sign() async throws -> AuditCheckpoint? {
        let rows = try await database.query("SELECT sequence, chain FROM audit_end()")
        guard let row = rows.first else { return nil }
        let sequence: Int64 = try row.decode("sequence")
        guard sequence > (try file.all().last?.sequence ?? 0) else { return nil }
        let checkpoint = try key.checkpoint(sequence, try row.decode("chain"), at: clock.now())
        try file.append(checkpoint)
        return checkpoint
    }

    /// Signs, and mails the newest checkpoint where that is due: by its time, or because it is the
    /// first under another key.
    func step() async throws {
        let before = mail == nil ? nil : try file.all().last
        let new = try await sign()
        guard let mail, let newest = new ?? before else { return }
        let isOtherKey = before != nil && before?.key != newest.key
        let isDue = try await mail.isDue()
        guard isOtherKey || isDue else { return }
        try await mail.post(newest, isUrgent: isOtherKey)
    }

    private func attempt() async {
        do {
            try await step()
        } catch {
            logger.error("no audit checkpoint", metadata: ["cause": "\(type(of: error))"])
        }
    }
}

/// `STATE/audit/checkpoints.jsonl`: one checkpoint a line, appended and made durable.
///
/// It belongs in another place than the database's backup: copied to where whoever owns the
/// database cannot write.
package struct AuditCheckpointFile: Sendable {
    package let path: String
    private let folder: String

    /// Takes the Hub's state folder.
    package init(state: String) {
        folder = state + "/audit"
        path = folder + "/checkpoints.jsonl"
    }

    /// Every checkpoint that can be read, in the order of the file.
    package func all() throws -> [AuditCheckpoint] {
        guard let content = FileManager.default.contents(atPath: path) else { return [] }
        return content.split(separator: 10).compactMap {
            try? JSON.decode(AuditCheckpoint.self, from: $0)
        }
    }

    func append(_ checkpoint: AuditCheckpoint) throws {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(
                atPath: path,
                contents: nil,
                attributes: [.posixPermissions: 0o600]
            )
        }
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: try JSON.encode(checkpoint) + [10])
        try handle.synchronize()
    }
}
