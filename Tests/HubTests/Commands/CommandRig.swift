import Postgres
import Shared
import Sync
import Testing

@testable import Hub

/// A site with a PC, a device that takes patients, and one invented patient.
struct CommandRig: Sendable {
    let people: PeopleRig
    let site: Identifier
    let agent: EnrolledAgent
    let patient: Patient
    let store: DeviceCommandStore
    let changes: ChangeStore

    static func with(_ body: (CommandRig) async throws -> Void) async throws {
        try await PeopleRig.with { people in
            let site = try await people.site()
            let patients = PatientStore(database: people.database, clock: people.clock.wall)
            let today = try #require(CalendarDate("2026-11-20"))
            let patient = try await patients.register(
                PatientDraft(
                    family: "Probe",
                    given: "Zoë",
                    birthDate: PartialDate("1987-05-02"),
                    sex: .female,
                    today: today
                ),
                site: site,
                by: nil
            )
            let rig = CommandRig(
                people: people,
                site: site,
                agent: try await people.agent(),
                patient: patient,
                store: DeviceCommandStore(database: people.database, clock: people.clock.wall),
                changes: ChangeStore(database: people.database)
            )
            _ = try await people.accounts.add(
                NewAccount(
                    email: "sender@clinic.example",
                    name: "Sender",
                    role: .clinician,
                    password: PeopleRig.password
                )
            )
            try await body(rig)
        }
    }

    var account: Identifier {
        get async throws {
            let rows = try await people.database.query(
                "SELECT id FROM account WHERE email = 'sender@clinic.example'"
            )
            return try #require(rows.first).decode("id")
        }
    }

    /// A device as its Agent told of it, with what an administrator enabled.
    func device(
        _ kind: Command.Kind,
        enabled: [String]? = nil,
        accepts: [String]? = nil
    ) async throws {
        let key = "source:\(kind.rawValue.lowercased())"
        let id = Identifier(derivedFrom: [agent.id.bytes, Array(key.utf8)])
        let fact = DeviceFact(
            key: key,
            attachment: .folder,
            state: .ready,
            since: people.clock.wall.now(),
            accepts: accepts ?? [kind.rawValue]
        )
        let body = String(decoding: try JSON.encode(fact), as: UTF8.self)
        try await people.database.execute(
            """
            INSERT INTO device (id, site_id, agent_id, key, attachment, state, since, source,
                body, epoch, sequence)
            VALUES (\(id), \(site), \(agent.id), \(key), 'folder', 'ready',
                \(people.clock.wall.now()), \(String(key.dropFirst(7))), \(body)::jsonb, 1, 1)
            """
        )
        try await people.database.execute(
            """
            INSERT INTO device_setting (device_id, version, name, room, enabled, change,
                changed_by, changed_at)
            VALUES (\(id), 1, \("Our \(kind.rawValue)"), 'Room 1',
                \(enabled ?? [kind.rawValue])::text[], 'commands', \(try await account),
                \(people.clock.wall.now()))
            """
        )
    }

    func destination(_ kind: Command.Kind) async throws -> SendDestination {
        let all = try await SendDestination.all(at: site, people.database)
        return try #require(all.first { $0.kind == kind })
    }

    /// Issues a command to a new device of the kind.
    func issued(_ kind: Command.Kind = .visionixIndex) async throws -> Identifier {
        if try await !SendDestination.all(at: site, people.database)
            .contains(where: { $0.kind == kind })
        {
            try await device(kind)
        }
        return try await store.issue(
            patient,
            to: try await destination(kind),
            [],
            site: site,
            by: try await account
        )
    }

    /// What the agent pulls of its work behind `position`.
    func work(after position: Int64 = 0, of agent: EnrolledAgent? = nil) async throws -> PullReply {
        let agent = agent ?? self.agent
        return try await changes.page(
            site: site,
            class: ChangeStore.stream(of: "work", for: agent),
            after: position,
            hub: try await people.database.hubInstance(),
            now: people.clock.wall.now()
        )
    }

    func tell(
        _ id: Identifier,
        _ state: CommandFact.State,
        _ code: String? = nil,
        from agent: EnrolledAgent? = nil
    ) async throws {
        let fact = CommandFact(id: id, state: state, code: code, at: people.clock.wall.now())
        try await people.database.withTransaction { connection in
            try await CommandProjection(connection: connection, agent: agent ?? self.agent)
                .store([fact])
        }
    }

    func command(_ id: Identifier) async throws -> DeviceCommand {
        let recent = try await store.recent(site: site, limit: 50)
        return try #require(recent.first { $0.id == id })
    }

    /// Every text of the streams, also of rows that nobody is sent any more.
    func streams() async throws -> String {
        let rows = try await people.database.query("SELECT payload FROM site_change")
        return try rows.compactMap { try $0.decode("payload", as: [UInt8]?.self) }
            .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    }
}
