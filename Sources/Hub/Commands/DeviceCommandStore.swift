import Postgres
import Shared
import Sync

/// Sends patients to devices: writes commands into the streams of their PCs, and takes them back.
struct DeviceCommandStore: Sendable {
    let database: PostgresClient
    let clock: WallClock

    /// How long after its time a command whose PC has not answered stays in the stream.
    static let patience = Duration.seconds(24 * 3600)

    /// Issues a command for `patient` to `destination` and wakes its PC.
    ///
    /// What it says of the patient is in the stream alone, and for that PC alone. `destination` is
    /// one of the site's, as `SendDestination.all` has just given it. Throws `PostgresError`.
    func issue(
        _ patient: Patient,
        to destination: SendDestination,
        _ offers: [RefractionOffer],
        site: Identifier,
        by account: Identifier
    ) async throws -> Identifier {
        let (id, now) = (clock.identifier(), clock.now())
        return try await database.withTransaction { connection in
            let rows = try await connection.query("SELECT command_fence FROM hub")
            guard let fence = try rows.first?.decode("command_fence", as: Int64.self) else {
                throw PostgresError.undecodable
            }
            let command = Command(
                id: id,
                device: destination.device,
                kind: destination.kind,
                issuedAt: now,
                expiresAt: now.advanced(by: destination.kind.lifetime),
                fence: fence,
                patient: Command.Patient(patient),
                refractions: offers.map(\.refraction)
            )
            try await connection.execute(
                """
                INSERT INTO device_command (id, site_id, agent_id, device_key, patient_id, kind,
                    reading_ids, fence, issued_by, issued_at, expires_at)
                VALUES (\(id), \(site), \(destination.agent), \(destination.device),
                    \(patient.id), \(destination.kind.rawValue),
                    \(offers.map(\.reading.description))::text[]::uuid[], \(fence), \(account),
                    \(now), \(command.expiresAt))
                """
            )
            try await ChangeStore.write(
                site: site,
                class: Self.stream(of: destination.agent),
                key: Command.keyPrefix + id.description,
                payload: try JSON.encode(command),
                in: connection
            )
            return id
        }
    }

    /// Takes a command back; false where it was over, or is not this site's.
    ///
    /// Its PC may have delivered it already: then that is what it will answer, and what is shown.
    func cancel(_ id: Identifier, site: Identifier, by account: Identifier) async throws -> Bool {
        let now = clock.now()
        return try await database.withTransaction { connection in
            let rows = try await connection.query(
                """
                UPDATE device_command SET state = 'cancelled', settled_at = \(now),
                    cancelled_by = \(account)
                WHERE id = \(id) AND site_id = \(site) AND settled_at IS NULL
                RETURNING agent_id
                """
            )
            guard let row = rows.first else { return false }
            let agent: Identifier = try row.decode("agent_id")
            try await Self.withdraw([id], site: site, agent: agent, connection)
            return true
        }
    }

    /// The newest commands of a site, or those for one patient.
    func recent(
        site: Identifier,
        patient: Identifier? = nil,
        limit: Int
    ) async throws -> [DeviceCommand] {
        let rows = try await database.query(
            """
            \(DeviceCommand.records) WHERE command.site_id = \(site)
                AND (\(patient)::uuid IS NULL
                    OR command.patient_id IN (SELECT patient_records(\(patient)::uuid)))
            ORDER BY command.issued_at DESC, command.id DESC LIMIT \(limit)
            """
        )
        return try rows.map(DeviceCommand.init)
    }

    /// How many other patients of the site have the same name, as far as a list without numbers
    /// shows it.
    func homonyms(of patient: Identifier, site: Identifier) async throws -> Int {
        let rows = try await database.query(
            """
            SELECT count(*) AS n FROM patient
            JOIN patient AS other ON other.sort_key = patient.sort_key AND other.id <> patient.id
                AND other.merged_into IS NULL
            JOIN patient_site ON patient_site.patient_id = other.id
            WHERE patient.id = \(patient) AND patient_site.site_id = \(site)
            """
        )
        return try rows.first?.decode("n") ?? 0
    }

    /// Ends the commands of an agent that has not answered for a day after their time, so that what
    /// they say of patients does not stay in its stream.
    func giveUp(agent: Identifier) async throws {
        let now = clock.now()
        let limit = now.advanced(by: .zero - Self.patience)
        let overdue = try await database.query(
            """
            SELECT FROM device_command
            WHERE agent_id = \(agent) AND settled_at IS NULL AND expires_at < \(limit) LIMIT 1
            """
        )
        guard !overdue.isEmpty else { return }
        try await database.withTransaction { connection in
            let rows = try await connection.query(
                """
                UPDATE device_command SET state = 'expired', code = 'noAnswer',
                    settled_at = \(now)
                WHERE agent_id = \(agent) AND settled_at IS NULL AND expires_at < \(limit)
                RETURNING id, site_id
                """
            )
            for row in rows {
                try await Self.withdraw(
                    [try row.decode("id")],
                    site: try row.decode("site_id"),
                    agent: agent,
                    connection
                )
            }
        }
    }

    /// The agent's own stream.
    static func stream(of agent: Identifier) -> String { "work/\(agent)" }

    /// Removes commands from their agent's stream, with what they say of patients.
    static func withdraw(
        _ ids: [Identifier],
        site: Identifier,
        agent: Identifier,
        _ connection: PostgresConnection
    ) async throws {
        let name = stream(of: agent)
        for id in ids {
            let key = Command.keyPrefix + id.description
            let rows = try await connection.query(
                """
                SELECT FROM site_change
                WHERE site_id = \(site) AND class = \(name) AND key = \(key) AND kind = 'put'
                """
            )
            guard !rows.isEmpty else { continue }
            try await ChangeStore.write(
                site: site,
                class: name,
                key: key,
                payload: nil,
                in: connection
            )
        }
    }
}

extension Command.Patient {
    /// A patient as devices are told of them.
    init(_ patient: Patient) {
        let sex: String? =
            switch patient.sex.rawValue {
            case "f": "f"
            case "m": "m"
            default: nil
            }
        self.init(
            number: patient.number.description,
            familyName: patient.name.family,
            givenName: patient.name.given,
            birthDate: patient.birthDate?.date,
            sex: sex
        )
    }
}
