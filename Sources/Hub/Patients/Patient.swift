package import Postgres
package import Shared

/// A person whom the clinic treats, as the Hub knows them now.
package struct Patient: Sendable, Hashable {
    package let id: Identifier
    package let number: PatientNumber
    /// One more for each change; a form that was made from an older one is refused.
    package let version: Int
    package let name: PersonName
    /// As far as it is known; nil where it is not known at all.
    package let birthDate: PartialDate?
    package let sex: Sex
    package let state: State
    package let source: Source
    /// The record that stands for this one; nil where it stands for itself.
    package let mergedInto: Identifier?
    package let createdAt: Instant
    package let changedAt: Instant
    /// True where a card under a test root stands behind the record, or behind one that it stands for.
    package var isTest = false
    /// True where the record, or one that is joined with it, is kept and otherwise left alone.
    package var isRestricted = false

    /// How well a record is known to be right.
    package enum State: String, Sendable, CaseIterable {
        /// As somebody said.
        case provisional
        /// Compared with a card or another document.
        case verified
        /// Kept, and no longer in use.
        case archived
    }

    /// Where what the record says comes from.
    package enum Source: String, Sendable, CaseIterable {
        /// Typed by a person of ours.
        case manual
        /// Read from an identity card.
        case card
    }
}

extension Patient {
    package init(_ row: PostgresRow) throws {
        guard let number = PatientNumber(try row.decode("number", as: String.self)),
            let sex = Sex(rawValue: try row.decode("sex")),
            let state = State(rawValue: try row.decode("state")),
            let source = Source(rawValue: try row.decode("source"))
        else { throw PostgresError.undecodable }
        self.init(
            id: try row.decode("id"),
            number: number,
            version: try row.decode("version"),
            name: PersonName(
                family: try row.decode("family_name"),
                given: try row.decode("given_names")
            ),
            birthDate: try row.decode("birth_date", as: String?.self).flatMap { PartialDate($0) },
            sex: sex,
            state: state,
            source: source,
            mergedInto: try row.decode("merged_into"),
            createdAt: try row.decode("created_at"),
            changedAt: try row.decode("changed_at"),
            isTest: try row.decode("is_test"),
            isRestricted: try row.decode("is_restricted")
        )
    }

    /// What `init(_:)` reads of the table `patient`.
    package static let columns: PostgresQuery = """
        patient.id, patient.number, patient.version, patient.family_name, patient.given_names,
        patient.birth_date, patient.sex, patient.state, patient.source, patient.merged_into,
        patient.created_at, patient.changed_at,
        patient_is_test(patient.id) AS is_test,
        patient_is_held(patient.id, 'restriction') AS is_restricted
        """
}

/// One version of a patient's record: who said what, and when.
package struct PatientVersion: Sendable {
    package let version: Int
    package let name: PersonName
    package let birthDate: PartialDate?
    package let sex: Sex
    package let state: Patient.State
    package let source: Patient.Source
    package let changedAt: Instant
    /// The name of whoever changed it; nil where no person of ours did.
    package let changedBy: String?
}
