package import Shared

/// Work of the Hub for one device of one PC: a row `command/<id>` of the class `work`.
///
/// The Agent stores it before it acts on it, and acts once.
package struct Command: Equatable, Sendable, Codable {
    /// The beginning of the key on the wire.
    package static let keyPrefix = "command/"

    package var id: Identifier
    /// The device's key at the PC, as `DeviceFact` names it.
    package var device: String
    package var kind: Kind
    package var issuedAt: Instant
    /// The Hub's clock; later it must not be delivered any more.
    package var expiresAt: Instant
    /// Rises with every recovery of the Hub; a command of an older fence is not acted on.
    package var fence: Int64
    package var patient: Patient
    /// What to show to the device beside the patient; empty for `patient`.
    package var refractions: [Refraction]

    /// Takes the parts as they are.
    package init(
        id: Identifier,
        device: String,
        kind: Kind,
        issuedAt: Instant,
        expiresAt: Instant,
        fence: Int64,
        patient: Patient,
        refractions: [Refraction] = []
    ) {
        self.id = id
        self.device = device
        self.kind = kind
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.fence = fence
        self.patient = patient
        self.refractions = refractions
    }

    /// What a device is given.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// A patient for the waiting list of a Visionix VX100 or VX120.
        case visionixWaitingList
        /// A patient for the folder and the index of a Visionix L80.
        case visionixIndex
        /// A patient with earlier refractions for the import folder of a Topcon CV-5000.
        case phoropterImport
    }

    /// Who the device is to measure.
    package struct Patient: Equatable, Sendable, Codable {
        /// The clinic's own number.
        package var number: String
        package var familyName: String
        package var givenName: String
        /// Nil where it is not known to the day.
        package var birthDate: CalendarDate?
        /// `f` or `m`; nil for any other or none.
        package var sex: String?

        /// Takes the parts as they are.
        package init(
            number: String,
            familyName: String,
            givenName: String,
            birthDate: CalendarDate?,
            sex: String?
        ) {
            self.number = number
            self.familyName = familyName
            self.givenName = givenName
            self.birthDate = birthDate
            self.sex = sex
        }
    }

    /// An earlier refraction, for far.
    package struct Refraction: Equatable, Sendable, Codable {
        /// What the phoropter is to call it.
        package var source: Source
        /// When it was measured.
        package var measuredAt: LocalTime?
        package var right: Powers?
        package var left: Powers?
        /// In mm; nil where unknown.
        package var vertexDistance: ExactDecimal?
        /// Binocular, in mm; nil where unknown.
        package var pupillaryDistance: ExactDecimal?

        /// Takes the parts as they are.
        package init(
            source: Source,
            measuredAt: LocalTime?,
            right: Powers?,
            left: Powers?,
            vertexDistance: ExactDecimal? = nil,
            pupillaryDistance: ExactDecimal? = nil
        ) {
            self.source = source
            self.measuredAt = measuredAt
            self.right = right
            self.left = left
            self.vertexDistance = vertexDistance
            self.pupillaryDistance = pupillaryDistance
        }

        /// The data sets that a phoropter imports.
        package enum Source: String, Sendable, Codable, CaseIterable {
            /// `Objective Data`: from an autorefractor.
            case objective
            /// `Current Spectacles`: from a lensmeter.
            case spectacles
            /// `Last Prescription`.
            case lastPrescription
        }

        /// One eye, minus cylinder; what was not measured is nil, never 0.
        package struct Powers: Equatable, Sendable, Codable {
            package var sphere: ExactDecimal
            package var cylinder: ExactDecimal?
            /// 1 to 180; nil where there is no cylinder.
            package var axis: Int?
            package var addition: ExactDecimal?

            /// Takes the parts as they are.
            package init(
                sphere: ExactDecimal,
                cylinder: ExactDecimal?,
                axis: Int?,
                addition: ExactDecimal? = nil
            ) {
                self.sphere = sphere
                self.cylinder = cylinder
                self.axis = axis
                self.addition = addition
            }
        }
    }
}
