import Postgres
import Shared

@testable import Hub

/// Invented readings.
enum SampleReading {
    static func value(
        _ eye: Eye,
        _ quantity: Quantity,
        _ number: String?,
        _ unit: Unit = .dioptre,
        change: (inout ReadingValue) -> Void = { _ in }
    ) -> ReadingValue {
        var value = ReadingValue(
            eye: eye,
            quantity: quantity,
            value: number.flatMap { ExactDecimal($0) },
            unit: unit
        )
        value.path = "/R/Sph"
        change(&value)
        return value
    }

    static func refraction(
        _ values: [ReadingValue] = [
            value(.right, .sphere, "-2.25"), value(.right, .cylinder, "-0.75"),
            value(.right, .axis, "172", .degree), value(.left, .sphere, "-1.75"),
            value(.left, .cylinder, "0.00"),
        ],
        kind: ReadingKind = .subjectiveRefraction,
        problems: [ReadingProblem] = [],
        patient: DevicePatient = DevicePatient(familyName: "Testcase", givenName: "Amina"),
        label: String = "Prescription",
        role: ReadingRole = .measured,
        document: [UInt8] = Array("document".utf8)
    ) -> Reading {
        Reading(
            kind: kind,
            label: label,
            role: role,
            device: DeviceIdentity(manufacturer: "TOPCON", model: "CV-5000", serial: "1"),
            measuredAt: LocalTime("2026-11-20T10:14:37.218"),
            patient: patient,
            values: values,
            problems: problems,
            document: DocumentReference(
                sha256: Digest256(of: document),
                format: "joia",
                bytes: document.count,
                name: "one.xml"
            )
        )
    }

    static func record(_ reading: Reading, position: Int64 = 1) -> ReadingRecord {
        ReadingRecord(
            site: identifier(1),
            id: identifier(2),
            revision: 1,
            kind: reading.kind,
            label: reading.label,
            role: reading.role,
            deviceModel: reading.device.model,
            workstation: "Room 2",
            source: "phoropter",
            decoderVersion: 1,
            capturedAt: instant("2026-11-20T09:14:37.218Z"),
            receivedAt: instant("2026-11-20T09:14:38.000Z"),
            isRejected: reading.isRejected,
            position: position,
            reading: reading
        )
    }

    static func instant(_ text: String) -> Instant {
        guard let instant = Instant(text) else { preconditionFailure("an instant") }
        return instant
    }

    static func identifier(_ number: UInt8) -> Identifier {
        Identifier(derivedFrom: [[number]])
    }
}

/// Puts rows into the database as the agents' intake does.
struct SampleStore: Sendable {
    let database: PostgresClient
    let site: Identifier

    /// An enrolled agent, once.
    func agent(workstation: String = "Room 2") async throws -> Identifier {
        let id = Identifier(derivedFrom: [Array("agent".utf8), Array(workstation.utf8)])
        try await database.execute(
            """
            INSERT INTO agent (id, site_id, workstation, key_digest, certificate_serial,
                               certificate_expires_at)
            VALUES (\(id), \(site), \(workstation),
                    \(Digest256(of: id.bytes)), '1', '2027-02-01T00:00:00Z')
            ON CONFLICT DO NOTHING
            """
        )
        return id
    }

    /// A reading at the next position, announced as at a commit of the intake.
    @discardableResult
    func add(
        _ reading: Reading,
        number: Int,
        revision: Int = 1,
        workstation: String = "Room 2"
    ) async throws -> Identifier {
        let agent = try await agent(workstation: "Room 2")
        let id = Identifier(derivedFrom: [Array("reading \(number)".utf8)])
        let body = String(decoding: try JSON.encode(reading), as: UTF8.self)
        let captured = SampleReading.instant("2026-11-20T09:14:37.218Z")
        try await database.withTransaction { connection in
            let rows = try await connection.query(
                """
                UPDATE site SET reading_position = reading_position + 1 WHERE id = \(site)
                RETURNING reading_position
                """
            )
            let position: Int64 = try rows.first?.decode("reading_position") ?? 0
            try await connection.execute(
                """
                INSERT INTO reading (site_id, id, revision, agent_id, kind, label, role,
                    device_model, workstation, source, decoder_version, captured_at, received_at,
                    rejected, flagged, position)
                VALUES (\(site), \(id), \(revision), \(agent), \(reading.kind.rawValue),
                    \(reading.label), \(reading.role.rawValue), \(reading.device.model),
                    \(workstation), 'phoropter', 1, \(captured), \(captured),
                    \(reading.isRejected), \(!reading.problems.isEmpty), \(position))
                ON CONFLICT (site_id, id) DO UPDATE SET revision = EXCLUDED.revision,
                    rejected = EXCLUDED.rejected, flagged = EXCLUDED.flagged,
                    position = EXCLUDED.position
                """
            )
            try await connection.execute(
                """
                INSERT INTO reading_revision (site_id, reading_id, revision, agent_id,
                    captured_at, decoder_version, body)
                VALUES (\(site), \(id), \(revision), \(agent), \(captured), 1, \(body)::json)
                """
            )
            try await connection.execute(
                "INSERT INTO match_work (site_id, reading_id) VALUES (\(site), \(id))"
            )
            let payload = "\(site)/\(id)/\(position)"
            try await connection.execute("SELECT pg_notify('reading', \(payload))")
        }
        return id
    }

    /// A document with its bytes.
    func add(
        document bytes: [UInt8],
        name: String,
        failure: DocumentFailure? = nil,
        receivedAt: String = "2026-11-20T09:14:38.000Z"
    ) async throws -> Digest256 {
        let agent = try await agent()
        let digest = Digest256(of: bytes)
        try await database.execute(
            """
            INSERT INTO document (site_id, sha256, agent_id, bytes, name, format,
                decoder_version, source, captured_at, received_at, failure_code,
                failure_detail, failure_at, partial, content)
            VALUES (\(site), \(digest), \(agent), \(bytes.count), \(name), 'joia', 1,
                'phoropter', \(receivedAt)::timestamptz, \(receivedAt)::timestamptz,
                \(failure?.code.rawValue), \(failure?.detail), \(failure?.at), false, \(bytes))
            """
        )
        return digest
    }
}
