import Postgres
import Shared

/// Whom the Hub sent to a device: a signal for whose a reading is.
enum SentPatients {
    /// How long after a delivery a reading may be that patient's.
    static let hours = 8

    /// For each place, the patients whom its device was given in the hours before.
    static func answer(
        _ places: [MatchSources.Place],
        _ connection: PostgresConnection
    ) async throws -> [Set<Identifier>] {
        guard !places.isEmpty else { return [] }
        let rows = try await connection.query(
            """
            SELECT place.number, patient_survivor(command.patient_id) AS patient
            FROM unnest(\(places.indices.map { Int64($0) })::bigint[],
                \(places.map(\.agent.description))::text[]::uuid[],
                \(places.map { "source:\($0.source)" })::text[],
                \(places.map(\.capturedAt.description))::text[]::timestamptz[])
                AS place (number, agent, device, captured_at)
            JOIN device_command AS command ON command.agent_id = place.agent
                AND command.device_key = place.device AND command.state = 'delivered'
                AND command.settled_at <= place.captured_at
                AND command.settled_at > place.captured_at
                    - make_interval(hours => \(Int64(hours))::integer)
            """
        )
        var answers = [Set<Identifier>](repeating: [], count: places.count)
        for row in rows {
            guard let patient = try row.decode("patient", as: Identifier?.self) else { continue }
            answers[Int(try row.decode("number", as: Int64.self))].insert(patient)
        }
        return answers
    }
}
