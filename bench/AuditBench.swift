import ClinicRig
import Foundation
import Hub
import Logging
import Postgres
import ServiceLifecycle
import Shared

/// What the audit costs: to prove a long one, and to have every look at a page recorded.
struct AuditBench {
    let clinic: BenchClinic
    let records: Int

    func run() async throws -> [Figure] {
        try verify() + (try await verifyInPlace()) + (try await pages())
    }

    /// Records as the Hub writes them, of invented people, in a file as `audit export` writes it.
    private func verify() throws -> [Figure] {
        let path = clinic.rig.folder + "/audit.export"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let key = try AuditKey(InstallationKey(credential: [UInt8](repeating: 5, count: 32)))
        let checkpoints = try write(path, key)
        var verifier = AuditVerifier(checkpoints: checkpoints, trustedKey: key.publicKey)
        let start = ContinuousClock.now
        let fault = try AuditFile.verify(path, &verifier)
        let seconds = (.now - start).milliseconds / 1000
        guard fault == nil, verifier.records == Int64(records) else {
            throw RigError("the export does not hold: \(fault.map { "\($0)" } ?? "cut off")")
        }
        return [
            Figure(
                name: "verifying an export of \(records) audit records",
                value: seconds,
                unit: "s",
                promise: .atMost(5)
            )
        ]
    }

    /// Answers a checkpoint for every ten thousand records and the last.
    private func write(_ path: String, _ key: AuditKey) throws -> [AuditCheckpoint] {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw RigError("\(path) cannot be written")
        }
        defer { try? file.close() }
        var text = AuditExport.head + "\n"
        var chain = AuditChain.start
        var checkpoints: [AuditCheckpoint] = []
        for number in 1...Int64(records) {
            let body = try JSON.encode(Self.record(number))
            chain = AuditChain.next(after: chain, sequence: number, body: body)
            text += "\(number)\t\(chain.hexadecimal)\t\(String(decoding: body, as: UTF8.self))\n"
            guard number % 10_000 == 0 || number == records else { continue }
            try file.write(contentsOf: Data(text.utf8))
            text = ""
            let now = Instant(milliseconds: number)
            checkpoints.append(try key.checkpoint(number, chain, at: now))
        }
        return checkpoints
    }

    private static func record(_ number: Int64) -> AuditRecord {
        func identifier(_ word: String) -> Identifier {
            Identifier(derivedFrom: [Array("\(word) \(number % 500)".utf8)])
        }
        return AuditRecord(
            at: Instant(milliseconds: 1_763_629_200_000 + number),
            action: "GET /patients/{id}",
            account: identifier("account"),
            session: identifier("session"),
            subject: identifier("patient"),
            network: "192.0.2.0/24"
        )
    }

    /// A tenth as many, appended by the Hub's own writer and proved where they are.
    private func verifyInPlace() async throws -> [Figure] {
        try await withHub { client, _ in
            let writer = AuditWriter(database: client)
            let count = max(1, records / 10)
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<64 {
                    group.addTask {
                        for number in stride(from: worker, to: count, by: 64) {
                            try await writer.record(Self.record(Int64(number)))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let written = (.now - start).milliseconds / 1000
            var verifier = AuditVerifier()
            let begun = ContinuousClock.now
            let fault = try await AuditExport.verify(client, &verifier)
            let seconds = (.now - begun).milliseconds / 1000
            guard fault == nil else { throw RigError("the audit does not hold") }
            return [
                Figure(
                    name: "audit records appended by 64 at once",
                    value: Double(count) / written,
                    unit: "records/s"
                ),
                Figure(
                    name: "verifying the audit in its database",
                    value: Double(verifier.records) / seconds,
                    unit: "records/s"
                ),
            ]
        }
    }

    /// The same page with its look recorded and without, in turns, by sixteen browsers at once.
    private func pages() async throws -> [Figure] {
        try await withHub { client, ring in
            try await fill(client)
            let ports = (try ClinicRig.freePort(), try ClinicRig.freePort())
            let audited = try application(client, ring, port: ports.0, audit: nil)
            let silent = try application(client, ring, port: ports.1, audit: NoAudit())
            let browser = try await Browser(clinic.rig)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                for server: any Service in [audited.server, silent.server] {
                    group.addTask { try await server.run() }
                }
                defer { group.cancelAll() }
                let with = browser.at("http://127.0.0.1:\(ports.0)")
                let without = browser.at("http://127.0.0.1:\(ports.1)")
                for side in [with, without] { _ = try await count(side, for: .seconds(2)) }
                var (kept, bare) = (0, 0)
                for _ in 0..<6 {
                    bare += try await count(without, for: .seconds(2))
                    kept += try await count(with, for: .seconds(2))
                }
                return [
                    Figure(
                        name: "readings page, its look recorded",
                        value: Double(kept) / 12,
                        unit: "pages/s"
                    ),
                    Figure(
                        name: "the same page unrecorded",
                        value: Double(bare) / 12,
                        unit: "pages/s"
                    ),
                    Figure(
                        name: "what recording a look costs of a page's throughput",
                        value: 100 * (1 - Double(kept) / Double(max(1, bare))),
                        unit: "%",
                        promise: .atMost(15)
                    ),
                ]
            }
        }
    }

    /// How many pages sixteen browsers get in a while.
    private func count(_ browser: Browser, for time: Duration) async throws -> Int {
        let end = ContinuousClock.now + time
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var count = 0
                    while .now < end {
                        let answer = try await browser.get("/readings")
                        guard answer.status == 200 else {
                            throw RigError("/readings answered \(answer.status)")
                        }
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
    }

    private func application(
        _ client: PostgresClient,
        _ ring: SealingRing,
        port: Int,
        audit: (any AuditSink)?
    ) throws -> PeopleApplication {
        guard let address = ListeningAddress("127.0.0.1:\(port)") else {
            throw RigError("no address")
        }
        return try PeopleApplication(
            PeopleApplication.Settings(address: address),
            database: client,
            hasher: .standard(),
            ring: ring,
            clock: .system,
            logger: Self.logger,
            audit: audit
        )
    }

    /// A full page of readings.
    private func fill(_ client: PostgresClient) async throws {
        try await client.execute(
            """
            WITH text AS (
                INSERT INTO reading_revision (site_id, reading_id, revision, agent_id, captured_at,
                    decoder_version, body)
                SELECT site.id, gen_random_uuid(), 1, (SELECT id FROM agent LIMIT 1), now(), 1, body
                FROM site, generate_series(1, 60), (SELECT body FROM reading_revision LIMIT 1) AS one
                RETURNING *
            )
            INSERT INTO reading (site_id, id, revision, agent_id, kind, label, role, workstation,
                source, decoder_version, captured_at, rejected, flagged, position)
            SELECT text.site_id, reading_id, 1, agent_id, 'tonometry', 'Bench', 'measured', 'Room 1',
                'bench', 1, captured_at, false, false,
                site.reading_position + row_number() OVER ()
            FROM text JOIN site ON site.id = text.site_id
            """
        )
        try await client.execute("UPDATE site SET reading_position = reading_position + 60")
    }

    private func withHub<Value: Sendable>(
        _ body: (PostgresClient, SealingRing) async throws -> Value
    ) async throws -> Value {
        let configuration = try await HubConfiguration(
            options: HubOptions(state: clinic.rig.hubState, usesEmbeddedPostgres: true),
            environment: [:]
        )
        return try await HubDatabase.withClient(configuration, logger: Self.logger) { client in
            try await Scope.command.run {
                let keys = try await SealingKeys.open(
                    state: clinic.rig.hubState,
                    database: client,
                    environment: [:],
                    clock: .system
                )
                return try await body(client, keys.ring)
            }
        }
    }

    private static var logger: Logger {
        var logger = Logger(label: "bench")
        logger.logLevel = .error
        return logger
    }
}

/// Records nothing, to measure what recording costs.
private struct NoAudit: AuditSink {
    func record(_ record: AuditRecord) async throws {}
}
