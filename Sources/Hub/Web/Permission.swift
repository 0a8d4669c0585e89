/// What a route may ask of the person who calls it: every route names exactly one.
package enum Permission: String, CaseIterable, Sendable {
    /// Nobody need be signed in: the sign-in page and the style sheet.
    case everyone
    /// Any person who is signed in: to sign out, to be shown their first page.
    case signedIn
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
    /// To say who is measured at the PC where the browser stands.
    case useStation
    /// To have a device told of a patient, and of what was measured of them.
    case sendToDevices
    /// Who did what, without what it was about.
    case readAudit
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

    /// True where what the route shows or changes is patients' data, or who may have them: each
    /// visit is recorded.
    package var touchesPatients: Bool {
        switch self {
        case .everyone, .signedIn, .readAgents, .readDevices, .manageDevices: false
        default: true
        }
    }
}

/// What a person is at the clinic; it decides their permissions.
package enum Role: String, CaseIterable, Sendable {
    case clinician
    /// Measures: says who is at a PC, registers patients, and sends them to devices.
    case assistant
    /// Keeps the machines well, and sees no patient's data.
    case it
    /// Reads who did what, and nothing else.
    case auditor

    /// What the role allows.
    package var permissions: Set<Permission> {
        switch self {
        case .clinician:
            [
                .everyone, .signedIn, .readReadings, .readDocuments, .readPatients,
                .managePatients, .matchReadings, .useStation, .revealNumbers, .sendToDevices,
                .readAgents,
                .readDevices, .manageDevices, .decideClinicalSettings, .decideDocuments,
            ]
        case .assistant:
            [
                .everyone, .signedIn, .readReadings, .readPatients, .managePatients, .matchReadings,
                .useStation, .sendToDevices, .readDevices,
            ]
        case .auditor: [.everyone, .signedIn, .readAudit]
        case .it: [.everyone, .signedIn, .readAgents, .manageAgents, .readDevices, .manageDevices]
        }
    }

    /// The role in words.
    var title: String {
        switch self {
        case .clinician: "Clinician"
        case .assistant: "Assistant"
        case .it: "IT"
        case .auditor: "Auditor"
        }
    }
}
