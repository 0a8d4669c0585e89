package import Postgres
package import Shared

/// Records whose term is over, and the two steps by which one ends.
package struct RetentionStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// Years after the last contact (law of 22 April 2019, article 35); the database asks the same.
    package static let years = 30
    /// Years after which a record is to be gone.
    package static let latestYears = 50
    /// Days after which whoever proposed a disposal may also confirm it.
    static let patience = 7

    /// Takes the database.
    package init(database: PostgresClient, clock: WallClock) {
        self.database = database
        self.clock = clock
    }

    /// A record whose term is over.
    package struct Due: Sendable {
        package let patient: Identifier
        package let number: String
        let name: PersonName
        package let lastContact: Instant
        /// True where the latest term is over as well.
        package let isOverdue: Bool
        /// `restriction`, `legalHold`; empty where nothing keeps it.
        package let holds: [String]
        /// The first step, where somebody has taken it.
        let proposal: Proposal?
    }

    struct Proposal: Sendable {
        let id: Identifier
        let reason: String
        let by: Identifier
        let name: String
        let at: Instant
    }

    /// Why a record does not end.
    enum Refusal: String, Error {
        case held = "CG001"
        case moved = "CG002"
        case tooSoon = "CG003"
        case knownElsewhere = "CG004"
        case beforeTerm = "CG005"
        case undecided = "CG006"
    }

    /// Every record of the scope's sites whose term is over, the longest ago first; of one alone
    /// where `patient` is given.
    package func due(of patient: Identifier? = nil, limit: Int = 500) async throws -> [Due] {
        let now = clock.now()
        let rows = try await database.query(
            """
            SELECT patient.id, patient.number, patient.family_name, patient.given_names,
                due.last_contact,
                due.last_contact <= \(now)::timestamptz - interval '50 years' AS overdue,
                array_remove(ARRAY[
                    CASE WHEN patient_is_held(patient.id, 'restriction') THEN 'restriction' END,
                    CASE WHEN patient_is_held(patient.id, 'legalHold') THEN 'legalHold' END],
                    NULL) AS holds,
                step.id AS step, step.reason, step.proposed_at, step.proposed_by, account.name
            FROM patients_due() AS due JOIN patient ON patient.id = due.id
                LEFT JOIN patient_disposal AS step ON step.patient_id = patient.id
                    AND step.withdrawn_at IS NULL AND step.disposed_at IS NULL
                LEFT JOIN account ON account.id = step.proposed_by
            WHERE \(patient)::uuid IS NULL OR patient.id = \(patient)::uuid
            ORDER BY due.last_contact, patient.number LIMIT \(limit)
            """
        )
        return try rows.map { row in
            var proposal: Proposal?
            if let step = try row.decode("step", as: Identifier?.self) {
                proposal = Proposal(
                    id: step,
                    reason: try row.decode("reason"),
                    by: try row.decode("proposed_by"),
                    name: try row.decode("name"),
                    at: try row.decode("proposed_at")
                )
            }
            return Due(
                patient: try row.decode("id"),
                number: try row.decode("number"),
                name: PersonName(
                    family: try row.decode("family_name"),
                    given: try row.decode("given_names")
                ),
                lastContact: try row.decode("last_contact"),
                isOverdue: try row.decode("overdue"),
                holds: try row.decode("holds"),
                proposal: proposal
            )
        }
    }

    /// The first step: says that a record is to end, and why.
    ///
    /// Throws `Refusal`, `PostgresError`.
    func propose(_ patient: Identifier, reason: String, by person: Person) async throws {
        guard let due = try await due(of: patient).first else {
            throw Refusal.beforeTerm
        }
        guard due.holds.isEmpty else { throw Refusal.held }
        try await database.withTransaction { connection in
            let added = try await connection.execute(
                """
                INSERT INTO patient_disposal (id, patient_id, reason, proposed_by, proposed_at)
                VALUES (\(clock.identifier()), \(patient), \(reason), \(person.account.id),
                    now())
                ON CONFLICT (patient_id) WHERE withdrawn_at IS NULL AND disposed_at IS NULL
                    DO NOTHING
                """
            )
            guard added == 1 else { throw Refusal.moved }
            try await AuditWriter.append(
                "proposeDisposal",
                of: patient,
                by: person,
                clock,
                connection
            )
        }
    }

    /// Whether there is such a proposal, whatever became of it.
    func knows(_ proposal: Identifier) async throws -> Bool {
        try await database.query(
            "SELECT FROM patient_disposal WHERE id = \(proposal)"
        ).isEmpty == false
    }

    /// Takes the first step back.
    ///
    /// Throws `Refusal`, `PostgresError`.
    func withdraw(_ proposal: Identifier, by person: Person) async throws {
        try await database.withTransaction { connection in
            let rows = try await connection.query(
                """
                UPDATE patient_disposal SET withdrawn_at = \(clock.now()),
                    withdrawn_by = \(person.account.id)
                WHERE id = \(proposal) AND withdrawn_at IS NULL AND disposed_at IS NULL
                RETURNING patient_id
                """
            )
            guard let row = rows.first else { throw Refusal.moved }
            try await AuditWriter.append(
                "withdrawDisposal",
                of: row.decode("patient_id"),
                by: person,
                clock,
                connection
            )
        }
    }

    /// The second step: the record ends, for good.
    ///
    /// `number` is typed by whoever confirms. Throws `Refusal`, `PostgresError`.
    func dispose(_ proposal: Identifier, number: PatientNumber, by person: Person) async throws {
        do {
            try await database.withTransaction { connection in
                let rows = try await connection.query(
                    """
                    SELECT patient.id FROM patient_disposal AS step
                    JOIN patient ON patient.id = step.patient_id
                    WHERE step.id = \(proposal) AND patient.number = \(number.description)
                    """
                )
                guard let row = rows.first else { throw Refusal.moved }
                try await withdrawCommands(of: row.decode("id"), connection)
                try await connection.execute(
                    "SELECT dispose_patient(\(proposal), \(person.account.id))"
                )
                try await AuditWriter.append(
                    "disposeRecord",
                    of: row.decode("id"),
                    by: person,
                    clock,
                    connection
                )
            }
        } catch let error as PostgresError {
            guard let refusal = error.sqlState.flatMap({ Refusal(rawValue: $0.code) }) else {
                throw error
            }
            throw refusal
        }
    }

    /// What PCs were told of the person is in their streams no more, also where none ever answered.
    private func withdrawCommands(
        of patient: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        let rows = try await connection.query(
            """
            SELECT id, site_id, agent_id FROM device_command
            WHERE patient_id IN (SELECT patient_records(\(patient)))
            """
        )
        for row in rows {
            try await DeviceCommandStore.withdraw(
                [try row.decode("id")],
                site: try row.decode("site_id"),
                agent: try row.decode("agent_id"),
                connection
            )
        }
    }
}
