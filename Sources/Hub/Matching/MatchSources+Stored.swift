import Postgres
import Shared

extension MatchSources {
    /// The signals as the Hub stores them.
    static let stored = MatchSources(atWorkstation: contexts, sent: SentPatients.answer)

    /// The contexts that held when the reading was captured, by the same PC's clock.
    private static let contexts: Answer = { places, connection in
        let rows = try await connection.query(
            """
            SELECT place.number, context.patient_id
            FROM \(table(of: places)) JOIN workstation_context AS context
                ON context.agent_id = place.agent AND context.started_at <= place.captured_at
                AND coalesce(context.ended_at, 'infinity') >= place.captured_at
            JOIN site ON site.id = context.site_id
                AND context.started_at + site.context_minutes * interval '1 minute'
                    >= place.captured_at
            """
        )
        return try sets(rows, places)
    }

    private static func table(of places: [Place]) -> PostgresQuery {
        """
        unnest(\(places.map(\.agent))::uuid[], \(places.map(\.source))::text[],
            \(places.map(\.capturedAt.description))::text[]::timestamptz[])
            WITH ORDINALITY AS place (agent, source, captured_at, number)
        """
    }

    private static func sets(_ rows: [PostgresRow], _ places: [Place]) throws -> [Set<Identifier>] {
        var answers = places.map { _ in Set<Identifier>() }
        for row in rows {
            answers[try row.decode("number", as: Int.self) - 1]
                .insert(try row.decode("patient_id"))
        }
        return answers
    }
}
