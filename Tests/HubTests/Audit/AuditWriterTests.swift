import Foundation
import Postgres
import Shared
import TestKit
import Testing

@testable import Hub

@Suite struct AuditWriterTests {
    private static func record(_ number: Int) -> AuditRecord {
        AuditRecord(
            at: Instant(milliseconds: Int64(number)),
            action: "GET /patients/{id}",
            account: Identifier(derivedFrom: [Array("account".utf8)]),
            subject: Identifier(derivedFrom: [Array("patient \(number % 3)".utf8)])
        )
    }

    private func with(_ body: (PostgresClient) async throws -> Void) async throws {
        try await TemporaryPostgres.withDatabase(migrations: try Migrations.all()) {
            try await body($0)
        }
    }

    private func export(_ database: PostgresClient) async throws -> [String] {
        var text = ""
        _ = try await AuditExport.write(database, checkpoints: []) { text += $0 }
        return text.split(separator: "\n").map(String.init)
    }

    private func fault(of lines: [String]) -> AuditVerifier.Fault? {
        var verifier = AuditVerifier()
        for line in lines {
            if let fault = verifier.take(line[...].utf8) { return fault }
        }
        return verifier.end()
    }

    @Test func `what two Hubs write at once is one chain without a gap`() async throws {
        try await with { database in
            let writers = [AuditWriter(database: database), AuditWriter(database: database)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask { try await writers[number % 2].record(Self.record(number)) }
                }
                try await group.waitForAll()
            }
            let lines = try await export(database)
            #expect(lines.count == 201)
            #expect(fault(of: lines) == nil)
        }
    }

    @Test(arguments: [
        "UPDATE audit_record SET body = '{}'", "DELETE FROM audit_record",
        "TRUNCATE audit_record",
    ])
    func `the table refuses every change but growth`(statement: String) async throws {
        try await with { database in
            try await AuditWriter(database: database).record(Self.record(1))
            await #expect(throws: PostgresError.self) {
                try await database.execute("\(unescaped: statement)")
            }
            #expect(try await export(database).count == 2)
        }
    }

    @Test func `whoever takes the trigger away is found out`() async throws {
        try await with { database in
            let writer = AuditWriter(database: database)
            for number in 1...3 { try await writer.record(Self.record(number)) }
            try await database.execute(
                "ALTER TABLE audit_record DISABLE TRIGGER audit_record_only_grows"
            )
            try await database.execute(
                "UPDATE audit_record SET body = replace(body, 'GET', 'PUT') WHERE sequence = 2"
            )
            #expect(fault(of: try await export(database)) == .altered(sequence: 2))
        }
    }

    @Test func `a checkpoint is signed once for each growth, and outlives the database`()
        async throws
    {
        try await with { database in
            try await TemporaryFolder.with { folder in
                let key = try AuditKey(
                    InstallationKey(credential: [UInt8](repeating: 7, count: 32))
                )
                let file = AuditCheckpointFile(state: folder)
                let service = AuditCheckpointService(
                    database: database,
                    key: key,
                    file: file,
                    clock: HandClock().wall,
                    logger: TemporaryPostgres.logger
                )
                #expect(try await service.sign() == nil)
                let writer = AuditWriter(database: database)
                for number in 1...3 { try await writer.record(Self.record(number)) }
                let signed = try #require(try await service.sign())
                #expect(signed.sequence == 3 && signed.isSigned)
                #expect(try await service.sign() == nil)
                #expect(try file.all() == [signed])
                var verifier = AuditVerifier(checkpoints: [signed], trustedKey: key.publicKey)
                for line in try await export(database).dropLast() {
                    #expect(verifier.take(line[...].utf8) == nil)
                }
                #expect(verifier.end() == .cutOff(known: 3, found: 2))
            }
        }
    }

    @Test func `every page of patients' data leaves a record, and so does who is refused`()
        async throws
    {
        try await PeopleRig.with { rig in
            try await rig.test { browser in
                let clinician = try await rig.signIn(browser)
                let it = try await rig.signIn(browser, role: .it)
                _ = try await clinician.get("/readings")
                _ = try await clinician.get("/agents")
                _ = try await it.get("/readings")
                let bodies = try await rig.database.query(
                    "SELECT body FROM audit_record ORDER BY sequence"
                ).map {
                    try JSON.decode(
                        AuditRecord.self,
                        from: Array($0.decode("body", as: String.self).utf8)
                    )
                }
                #expect(
                    bodies.map { "\($0.action) \($0.outcome)" } == [
                        "signIn allowed", "signIn allowed", "GET /readings allowed",
                        "GET /readings denied",
                    ]
                )
                #expect(bodies[2].account != bodies[3].account)
            }
        }
    }
}
