import Hummingbird
import Postgres
import Shared

/// What programs read: readings as they change, and patients.
///
/// docs/API.md describes it.
struct APIController: Sendable {
    let database: PostgresClient
    let readings: ReadingStore
    let patients: PatientStore

    /// Readings in one answer.
    private static let limits = 1...500
    private static let usualLimit = 100

    func addRoutes(to routes: inout Routes) {
        routes.getForProgram("/api/v1/token", .program) { visit in
            try APIAnswer.response(TokenAnswer(visit.program))
        }
        routes.getForProgram("/api/v1/readings", .readReadings, use: changes)
        routes.getForProgram("/api/v1/readings/{id}", .readReadings, use: reading)
        routes.getForProgram("/api/v1/patients", .readPatients, use: find)
        routes.getForProgram("/api/v1/patients/{id}", .readPatients, use: patient)
        routes.getForProgram("/api/v1/patients/{id}/readings", .readReadings, use: timeline)
    }

    /// What arrived or was matched since the last time, in that order.
    private func changes(_ visit: ProgramVisit) async throws -> Response {
        let site = try visit.program.site(named: visit.query["site"])
        let limit = try Self.limit(visit.query)
        let history = try await database.hubInstance()
        // Read before the list: what arrives between the two is more, never missed.
        let newest = try await readings.newestPosition(site: site.id)
        var after = ChangeCursor(history: history, position: 0)
        if let text = visit.query["after"] {
            guard let cursor = ChangeCursor(text) else { throw PageError.badRequest }
            guard cursor.history == history, cursor.position <= newest else {
                throw PageError.historyChanged
            }
            after = cursor
        }
        let found = try await readings.arrivals(
            site: site.id,
            after: after.position,
            limit: limit
        )
        let last = found.map(\.eventPosition).max() ?? after.position
        return try APIAnswer.response(
            ReadingsAnswer(
                readings: found.map { answer($0, visit) },
                next: ChangeCursor(history: history, position: last).text,
                hasMore: !found.isEmpty && last < newest
            )
        )
    }

    private func reading(_ visit: ProgramVisit) async throws -> Response {
        let site = try visit.program.site(named: visit.query["site"])
        guard let record = try await readings.reading(try Self.id(visit), site: site.id) else {
            throw PageError.notFound
        }
        return try APIAnswer.response(answer(record, visit))
    }

    private func find(_ visit: ProgramVisit) async throws -> Response {
        let site = try visit.program.site(named: visit.query["site"])
        guard let number = visit.query["number"].flatMap({ PatientNumber($0) }) else {
            throw PageError.badRequest
        }
        let patient = try await patients.patient(number: number, site: site.id)
        return try APIAnswer.response(
            PatientsAnswer(patients: patient.map { [PatientAnswer($0)] } ?? [])
        )
    }

    private func patient(_ visit: ProgramVisit) async throws -> Response {
        let site = try visit.program.site(named: visit.query["site"])
        guard let patient = try await patients.patient(try Self.id(visit), site: site.id) else {
            throw PageError.notFound
        }
        return try APIAnswer.response(PatientAnswer(patient))
    }

    /// A patient's readings at a site, the newest first.
    private func timeline(_ visit: ProgramVisit) async throws -> Response {
        let site = try visit.program.site(named: visit.query["site"])
        let limit = try Self.limit(visit.query)
        let cursor = try visit.query["after"].map { text throws(PageError) in
            guard let cursor = TimelineCursor(text) else { throw PageError.badRequest }
            return cursor
        }
        guard let patient = try await patients.patient(try Self.id(visit), site: site.id) else {
            throw PageError.notFound
        }
        let found = try await readings.list(
            of: patient.id,
            site: site.id,
            after: cursor,
            limit: limit + 1
        )
        let shown = Array(found.prefix(limit))
        let hasMore = found.count > limit
        return try APIAnswer.response(
            ReadingsAnswer(
                readings: shown.map { answer($0, visit) },
                next: hasMore ? shown.last.map { TimelineCursor($0).text } : nil,
                hasMore: hasMore
            )
        )
    }

    private func answer(_ record: ReadingRecord, _ visit: ProgramVisit) -> ReadingAnswer {
        ReadingAnswer(
            record,
            maySeePatients: visit.program.permissions.contains(.readPatients)
        )
    }

    /// The record that the address names.
    private static func id(_ visit: ProgramVisit) throws(PageError) -> Identifier {
        guard let id = visit.context.parameters.get("id").flatMap({ Identifier($0) }) else {
            throw .notFound
        }
        return id
    }

    private static func limit(_ query: Fields) throws(PageError) -> Int {
        guard let text = query["limit"] else { return usualLimit }
        guard let limit = Int(text), limits.contains(limit) else { throw .badRequest }
        return limit
    }
}
