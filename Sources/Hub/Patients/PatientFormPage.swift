import Shared

/// The form of a new patient, or of a change.
struct PatientFormPage: Page {
    static let template = "patient-form"

    struct Input: Sendable {
        let value: String
        /// What to put right; nil where it is right.
        let fault: String?
    }
    struct SexChoice: Sendable {
        let value: String
        let name: String
        let isChosen: Bool
    }
    /// The reading that the new patient is registered for.
    struct Purpose: Sendable {
        let reading: String
        let version: String
        let summary: [String]
        let address: String
    }

    let frame: Frame
    let action: String
    let token: String
    /// Nil for a new patient.
    let version: String?
    let number: String?
    let isTest: Bool
    let purpose: Purpose?
    let notice: String?
    let family: Input
    let given: Input
    let born: Input
    let sexes: [SexChoice]
    let isVerified: Bool
    let hasFaults: Bool
    let faults: [String]
    let alike: AlikePart
    /// Where the script asks who is registered already.
    let alikeAddress: String
    let button: String
    let cancel: String

    /// What the controller knows of the form.
    struct Content: Sendable {
        var form: PatientForm
        /// Whose record is changed; nil for a new one.
        var patient: Patient?
        /// The version that the person saw.
        var version: Int?
        var purpose: Purpose?
        var fault: PatientForm.Fault?
        var alike: [LikelyDuplicate] = []
        var notice: String?
    }

    init(
        frame: Frame,
        content: Content,
        token: String,
        siteParameter: String?,
        today: CalendarDate
    ) {
        let form = content.form
        let patient = content.patient
        let fault = content.fault
        func input(_ value: String, _ field: PatientForm.Field) -> Input {
            Input(value: value, fault: fault?.field == field ? fault?.sentence : nil)
        }
        self.frame = frame
        self.token = token
        let page = patient.map { "/patients/\($0.id)" }
        action = Address(page ?? "/patients", ["site": siteParameter]).text
        version = patient.map { String(content.version ?? $0.version) }
        number = patient?.number.description
        isTest = patient?.isTest == true
        purpose = content.purpose
        notice = content.notice
        family = input(form.family, .family)
        given = input(form.given, .given)
        born = input(form.born, .born)
        sexes = [Sex.female, .male, .other, .unknown].map { sex in
            SexChoice(
                value: sex.rawValue,
                name: PatientWords.sex(sex),
                isChosen: sex == form.sex
            )
        }
        isVerified = form.isVerified
        faults = [fault?.sentence].compactMap(\.self)
        hasFaults = !faults.isEmpty
        alike = AlikePart(
            content.alike,
            isNew: patient == nil,
            siteParameter: siteParameter,
            today: today
        )
        alikeAddress = Address("/patients/alike", ["site": siteParameter]).text
        button = patient == nil ? "Register" : "Save"
        cancel =
            content.purpose?.address ?? Address(page ?? "/patients", ["site": siteParameter]).text
    }
}

/// Who is registered already and may be the person in the form: a part of the form, and an answer
/// of its own to the form's script.
struct AlikePart: Page {
    static let template = "patient-alike"

    struct Line: Sendable {
        let name: String
        let number: String
        let born: String
        let age: String?
        let sentence: String
        let address: String
        let isStrong: Bool
        let isTest: Bool
    }

    let lines: [Line]
    let isEmpty: Bool
    let more: String?
    /// The numbers that the person is shown: going on is agreed to for these and no others.
    let shown: String
    /// True where the form offers to go on all the same.
    let isNew: Bool

    static let mostShown = 8

    init(
        _ found: [LikelyDuplicate],
        isNew: Bool,
        siteParameter: String?,
        today: CalendarDate
    ) {
        lines = found.prefix(Self.mostShown).map { found in
            let patient = found.patient
            return Line(
                name: patient.name.listed,
                number: patient.number.description,
                born: PatientText.born(patient.birthDate),
                age: PatientText.age(patient.birthDate, today: today).map { "\($0) years" },
                sentence: found.likeness.sentence,
                address: Address("/patients/\(patient.id)", ["site": siteParameter]).text,
                isStrong: found.likeness <= .sameBirthDateAndSound,
                isTest: patient.isTest
            )
        }
        isEmpty = found.isEmpty
        more = found.count > Self.mostShown ? "\(found.count - Self.mostShown) more" : nil
        shown = Self.agreed(found)
        self.isNew = isNew
    }

    static func agreed(_ found: [LikelyDuplicate]) -> String {
        found.map(\.patient.number.description).joined(separator: " ")
    }

    /// Whether everybody whom one would be warned of now was shown already.
    static func isAgreed(_ agreed: String?, _ found: [LikelyDuplicate]) -> Bool {
        let shown = Set((agreed ?? "").split(separator: " ").map(String.init))
        return found.allSatisfy { shown.contains($0.patient.number.description) }
    }
}

/// A patient's record in words.
enum PatientWords {
    static func sex(_ sex: Sex) -> String {
        switch sex {
        case .female: "Female"
        case .male: "Male"
        case .other: "Other (X)"
        case .unknown: "Not known"
        }
    }

    static func state(_ state: Patient.State) -> (word: String, level: String) {
        switch state {
        case .provisional: ("As somebody said", "plain")
        case .verified: ("Compared with a document", "well")
        case .archived: ("Archived", "attention")
        }
    }

    static func source(_ source: Patient.Source) -> String {
        switch source {
        case .manual: "typed"
        case .card: "identity card"
        }
    }
}
