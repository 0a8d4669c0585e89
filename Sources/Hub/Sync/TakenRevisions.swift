import DeviceFormats
import Postgres
import Shared
import Sync

/// Fits an agent's readings behind revisions that a person took at the Hub.
///
/// The agent does not know of those: its next revision would carry a number that is taken, and
/// lack the eye that the Hub decoded. Its number counts on behind them, and what it lacks is joined.
struct TakenRevisions: Sendable {
    let site: Identifier

    /// Asks for what people have taken of these readings: mostly nothing.
    func query(for readings: [StoredReading]) -> PostgresQuery {
        """
        SELECT taken.reading_id, taken.count, \(ReadingRecord.body)::text AS body
        FROM (
            SELECT reading_id, count(*) AS count FROM reading_revision
            WHERE site_id = \(site) AND taken_by IS NOT NULL
                -- At most sites, nobody ever took one: nothing is looked for then.
                AND EXISTS (
                    SELECT FROM reading_revision
                    WHERE site_id = \(site) AND taken_by IS NOT NULL)
                AND reading_id = ANY(\(PostgresColumn.identifiers(readings.map(\.fact.id)))::uuid[])
            GROUP BY reading_id
        ) AS taken
        JOIN reading ON reading.site_id = \(site) AND reading.id = taken.reading_id
        """
    }

    /// The facts as they are to be stored, by what the query gave.
    func fitted(_ readings: [StoredReading], _ rows: [PostgresRow]) throws -> [StoredReading] {
        var taken: [Identifier: (count: Int, newest: Reading?)] = [:]
        for row in rows {
            let body: String = try row.decode("body")
            taken[try row.decode("reading_id")] = (
                try row.decode("count"), try? JSON.decode(Reading.self, from: Array(body.utf8))
            )
        }
        return readings.map { reading in
            let fact = reading.fact
            guard let (count, newest) = taken[fact.id] else { return reading }
            var fitted = reading
            fitted.fact.revision += count
            if let newest, !fact.reading.holdsDocuments(of: newest),
                let joined = DeviceFormats.joined(newest, with: fact.reading)
            {
                fitted.fact.reading = joined
                fitted.text = nil
            }
            return fitted
        }
    }
}

extension Reading {
    /// True where every document of `other` is one of this reading's too.
    fileprivate func holdsDocuments(of other: Reading) -> Bool {
        let own = Set(documents.map(\.sha256))
        return other.documents.allSatisfy { own.contains($0.sha256) }
    }
}
