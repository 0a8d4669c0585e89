import Postgres
import Shared
import Sync

/// Where a patient lives; every earlier address is kept.
struct PatientAddress: Sendable, Equatable {
    let street: String
    let postalCode: String
    let municipality: String

    /// The address of a card; nil where it has none.
    init?(_ card: CardAddress) {
        let parts = [card.street, card.postalCode, card.municipality].map(\.trimmed)
        guard parts.contains(where: { !$0.isEmpty }) else { return nil }
        street = String(parts[0].prefix(200))
        postalCode = String(parts[1].prefix(20))
        municipality = String(parts[2].prefix(200))
    }

    private init(_ row: PostgresRow) throws {
        street = try row.decode("street")
        postalCode = try row.decode("postal_code")
        municipality = try row.decode("municipality")
    }

    /// `Rue de la Loi 16, 1000 Bruxelles`.
    var line: String {
        let place = [postalCode, municipality].filter { !$0.isEmpty }.joined(separator: " ")
        return [street, place].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// The address in force; nil where none is known.
    static func of(
        _ patient: Identifier,
        _ database: PostgresClient
    ) async throws -> PatientAddress? {
        let rows = try await database.query(
            """
            SELECT street, postal_code, municipality FROM patient_address
            WHERE patient_id = \(patient) ORDER BY since DESC, id DESC LIMIT 1
            """
        )
        return try rows.first.map(PatientAddress.init)
    }

    /// Puts the address of a card in force.
    func record(
        of patient: Identifier,
        by account: Identifier,
        _ clock: WallClock,
        _ connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO patient_address (id, patient_id, street, postal_code, municipality, source,
                since, recorded_by)
            VALUES (\(clock.identifier()), \(patient), \(street), \(postalCode), \(municipality),
                'card', \(clock.now()), \(account))
            """
        )
    }
}
