import Foundation
import Mail
import MailKit
import Postgres
import Shared
import TestKit
import Testing

@testable import Hub

struct AuditCheckpointMailTests {
    private func service(
        _ database: PostgresClient,
        _ folder: String,
        _ clock: HandClock,
        key: UInt8 = 7
    ) throws -> AuditCheckpointService {
        var settings = try #require(
            MailSettings(server: "localhost", from: "gateway@clinic.example")
        )
        settings.checkpoints = ["audit@other.example", "second@other.example"].compactMap {
            MailAddress($0)
        }
        return AuditCheckpointService(
            database: database,
            key: try AuditKey(InstallationKey(credential: [UInt8](repeating: key, count: 32))),
            file: AuditCheckpointFile(state: folder),
            mail: AuditCheckpointMail(
                settings,
                database: database,
                outbox: MailOutbox(ring: try .sample(), clock: clock.wall, origin: nil)
            ),
            clock: clock.wall,
            logger: TemporaryPostgres.logger
        )
    }

    private func record(_ database: PostgresClient, _ clock: HandClock) async throws {
        try await AuditWriter(database: database).record(
            AuditRecord(at: clock.wall.now(), action: "test")
        )
    }

    private func count(_ database: PostgresClient) async throws -> Int {
        try await database.query("SELECT count(*) AS n FROM mail_message").first?.decode("n") ?? 0
    }

    @Test func `a checkpoint goes out once a day to each, and at once under another key`()
        async throws
    {
        try await ServingDatabase.with(standing: { .hub }) { _, serving in
            try await TemporaryFolder.with { folder in
                let clock = HandClock()
                let service = try service(serving, folder, clock)
                try await service.step()
                // Nothing to vouch for yet.
                #expect(try await count(serving) == 0)
                try await record(serving, clock)
                try await service.step()
                #expect(try await count(serving) == 2)
                clock.advance(by: .seconds(86399))
                try await record(serving, clock)
                try await service.step()
                #expect(try await count(serving) == 2)
                // Also where nothing has happened since.
                clock.advance(by: .seconds(2))
                try await service.step()
                #expect(try await count(serving) == 4)
                try await record(serving, clock)
                try await self.service(serving, folder, clock, key: 8).step()
                #expect(try await count(serving) == 6)
            }
        }
    }

    @Test func `audit verify takes the attachment as a checkpoint, and finds what was cut off`()
        async throws
    {
        try await ServingDatabase.with(standing: { .hub }) { owner, serving in
            try await TemporaryFolder.with { folder in
                let clock = HandClock()
                for _ in 1...3 { try await record(serving, clock) }
                try await service(serving, folder, clock).step()
                let files = try await TestMailServer.with { server in
                    _ = try await MailService.sample(serving, server, clock: clock.wall).work()
                    let mails = try server.mails()
                    #expect(
                        mails.flatMap(\.recipients).sorted()
                            == ["audit@other.example", "second@other.example"]
                    )
                    return mails.flatMap(\.files)
                }
                #expect(files.first?.name == "checkpoint-3.jsonl")
                // As a mail program may save it.
                let text = try #require(files.first?.text).replacing("\n", with: "\r\n")
                let kept = try AuditCheckpoint.lines(of: Array(text.utf8))
                let key = try AuditKey(
                    InstallationKey(credential: [UInt8](repeating: 7, count: 32))
                ).publicKey
                func fault(_ lines: Int) async throws -> AuditVerifier.Fault? {
                    var whole = ""
                    _ = try await AuditExport.write(owner, checkpoints: []) { whole += $0 }
                    let text = whole.split(separator: "\n").prefix(lines)
                    let path = folder + "/export"
                    try (text.joined(separator: "\n") + "\n").write(
                        toFile: path,
                        atomically: true,
                        encoding: .utf8
                    )
                    var verifier = AuditVerifier(checkpoints: kept, trustedKey: key)
                    return try AuditFile.verify(path, &verifier)
                }
                #expect(try await fault(4) == nil)
                #expect(try await fault(3) == .cutOff(known: 3, found: 2))
                #expect(throws: (any Error).self) {
                    try AuditCheckpoint.lines(of: Array("no checkpoint\n".utf8))
                }
            }
        }
    }
}

extension MailSettings {
    init?(server: String, from: String) {
        guard let from = Mailbox(from) else { return nil }
        self.init(
            server: MailServer(host: server),
            from: from,
            checkpoints: [],
            checkpointEvery: .seconds(86400)
        )
    }
}
