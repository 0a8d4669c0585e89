import Postgres
import Shared
import TestKit
import Testing

@testable import Hub

/// What the role that the Hub serves as can do with the audit, whatever the scope.
@Suite struct AuditRoleTests {
    private func with(
        _ body: (_ owner: PostgresClient, _ serving: PostgresClient) async throws -> Void
    ) async throws {
        try await ServingDatabase.with { owner, serving in
            let writer = AuditWriter(database: serving)
            for number in Int64(1)...3 {
                try await writer.record(
                    AuditRecord(at: Instant(milliseconds: number), action: "signIn")
                )
            }
            try await body(owner, serving)
        }
    }

    private func fault(_ owner: PostgresClient) async throws -> AuditVerifier.Fault? {
        var verifier = AuditVerifier()
        var fault: AuditVerifier.Fault?
        _ = try await AuditExport.write(owner, checkpoints: []) { text in
            for line in text.utf8.split(separator: 10) where fault == nil {
                fault = verifier.take(line)
            }
        }
        return fault ?? verifier.end()
    }

    @Test(arguments: [
        "UPDATE audit_record SET body = '{}' WHERE sequence = 2",
        "UPDATE audit_record SET sequence = 9 WHERE sequence = 3",
        "DELETE FROM audit_record WHERE sequence = 3", "DELETE FROM audit_record",
        "TRUNCATE audit_record", "DROP TABLE audit_record", "DROP TABLE audit_record CASCADE",
        "ALTER TABLE audit_record DISABLE TRIGGER ALL",
        "ALTER TABLE audit_record DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE audit_record ADD COLUMN mine text",
        "ALTER TABLE audit_record RENAME TO mine",
        "DROP TRIGGER audit_record_follows ON audit_record",
        "DROP TRIGGER audit_record_only_grows ON audit_record",
        "CREATE TRIGGER mine BEFORE INSERT ON audit_record FOR EACH ROW "
            + "EXECUTE FUNCTION audit_refuse()",
        "CREATE RULE mine AS ON INSERT TO audit_record DO INSTEAD NOTHING",
        "CREATE OR REPLACE FUNCTION audit_follow() RETURNS trigger LANGUAGE plpgsql AS "
            + "'BEGIN RETURN NEW; END'",
        "MERGE INTO audit_record USING (SELECT 2 AS n) AS m ON sequence = n "
            + "WHEN MATCHED THEN DELETE",
        // A record that does not follow the last one.
        "INSERT INTO audit_record (sequence, body, chain) VALUES (5, '{\"at\":1,\"action\":\"x\"}', "
            + "decode(repeat('00', 32), 'hex'))",
        "INSERT INTO audit_record (sequence, body, chain) VALUES (4, '{\"at\":1,\"action\":\"x\"}', "
            + "decode(repeat('00', 32), 'hex'))",
        "INSERT INTO audit_record (sequence, body, chain) VALUES (0, '{\"at\":1,\"action\":\"x\"}', "
            + "decode(repeat('00', 32), 'hex'))",
        "INSERT INTO audit_record (sequence, body, chain) VALUES (2, '{\"at\":1,\"action\":\"x\"}', "
            + "decode(repeat('00', 32), 'hex')) ON CONFLICT (sequence) DO UPDATE SET body = '{}'",
        "COPY audit_record (sequence, body, chain) FROM '/etc/hostname'",
    ])
    func `the role that serves cannot change what was recorded`(statement: String) async throws {
        try await with { owner, serving in
            await #expect(throws: PostgresError.self) {
                try await Scope.command.run { try await serving.execute("\(unescaped: statement)") }
            }
            #expect(try await fault(owner) == nil)
            let rows = try await owner.query("SELECT count(*) AS n FROM audit_record")
            #expect(try rows.first?.decode("n", as: Int.self) == 3)
        }
    }

    @Test func `it reads the audit where that is what the visit is for, and nowhere else`()
        async throws
    {
        try await with { _, serving in
            var seen: [Int] = []
            for scope in [Scope(.some([]), [.audit]), .hub, .door] {
                try await scope.run {
                    let rows = try await serving.query("SELECT count(*) AS n FROM audit_record")
                    seen.append(try rows.first?.decode("n") ?? -1)
                }
            }
            #expect(seen == [3, 0, 0])
        }
    }

    @Test func `it adds to the audit in any scope, and in none`() async throws {
        try await with { owner, serving in
            let writer = AuditWriter(database: serving)
            try await Scope.entrance.run {
                try await writer.record(AuditRecord(at: Instant(milliseconds: 4), action: "x"))
            }
            try await writer.record(AuditRecord(at: Instant(milliseconds: 5), action: "x"))
            #expect(try await fault(owner) == nil)
            let rows = try await owner.query("SELECT sequence FROM audit_end()")
            #expect(try rows.first?.decode("sequence", as: Int.self) == 5)
        }
    }
}
