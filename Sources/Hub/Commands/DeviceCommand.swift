import Postgres
import Shared
import Sync

/// A command as the Hub keeps it: who sent whom to which device, and what came of it.
struct DeviceCommand: Sendable {
    let id: Identifier
    let agent: Identifier
    /// The device's key at its PC.
    let device: String
    /// What people call it; nil where nobody has named it.
    let deviceName: String?
    let workstation: String
    let patient: Identifier
    let patientName: PersonName
    let patientNumber: String
    /// True where that is the holder of a test card.
    let patientIsTest: Bool
    /// Nil for one that a newer Hub knew.
    let kind: Command.Kind?
    let state: State
    let code: String?
    let issuedBy: String
    let issuedAt: Instant
    let expiresAt: Instant
    let settledAt: Instant?
    let isAnswered: Bool

    /// Where a command stands; it only moves on.
    enum State: String, Sendable {
        /// In the stream of its PC.
        case issued
        /// At its PC.
        case received
        case delivered, failed, expired, refused, superseded, cancelled

        /// True where nothing more is to come, but for the answer of a PC that was away.
        var isSettled: Bool { self != .issued && self != .received }
    }
}

extension DeviceCommand {
    init(_ row: PostgresRow) throws {
        guard let state = State(rawValue: try row.decode("state")) else {
            throw PostgresError.undecodable
        }
        id = try row.decode("id")
        agent = try row.decode("agent_id")
        device = try row.decode("device_key")
        deviceName = try row.decode("device_name")
        workstation = try row.decode("workstation")
        patient = try row.decode("patient_id")
        patientName = PersonName(
            family: try row.decode("family_name"),
            given: try row.decode("given_names")
        )
        patientNumber = try row.decode("number")
        patientIsTest = try row.decode("is_test")
        kind = Command.Kind(rawValue: try row.decode("kind"))
        self.state = state
        code = try row.decode("code")
        issuedBy = try row.decode("issued_by_name")
        issuedAt = try row.decode("issued_at")
        expiresAt = try row.decode("expires_at")
        settledAt = try row.decode("settled_at")
        isAnswered = try row.decode("is_answered")
    }

    /// What `init(_:)` reads.
    static let records: PostgresQuery = """
        SELECT command.id, command.agent_id, command.device_key, command.patient_id, command.kind,
            command.state, command.code, command.issued_at, command.expires_at,
            command.settled_at, command.is_answered, account.name AS issued_by_name,
            agent.workstation, patient.family_name, patient.given_names, patient.number,
            patient_is_test(patient.id) AS is_test,
            (SELECT setting.name FROM device_setting AS setting
             JOIN device ON device.id = setting.device_id
             WHERE device.agent_id = command.agent_id AND device.key = command.device_key
             ORDER BY setting.version DESC LIMIT 1) AS device_name
        FROM device_command AS command
        JOIN account ON account.id = command.issued_by
        JOIN agent ON agent.id = command.agent_id
        JOIN patient ON patient.id = command.patient_id
        """
}

extension Command.Kind {
    /// How long a command may wait for its device.
    var lifetime: Duration {
        switch self {
        case .visionixWaitingList, .visionixIndex: .seconds(2 * 3600)
        case .phoropterImport: .seconds(30 * 60)
        }
    }
}
