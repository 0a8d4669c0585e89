import Shared

/// A patient's record as it is typed: kept as typed until it is right.
struct PatientForm: Sendable, Equatable {
    var family = ""
    var given = ""
    var born = ""
    var sex = Sex.unknown
    /// True where somebody compared the record with an identity document.
    var isVerified = false

    /// A field, and a sentence that says what to do.
    struct Fault: Sendable, Equatable {
        let field: Field
        let sentence: String
    }
    enum Field: String, Sendable { case family, given, born }

    init() {}

    init(_ fields: Fields) {
        family = fields["family"] ?? ""
        given = fields["given"] ?? ""
        born = fields["born"] ?? ""
        sex = fields["sex"].flatMap { Sex(rawValue: $0) } ?? .unknown
        isVerified = fields["verified"] != nil
    }

    init(_ patient: Patient) {
        family = patient.name.family
        given = patient.name.given
        born = patient.birthDate.map(Self.typed) ?? ""
        sex = patient.sex
        isVerified = patient.state == .verified
    }

    /// What a device says of somebody, to begin with: names as devices write them, in capitals.
    init(_ patient: DevicePatient) {
        family = patient.familyName ?? ""
        given = patient.givenName ?? ""
        born = patient.birthDate.map { Self.typed(PartialDate($0)) } ?? ""
    }

    /// The name, right or not.
    var name: PersonName { PersonName(family: family.trimmed, given: given.trimmed) }

    /// The birth date where one date is meant.
    var birthDate: PartialDate? {
        let dates = BirthDateText.dates(born)
        return dates.count == 1 ? dates[0] : nil
    }

    /// The record, or what to put right.
    func draft(
        _ old: Patient? = nil,
        today: CalendarDate
    ) -> Result<PatientDraft, Fault> {
        let date = birthDate
        guard date != nil || born.trimmed.isEmpty else {
            return .failure(Fault(field: .born, sentence: Self.dateAdvice))
        }
        let state: Patient.State =
            old?.state == .archived ? .archived : isVerified ? .verified : .provisional
        do {
            return .success(
                try PatientDraft(
                    family: family,
                    given: given,
                    birthDate: date,
                    sex: sex,
                    state: state,
                    source: .manual,
                    today: today
                )
            )
        } catch {
            return .failure(fault(error))
        }
    }

    private static let dateAdvice =
        "Write day, month and year, such as 14/3/1985; or only 3/1985 or 1985 where no more is known."

    private func fault(_ fault: PatientFault) -> Fault {
        switch fault {
        case .familyNameMissing:
            Fault(field: .family, sentence: "Write the family name; it may be the only name.")
        case .nameTooLong:
            Fault(
                field: family.trimmed.unicodeScalars.count > PersonName.maximumLength
                    ? .family : .given,
                sentence: "A name has at most 200 characters."
            )
        case .nameUnreadable:
            Fault(
                field: .family,
                sentence: "A name is made of letters; take out characters that have no shape."
            )
        case .birthDateAhead:
            Fault(field: .born, sentence: "This date lies in the future. Check the year.")
        case .birthDateTooEarly:
            Fault(field: .born, sentence: "Nobody alive was born so early. Check the year.")
        default:
            Fault(field: .family, sentence: "This record cannot be stored as it is.")
        }
    }

    /// As `BirthDateText` reads it back.
    static func typed(_ date: PartialDate) -> String {
        [date.day, date.month, date.year].compactMap { $0.map(String.init) }.joined(separator: "/")
    }
}

extension PatientForm.Fault: Error {}
