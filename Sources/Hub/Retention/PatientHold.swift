import HTTPTypes
import Postgres
import Shared

/// What keeps a record as it is, or from being ended.
struct PatientHold: Sendable {
    let kind: Kind
    let reason: String
    let since: Instant
    /// The name of whoever set it.
    let by: String

    /// Why a record is held.
    enum Kind: String, Sendable, CaseIterable {
        /// The patient has asked for it (GDPR, article 18): stored, and nothing else.
        case restriction
        /// A claim needs the record, beyond any term.
        case legalHold
    }
}

/// Holds, in Postgres; each is kept with who set and who lifted it.
struct PatientHoldStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// How long a reason may be.
    static let reasonLength = 3...500

    /// The holds of this very record that stand.
    func open(of patient: Identifier) async throws -> [PatientHold] {
        try await database.query(
            """
            SELECT kind, reason, set_at, account.name AS set_by
            FROM patient_hold JOIN account ON account.id = set_by
            WHERE patient_id = \(patient) AND lifted_at IS NULL ORDER BY kind DESC
            """
        ).compactMap { row in
            guard let kind = PatientHold.Kind(rawValue: try row.decode("kind")) else { return nil }
            return PatientHold(
                kind: kind,
                reason: try row.decode("reason"),
                since: try row.decode("set_at"),
                by: try row.decode("set_by")
            )
        }
    }

    /// Holds a record, and says so in the audit; false where it is held so already.
    func set(
        _ kind: PatientHold.Kind,
        on patient: Identifier,
        reason: String,
        by person: Person
    ) async throws -> Bool {
        try await database.withTransaction { connection in
            let added = try await connection.execute(
                """
                INSERT INTO patient_hold (id, patient_id, kind, reason, set_by, set_at)
                VALUES (\(clock.identifier()), \(patient), \(kind.rawValue), \(reason),
                    \(person.account.id), \(clock.now()))
                ON CONFLICT (patient_id, kind) WHERE lifted_at IS NULL DO NOTHING
                """
            )
            guard added == 1 else { return false }
            try await AuditWriter.append(
                kind == .restriction ? "restrictRecord" : "holdRecord",
                of: patient,
                by: person,
                clock,
                connection
            )
            return true
        }
    }

    /// Ends a hold, and says so in the audit; false where there is none.
    func lift(
        _ kind: PatientHold.Kind,
        from patient: Identifier,
        reason: String,
        by person: Person
    ) async throws -> Bool {
        try await database.withTransaction { connection in
            let lifted = try await connection.execute(
                """
                UPDATE patient_hold SET lifted_by = \(person.account.id),
                    lifted_at = \(clock.now()), lift_reason = \(reason)
                WHERE patient_id = \(patient) AND kind = \(kind.rawValue) AND lifted_at IS NULL
                """
            )
            guard lifted == 1 else { return false }
            try await AuditWriter.append(
                kind == .restriction ? "liftRestriction" : "liftHold",
                of: patient,
                by: person,
                clock,
                connection
            )
            return true
        }
    }
}

extension PageError {
    /// A restricted record, of which more than storing was asked.
    static let recordRestricted = PageError(
        status: .conflict,
        code: "recordRestricted",
        heading: "This record is restricted",
        happened: "The patient has asked that their record is kept and otherwise left alone, or it "
            + "is joined with such a record.",
        kept: "Nothing was changed or sent. What devices measure still reaches the record.",
        next: "A clinician can lift the restriction on the patient’s page, with a reason."
    )
}
