import Shared
package import Sync

// The control socket's protocol: one line of JSON asks, one line of JSON answers, and the
// connection ends. docs/STORE.md describes it for scripts.

/// What a command asks of the running Agent.
package enum ControlRequest: Equatable, Sendable, Codable {
    case status
    case doctor
    case devices
    /// `names` asks for file names, which hold patients' names: only root gets them.
    case quarantineList(names: Bool)
    /// `id` is the beginning of the document's digest, at least 8 digits.
    case quarantineShow(id: String)
    case quarantineRelease(id: String)
    /// The code with which a browser on this PC says where it stands.
    case workstation

    private enum CodingKeys: String, CodingKey {
        case request, names, id
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let word = try container.decode(String.self, forKey: .request)
        switch word {
        case "status": self = .status
        case "doctor": self = .doctor
        case "devices": self = .devices
        case "quarantine-list":
            self = .quarantineList(
                names: try container.decodeIfPresent(Bool.self, forKey: .names) ?? false
            )
        case "quarantine-show":
            self = .quarantineShow(id: try container.decode(String.self, forKey: .id))
        case "quarantine-release":
            self = .quarantineRelease(id: try container.decode(String.self, forKey: .id))
        case "workstation": self = .workstation
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .request,
                in: container,
                debugDescription: "an unknown request"
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .status: try container.encode("status", forKey: .request)
        case .doctor: try container.encode("doctor", forKey: .request)
        case .devices: try container.encode("devices", forKey: .request)
        case .quarantineList(let names):
            try container.encode("quarantine-list", forKey: .request)
            try container.encode(names, forKey: .names)
        case .quarantineShow(let id):
            try container.encode("quarantine-show", forKey: .request)
            try container.encode(id, forKey: .id)
        case .quarantineRelease(let id):
            try container.encode("quarantine-release", forKey: .request)
            try container.encode(id, forKey: .id)
        case .workstation: try container.encode("workstation", forKey: .request)
        }
    }
}

/// What the Agent answers; the field that is set belongs to the request.
package struct ControlReply: Equatable, Sendable, Codable {
    package var status: StatusReport?
    package var doctor: DoctorReport?
    package var devices: DevicesReport?
    package var quarantine: [QuarantineEntry]?
    package var document: QuarantineDetail?
    package var released: ReleaseResult?
    package var workstation: WorkstationReply?
    package var error: ControlError?

    package init(
        status: StatusReport? = nil,
        doctor: DoctorReport? = nil,
        devices: DevicesReport? = nil,
        quarantine: [QuarantineEntry]? = nil,
        document: QuarantineDetail? = nil,
        released: ReleaseResult? = nil,
        workstation: WorkstationReply? = nil,
        error: ControlError? = nil
    ) {
        self.status = status
        self.doctor = doctor
        self.devices = devices
        self.quarantine = quarantine
        self.document = document
        self.released = released
        self.workstation = workstation
        self.error = error
    }
}

/// Why a request gets no other answer.
package struct ControlError: Error, Equatable, Sendable, Codable, CustomStringConvertible {
    package var code: Code
    /// A sentence for the person at the terminal.
    package var detail: String

    /// The failures of the control socket.
    package enum Code: String, Sendable, Codable {
        /// Not a request that this version knows.
        case badRequest
        /// Longer than a request may be.
        case tooLong
        /// The peer is neither root, nor the service's user, nor in its group.
        case forbidden
        /// No document in quarantine has this identifier, or several have.
        case notFound
        /// The Agent does not run, or does not answer in time.
        case unavailable
        /// The request failed inside.
        case failed
    }

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { detail }
}

/// The caps of the control socket.
package enum ControlLimits {
    /// One request line.
    package static let requestBytes = 4096
    /// One reply line.
    package static let replyBytes = 4 * 1024 * 1024
    /// Connections that are served at once; more wait in the socket's queue.
    package static let connections = 8
    /// How long a peer may take to send its request, and a request to be answered.
    package static let requestTime = Duration.seconds(5)
    package static let replyTime = Duration.seconds(120)
    /// Documents in one list of the quarantine.
    package static let listedDocuments = 500
    /// Bytes of a document that are shown.
    package static let previewBytes = 2048
}
