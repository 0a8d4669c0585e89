import Postgres
import Shared
import Sync

/// A refraction of a patient that can be sent along to a phoropter: a choice for a person, with the
/// numbers as they would be written.
struct RefractionOffer: Sendable {
    let reading: Identifier
    let revision: Int
    let source: Command.Refraction.Source
    let model: String?
    /// The Agent's clock when it was taken.
    let capturedAt: Instant
    let refraction: Command.Refraction
    /// The reading itself, for showing it as everywhere else.
    let shown: Reading

    /// Older than this, a person is told so.
    static let oldAfter = Duration.seconds(90 * 86400)
    private static let perKind = 3

    /// The name of the choice in a form: the reading and the revision that was seen.
    var formValue: String { "\(reading)/\(revision)" }

    /// The newest measurements that are matched with the patient and not rejected, by kind.
    static func all(
        of patient: Identifier,
        site: Identifier,
        _ database: PostgresClient
    ) async throws -> [RefractionOffer] {
        let rows = try await database.query(
            """
            SELECT reading.*, \(ReadingRecord.body)::text AS body FROM (
                SELECT reading.site_id, reading.id, reading.revision, reading.kind,
                    reading.device_model, reading.captured_at,
                    row_number() OVER (PARTITION BY reading.kind
                        ORDER BY reading.captured_at DESC, reading.id) AS place
                FROM reading JOIN reading_match AS match
                    ON match.site_id = reading.site_id AND match.reading_id = reading.id
                WHERE reading.site_id = \(site) AND match.state = 'matched'
                    AND match.patient_id IN (SELECT patient_records(\(patient)))
                    AND reading.role = 'measured' AND NOT reading.rejected
                    AND reading.kind IN ('objectiveRefraction', 'lensmetry',
                        'subjectiveRefraction')
            ) AS reading WHERE place <= \(perKind * 4) ORDER BY kind, captured_at DESC
            """
        )
        var counts: [Command.Refraction.Source: Int] = [:]
        return try rows.compactMap { row in
            guard let offer = try RefractionOffer(row) else { return nil }
            counts[offer.source, default: 0] += 1
            return counts[offer.source, default: 0] <= perKind ? offer : nil
        }
    }

    private init?(_ row: PostgresRow) throws {
        let body = Array(try row.decode("body", as: String.self).utf8)
        guard let reading = try? JSON.decode(Reading.self, from: body) else { return nil }
        let source: Command.Refraction.Source
        switch reading.kind {
        case .objectiveRefraction: source = .objective
        case .lensmetry: source = .spectacles
        // Of a phoropter's data sets, the one that its user accepted.
        case .subjectiveRefraction where reading.label.lowercased() == "prescription":
            source = .lastPrescription
        default: return nil
        }
        guard let refraction = Command.Refraction(reading, as: source) else { return nil }
        self.reading = try row.decode("id")
        revision = try row.decode("revision")
        self.source = source
        model = try row.decode("device_model")
        capturedAt = try row.decode("captured_at")
        self.refraction = refraction
        shown = reading
    }
}

extension Command.Refraction {
    /// The far powers of a reading, as lists show them; nil where no eye has any that can be sent.
    ///
    /// Powers are rounded to hundredths, which is how they are shown and written.
    init?(_ reading: Reading, as source: Source) {
        let right = Powers(reading.values.filter { $0.eye == .right })
        let left = Powers(reading.values.filter { $0.eye == .left })
        guard right != nil || left != nil else { return nil }
        func both(_ quantity: Quantity) -> ExactDecimal? {
            let values = reading.values.filter {
                $0.eye == .both && $0.quantity == quantity && $0.shot == nil
                    && $0.distance != .near
            }
            // Several that differ are none that can be chosen here.
            let numbers = Set(values.compactMap { $0.value?.trimmed })
            return numbers.count == 1 ? numbers.first?.rounded(to: 2) : nil
        }
        self.init(
            source: source,
            measuredAt: reading.measuredAt,
            right: right,
            left: left,
            vertexDistance: both(.vertexDistance),
            pupillaryDistance: both(.pupillaryDistance)
        )
    }
}

extension Command.Refraction.Powers {
    fileprivate init?(_ values: [ReadingValue]) {
        guard let chosen = Measurement(values, around: [.sphere, .cylinder]),
            chosen.anchor.distance != .near,
            let sphere = chosen.first(.sphere)?.value?.rounded(to: 2)
        else { return nil }
        let cylinder = chosen.first(.cylinder)?.value?.rounded(to: 2)
        var axis: Int?
        if let cylinder, !cylinder.isZero {
            guard cylinder < 0, let number = chosen.first(.axis)?.value?.rounded(to: 0)?.unscaled
            else { return nil }
            axis = number == 0 ? 180 : Int(number)
        }
        let addition = chosen.addition?.value?.rounded(to: 2)
        self.init(
            sphere: sphere,
            cylinder: cylinder,
            axis: axis,
            addition: addition.flatMap { $0 > 0 ? $0 : nil }
        )
    }
}
