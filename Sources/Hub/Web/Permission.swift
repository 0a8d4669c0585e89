/// What a route may ask of the person who calls it: every route names exactly one.
package enum Permission: String, CaseIterable, Sendable {
    /// Nobody need be signed in: the sign-in page and the style sheet.
    case everyone
    /// Whoever has shown the password and nothing else yet: to show or set up the second factor.
    case passwordShown
    /// Any person who is signed in: to sign out, to be shown their first page, their own account.
    case signedIn
    /// To change one's own password and second factors.
    case changeOwnFactors
    /// To invite people, and to say what they may do.
    case manageAccounts
    /// Patients' readings, live and one by one.
    case readReadings
    /// What devices wrote, byte for byte.
    case readDocuments
    /// Who the patients of the person's sites are.
    case readPatients
    /// To register patients and change their records.
    case managePatients
    /// To say whose a reading is.
    case matchReadings
    /// To see a patient's national register number in full; each look is recorded.
    case revealNumbers
    /// To take out a patient's whole record, for the patient.
    case exportRecords
    /// To restrict a patient's record, or hold it for a claim, and to end that.
    case holdRecords
    /// To end records whose term is over.
    case disposeRecords
    /// To say who is measured at the PC where the browser stands.
    case useStation
    /// To have a device told of a patient, and of what was measured of them.
    case sendToDevices
    /// Who did what, without what it was about.
    case readAudit
    /// To look beyond one's own sites in an emergency.
    case openEmergency
    /// To say whether an emergency access was needed.
    case reviewEmergencies
    /// A program with a token: to be told what it may read.
    case program
    /// To let programs read here, and to end them.
    case managePrograms
    /// To say that a program may see patients' data.
    case approvePrograms
    /// The state of the site's Agents.
    case readAgents
    /// Which PCs may send, and what becomes of copies of them.
    case manageAgents
    /// The state of the site's devices.
    case readDevices
    /// Names and rooms of devices, and the rules by which PCs serve adapters.
    case manageDevices
    /// What a device's numbers mean, and what may be sent there.
    case decideClinicalSettings
    /// What becomes of documents and operations in quarantine.
    case decideDocuments

    /// True where what the route shows or changes is patients' data, or who may see it: each visit
    /// is recorded.
    package var isAudited: Bool {
        switch self {
        case .everyone, .passwordShown, .signedIn, .program, .readAgents, .readDevices,
            .manageDevices:
            false
        default: true
        }
    }

    /// True where the second factor has to have been shown within the last minutes: for what would
    /// do most harm in the hands of whoever finds a browser open.
    package var needsFreshFactor: Bool {
        switch self {
        case .revealNumbers, .exportRecords, .changeOwnFactors, .manageAccounts, .manageAgents,
            .managePrograms, .approvePrograms, .holdRecords, .disposeRecords, .openEmergency:
            true
        default: false
        }
    }
}

/// What a person is at the clinic; it decides their permissions.
package enum Role: String, CaseIterable, Sendable {
    /// Invites people and says what they may do; sees no patient's data.
    case administrator
    /// Sees and decides everything about patients; with an NIHDI number, a prescriber.
    case clinician
    /// Measures and examines: an optometrist or orthoptist.
    case optometrist
    /// Measures: says who is at a PC, registers patients, and sends them to devices.
    case assistant
    /// Makes what was ordered of their lab. There are no orders yet, so there is nothing to see.
    case lab
    /// Keeps the machines well, and sees no patient's data.
    case it
    /// Reads who did what, and nothing else.
    case auditor

    /// What the role allows.
    package var permissions: Set<Permission> {
        Self.everybody.union(own)
    }

    /// What any account may do.
    private static let everybody: Set<Permission> = [.everyone, .signedIn, .changeOwnFactors]

    private var own: Set<Permission> {
        switch self {
        case .administrator: [.manageAccounts, .managePrograms, .readAgents, .readDevices]
        case .clinician:
            [
                .readReadings, .readDocuments, .readPatients,
                .managePatients, .matchReadings, .useStation, .revealNumbers, .exportRecords,
                .sendToDevices,
                .readAgents,
                .readDevices, .manageDevices, .decideClinicalSettings, .decideDocuments,
                .approvePrograms, .holdRecords, .disposeRecords, .openEmergency,
            ]
        case .optometrist:
            [
                .readReadings, .readDocuments, .readPatients, .managePatients, .matchReadings,
                .useStation, .sendToDevices, .readAgents, .readDevices,
            ]
        case .assistant:
            [
                .readReadings, .readPatients, .managePatients, .matchReadings, .useStation,
                .sendToDevices, .readDevices,
            ]
        case .lab: []
        case .auditor: [.readAudit, .reviewEmergencies]
        case .it: [.readAgents, .manageAgents, .readDevices, .manageDevices]
        }
    }

    /// The role in words.
    var title: String {
        switch self {
        case .administrator: "Administrator"
        case .clinician: "Clinician"
        case .optometrist: "Optometrist or orthoptist"
        case .assistant: "Assistant"
        case .lab: "Lab technician"
        case .it: "IT"
        case .auditor: "Auditor"
        }
    }
}
