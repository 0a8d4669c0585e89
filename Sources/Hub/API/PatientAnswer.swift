import Shared

/// A patient's record as programs get it; no national number is in it.
struct PatientAnswer: Encodable, Sendable {
    let id: Identifier
    /// The clinic's own number, which devices carry.
    let number: String
    /// One more for each change.
    let version: Int
    /// `provisional`, `verified` or `archived`.
    let state: String
    let familyName: String
    let givenNames: String
    /// As far as it is known: `1985`, `1985-03` or `1985-03-14`; nil where it is not.
    let birthDate: String?
    let sex: String
    /// The record that stands for this one; its readings are there.
    let mergedInto: Identifier?
    /// True where a test card stands behind it: no person.
    let isTest: Bool
    let registeredAt: Instant
    let changedAt: Instant

    init(_ patient: Patient) {
        id = patient.id
        number = patient.number.description
        version = patient.version
        state = patient.state.rawValue
        familyName = patient.name.family
        givenNames = patient.name.given
        birthDate = patient.birthDate?.description
        sex = patient.sex.rawValue
        mergedInto = patient.mergedInto
        isTest = patient.isTest
        registeredAt = patient.createdAt
        changedAt = patient.changedAt
    }
}

/// Those who have a number: one or none.
struct PatientsAnswer: Encodable, Sendable {
    let patients: [PatientAnswer]
}

/// What a program is and may read.
struct TokenAnswer: Encodable, Sendable {
    struct Place: Encodable, Sendable {
        let id: Identifier
        let name: String
        let timeZone: String
    }

    let program: Identifier
    let name: String
    let permissions: [String]
    let sites: [Place]
    let expiresAt: Instant

    init(_ caller: ProgramCaller) {
        program = caller.program
        name = caller.name
        permissions = caller.permissions.map(\.rawValue).sorted()
        sites = caller.sites.map { Place(id: $0.id, name: $0.name, timeZone: $0.zone) }
        expiresAt = caller.expiresAt
    }
}
