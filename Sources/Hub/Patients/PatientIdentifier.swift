import Postgres
import Shared

/// The national register numbers of patients: sealed, found by a blind index, kept when they change.
enum PatientIdentifier {
    /// Where a number was learnt.
    enum Source: String, Sendable {
        case card, manual
    }

    /// What records a number needs beside the number itself.
    struct Recording: Sendable {
        let patient: Identifier
        let source: Source
        let account: Identifier?
        let ring: SealingRing
        let clock: WallClock
    }

    /// What finds a number without opening it.
    static func index(of number: NationalNumber, _ ring: SealingRing) -> [UInt8] {
        ring.blindIndex(of: number.digits, column: "national_number")
    }

    /// Notes that a patient has this number from now on; an earlier one still finds them.
    ///
    /// False where the number is another patient's.
    static func record(
        _ number: NationalNumber,
        _ recording: Recording,
        _ connection: PostgresConnection
    ) async throws -> Bool {
        let (id, now) = (recording.clock.identifier(), recording.clock.now())
        let index = index(of: number, recording.ring)
        // A number is one person's at every site.
        let known = try await Scope.hub.run(in: connection) {
            try await connection.query(
                """
                SELECT patient_survivor(patient_id) = patient_survivor(\(recording.patient))
                    AS same
                FROM patient_identifier WHERE kind = 'nationalNumber' AND value_index = \(index)
                """
            )
        }
        if let row = known.first { return try row.decode("same", as: Bool?.self) ?? false }
        try await connection.execute(
            """
            UPDATE patient_identifier SET ended_at = \(now)
            WHERE patient_id = \(recording.patient) AND kind = 'nationalNumber'
                AND ended_at IS NULL
            """
        )
        let sealed = try recording.ring.seal(Array(number.digits.utf8), at: place(id))
        try await connection.execute(
            """
            INSERT INTO patient_identifier (id, patient_id, kind, sealed_value, value_index, source,
                since, recorded_by)
            VALUES (\(id), \(recording.patient), 'nationalNumber', \(sealed), \(index),
                \(recording.source.rawValue), \(now), \(recording.account))
            """
        )
        return true
    }

    /// Whose number this is or was; nil where nobody's.
    static func holder(
        of number: NationalNumber,
        _ ring: SealingRing,
        _ database: PostgresClient
    ) async throws -> Identifier? {
        let rows = try await Scope.hub.run {
            try await database.query(
                """
                SELECT patient_survivor(patient_id) AS patient FROM patient_identifier
                WHERE kind = 'nationalNumber' AND value_index = \(index(of: number, ring))
                """
            )
        }
        return try rows.first?.decode("patient")
    }

    /// The number that is in force; nil where none is known.
    static func number(
        of patient: Identifier,
        _ ring: SealingRing,
        _ database: PostgresClient
    ) async throws -> NationalNumber? {
        let rows = try await database.query(
            """
            SELECT id, sealed_value FROM patient_identifier
            WHERE patient_id IN (SELECT patient_records(\(patient))) AND kind = 'nationalNumber'
                AND ended_at IS NULL
            ORDER BY since DESC LIMIT 1
            """
        )
        guard let row = rows.first else { return nil }
        let digits = try ring.open(try row.decode("sealed_value"), at: place(try row.decode("id")))
        return NationalNumber(String(decoding: digits, as: UTF8.self))
    }

    private static func place(_ id: Identifier) -> SealingRing.Place {
        SealingRing.Place("patient_identifier", "sealed_value", row: id)
    }
}
