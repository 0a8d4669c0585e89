import Postgres
import Shared

@testable import Hub

/// Invented patients.
enum SamplePatient {
    /// The day of the tests' clock.
    static let today = CalendarDate("2026-11-20") ?? CalendarDate(daysSince1970: 0)

    static func draft(
        _ family: String = "Testcase",
        _ given: String = "Amina",
        born: String? = "1985-03-14",
        sex: Sex = .female
    ) throws -> PatientDraft {
        try PatientDraft(
            family: family,
            given: given,
            birthDate: born.flatMap { PartialDate($0) },
            sex: sex,
            today: today
        )
    }

    /// A record as the store would give it.
    static func patient(
        _ family: String = "Testcase",
        _ given: String = "Amina",
        born: String? = "1985-03-14",
        sequence: Int = 100_000,
        state: Patient.State = .provisional
    ) -> Patient {
        guard let number = PatientNumber(sequence: sequence) else {
            preconditionFailure("a number")
        }
        return Patient(
            id: Identifier(derivedFrom: [Array("patient \(sequence)".utf8)]),
            number: number,
            version: 1,
            name: PersonName(family: family, given: given),
            birthDate: born.flatMap { PartialDate($0) },
            sex: .female,
            state: state,
            source: .manual,
            mergedInto: nil,
            createdAt: SampleReading.instant("2026-11-20T09:14:37.218Z"),
            changedAt: SampleReading.instant("2026-11-20T09:14:37.218Z")
        )
    }
}

extension PeopleRig {
    var patients: PatientStore { PatientStore(database: database, clock: clock.wall) }

    /// A second site, which every account sees until a test says otherwise.
    func foreignSite() async throws -> Identifier {
        let foreign = SampleReading.identifier(9)
        try await database.execute(
            "INSERT INTO site (id, name) VALUES (\(foreign), 'Foreign') ON CONFLICT DO NOTHING"
        )
        return foreign
    }

    /// An account without a browser, for the author of changes.
    func account(_ name: String = "author") async throws -> Identifier {
        try await accounts.add(
            NewAccount(
                email: "\(name)@clinic.example",
                name: "Dr. \(name)",
                role: .clinician,
                password: Self.password
            )
        ).id
    }
}
